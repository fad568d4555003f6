import NetworkTypes

/// The columns of a port that decide about VLANs (ovs-vswitchd.conf.db(5), table Port).
struct PortSettings: Sendable, Hashable {
  var vlanMode: String?
  var tag: Int?
  var trunks: Set<Int>

  /// The VLAN that stands in `trunks` when there is none to carry: an empty set would mean every VLAN, and 4095 is one
  /// that no network can have (IEEE 802.1Q).
  static let parked = 4095

  /// What `vlan_mode` means when it is not set.
  var effectiveMode: String { vlanMode ?? (tag == nil ? "trunk" : "access") }

  /// Whether the port can carry tagged VLANs beside what it carries now.
  var canTrunk: Bool { effectiveMode != "dot1q-tunnel" }

  /// The settings that carry our VLANs beside what these carry. An empty `trunks`, which means every VLAN, counts as
  /// none: from then on the port carries what it is told to. The VLAN of an access port stays untagged.
  func adding(_ vlans: Set<VLANID>) -> PortSettings {
    var trunks = effectiveMode == "access" ? [] : trunks
    trunks.formUnion(vlans.map { Int($0.rawValue) })
    if trunks.isEmpty { trunks = [Self.parked] }
    switch effectiveMode {
    case "trunk": return PortSettings(vlanMode: "trunk", tag: nil, trunks: trunks)
    case "access": return PortSettings(vlanMode: "native-untagged", tag: tag ?? 0, trunks: trunks)
    default: return PortSettings(vlanMode: vlanMode, tag: tag, trunks: trunks)
    }
  }

  /// Whether the VLAN leaves the port without a tag, so that it cannot be carried as one of ours.
  func isUntagged(_ vlan: VLANID) -> Bool {
    effectiveMode != "trunk" && effectiveMode != "native-tagged" && tag == Int(vlan.rawValue)
  }
}

extension PortSettings: CustomStringConvertible {
  /// "trunk [10, 13]", "access 5", "native-untagged 5 [10]", "trunk all".
  var description: String {
    let list = trunks.isEmpty ? "all" : "[" + trunks.sorted().map(String.init).joined(separator: ", ") + "]"
    let native = tag.map { " \($0)" } ?? ""
    return effectiveMode == "access" ? "access\(native)" : "\(effectiveMode)\(native) \(list)"
  }
}

/// What is remembered on a port that has been taken over: what it was, and what of it is ours.
struct Adoption: Sendable, Hashable {
  var original: PortSettings
  var vlans: Set<VLANID>

  /// What the port has to be.
  var wanted: PortSettings { original.adding(vlans) }

  private static let vlansKey = "netloom-vlans"
  private static let trunksKey = "netloom-original-trunks"
  private static let tagKey = "netloom-original-tag"
  private static let modeKey = "netloom-original-vlan-mode"
  /// The mark of who has taken the port over.
  static let ownerKey = "netloom-owner"
  /// Every mark that is ours.
  static let keys: Set<String> = [ownerKey, vlansKey, trunksKey, tagKey, modeKey]

  init(original: PortSettings, vlans: Set<VLANID>) {
    self.original = original
    self.vlans = vlans
  }

  /// Reads the marks; nil when there are none or they are damaged.
  init?(marks: [String: String]) {
    guard let trunks = marks[Self.trunksKey].flatMap(Self.numbers),
      let vlans = marks[Self.vlansKey].flatMap(Self.numbers)
    else { return nil }
    if let tag = marks[Self.tagKey], Int(tag) == nil { return nil }
    original = PortSettings(vlanMode: marks[Self.modeKey], tag: marks[Self.tagKey].flatMap { Int($0) }, trunks: trunks)
    self.vlans = Set(vlans.compactMap { UInt16(exactly: $0).flatMap(VLANID.init(rawValue:)) })
    guard self.vlans.count == vlans.count else { return nil }
  }

  /// The marks to write.
  func marks(owner: String) -> [String: String] {
    var marks = [
      Self.ownerKey: owner,
      Self.vlansKey: Self.text(vlans.map { Int($0.rawValue) }),
      Self.trunksKey: Self.text(original.trunks),
    ]
    marks[Self.tagKey] = original.tag.map(String.init)
    marks[Self.modeKey] = original.vlanMode
    return marks
  }

  private static func numbers(_ text: String) -> Set<Int>? {
    var numbers: Set<Int> = []
    for part in text.split(separator: ",") {
      guard let number = Int(part) else { return nil }
      numbers.insert(number)
    }
    return numbers
  }

  private static func text(_ numbers: some Sequence<Int>) -> String {
    numbers.sorted().map(String.init).joined(separator: ",")
  }
}
