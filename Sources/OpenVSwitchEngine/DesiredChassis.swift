import OVSDB

/// What makes a switch a chassis of OVN: entries of `external_ids` of the whole switch (ovn-controller(8), "Open vSwitch
/// Database Usage").
///
/// Others may have set entries too. Theirs stay, whatever they say; ours are known by two further entries, and are put back
/// when somebody changes them.
public struct DesiredChassis: Sendable, Hashable {
  /// Entries that have to be so, "ovn-remote". Somebody else's of another value is remarked on.
  public var settings: [String: String]
  /// Entries that are made where there is none, "system-id".
  public var defaults: [String: String]
  /// The bridge that leads to a physical network, by the network's name: parts of `ovn-bridge-mappings`.
  public var bridgeMappings: [String: String]

  /// Describes a chassis.
  public init(
    settings: [String: String] = [:], defaults: [String: String] = [:], bridgeMappings: [String: String] = [:]
  ) {
    self.settings = settings
    self.defaults = defaults
    self.bridgeMappings = bridgeMappings
  }

  static let mappingsKey = "ovn-bridge-mappings"
  /// The keys of the entries that are ours, separated by spaces.
  static let ownKeys = "netloom-chassis"
  /// Those of the mappings that are ours, in the form of `ovn-bridge-mappings`.
  static let ownMappings = "netloom-bridge-mappings"
}

/// Entries of `external_ids` that are taken away, with the value that they must have for that, and those that are added.
public struct ChassisChange: Sendable, Hashable, CustomStringConvertible {
  var removed: [String: String] = [:]
  var added: [String: String] = [:]

  var isEmpty: Bool { removed.isEmpty && added.isEmpty }

  /// Gives an entry its value, or takes it away.
  fileprivate mutating func set(_ key: String, _ value: String?, from present: [String: String]) {
    guard present[key] != value else { return }
    removed[key] = present[key]
    added[key] = value
  }

  public var description: String {
    let gone = removed.keys.filter { added[$0] == nil }.sorted().map { "without \($0)" }
    return (added.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + gone).joined(separator: " ")
  }
}

extension DesiredChassis {
  /// What has to be changed of the entries that are there; which networks cannot be mapped; and which settings others have
  /// made otherwise, remarks on OVN's bridge.
  func change(
    from present: [String: String]
  ) -> (change: ChassisChange, problems: [SwitchProblem], remarks: [SwitchProblem]) {
    var change = ChassisChange()
    var problems: [SwitchProblem] = []
    var remarks: [SwitchProblem] = []
    let known = Set((present[Self.ownKeys] ?? "").split(separator: " ").map(String.init))
    var own: Set<String> = []
    for (key, value) in settings.merging(defaults, uniquingKeysWith: { setting, _ in setting }) {
      if let other = present[key], !known.contains(key) {
        if let wanted = settings[key], wanted != other { remarks.append(.taken(key, other, wanted: wanted)) }
        continue
      }
      own.insert(key)
      change.set(key, value, from: present)
    }
    for key in known.subtracting(own) where settings[key] == nil && defaults[key] == nil {
      change.set(key, nil, from: present)
    }
    change.set(Self.ownKeys, own.isEmpty ? nil : own.sorted().joined(separator: " "), from: present)

    let mappings = Mappings(present[Self.mappingsKey])
    let others = mappings.without(Set(Mappings(present[Self.ownMappings]).entries.map(\.network)))
    var ours = Mappings(nil)
    for (network, bridge) in bridgeMappings.sorted(by: { $0.key < $1.key }) {
      if let other = others[network] {
        if other != bridge { problems.append(.mapped(network, to: other, wanted: bridge)) }
      } else {
        ours.entries.append((network, bridge))
      }
    }
    let wanted = others.adding(ours)
    if wanted.text != mappings.text { change.set(Self.mappingsKey, wanted.text, from: present) }
    change.set(Self.ownMappings, ours.text, from: present)
    return (change, problems, remarks.sorted { $0.message < $1.message })
  }

  /// "physnet1:br-eth1,physnet2:br-eth2".
  private struct Mappings {
    var entries: [(network: String, bridge: String)]

    init(_ text: String?) {
      entries = (text ?? "").split(separator: ",").compactMap { entry in
        let parts = entry.split(separator: ":", maxSplits: 1).map { String($0.filter { $0 != " " }) }
        return parts.count == 2 ? (parts[0], parts[1]) : nil
      }
    }

    subscript(network: String) -> String? { entries.first { $0.network == network }?.bridge }

    var text: String? {
      entries.isEmpty ? nil : entries.map { "\($0.network):\($0.bridge)" }.joined(separator: ",")
    }

    func without(_ networks: Set<String>) -> Mappings {
      var result = self
      result.entries.removeAll { networks.contains($0.network) }
      return result
    }

    func adding(_ others: Mappings) -> Mappings {
      var result = self
      result.entries += others.entries
      return result
    }
  }
}

extension ObservedSwitch {
  /// OVN's bridge, which ovn-controller makes and governs.
  public static let integrationBridge = "br-int"

  /// The name of the chassis; nil when there is none yet.
  public var chassisName: String? { externalIDs["system-id"] }
}

extension OpenVSwitchEngine {
  /// The name of the chassis; nil when there is none yet.
  public func chassisName() async throws -> String? {
    try await connected("looking up the chassis", timeout: .seconds(5))
    return try client.replica.rows(OpenVSwitchRow.self).first?.externalIDs["system-id"]
  }
}

extension SwitchProblem {
  fileprivate static func taken(_ key: String, _ value: String, wanted: String) -> SwitchProblem {
    SwitchProblem(
      bridge: ObservedSwitch.integrationBridge,
      message:
        "external_ids:\(key) of Open vSwitch is \"\(value)\", set by somebody else; Netloom wants \"\(wanted)\": "
        + "remove it, or start the agent with what it says")
  }

  fileprivate static func mapped(_ network: String, to other: String, wanted: String) -> SwitchProblem {
    SwitchProblem(
      bridge: wanted,
      message:
        "physical network \(network) leads to bridge \(other) in ovn-bridge-mappings, which somebody else has set; "
        + "remove that, or choose another bridge")
  }
}
