/// What a drawing of a data centre shows, apart from how it is drawn: machines in rows, cables with what they carry.
public struct TopologyPicture: Sendable, Hashable {
  /// What a box stands for; the order is the order of the rows, top to bottom.
  public enum Kind: Int, Sendable, Hashable, CaseIterable {
    case gateway, leaf, host, pod
  }

  /// A machine or a pod.
  public struct Box: Sendable, Hashable {
    public var name: String
    public var kind: Kind
    /// Short lines under the name.
    public var details: [String]

    public init(_ name: String, _ kind: Kind, details: [String] = []) {
      self.name = name
      self.kind = kind
      self.details = details
    }
  }

  /// A cable between two boxes.
  public struct Line: Sendable, Hashable {
    public var from: String
    public var to: String
    /// Name of the cable's end at `to`, and what it carries.
    public var label: String

    public init(from: String, to: String, label: String) {
      self.from = from
      self.to = to
      self.label = label
    }
  }

  public var title: String
  public var boxes: [Box]
  public var lines: [Line]

  public init(title: String, boxes: [Box] = [], lines: [Line] = []) {
    self.title = title
    self.boxes = boxes
    self.lines = lines
  }

  /// The machines and cables of a lab, with what each port carries.
  /// - Parameter carried: text for a cable's end, for example the VLANs that a switch's port carries.
  public init(title: String, topology: LabTopology, carried: (LabTopology.Socket) -> String?) {
    self.init(title: title)
    boxes += topology.gateways.map { gateway in
      Box(gateway.name, .gateway, details: gateway.networks.map { "VLAN \($0.vlan): \($0.addresses[0])" })
    }
    boxes += topology.switches.map { Box($0.name, .leaf) }
    boxes += topology.hosts.map { Box($0.name, .host) }
    lines = topology.cables.map { cable in
      let (from, to) =
        topology.switches.contains { $0.name == cable.b.machine } ? (cable.a, cable.b) : (cable.b, cable.a)
      let text = carried(to).map { " \($0)" } ?? ""
      return Line(from: from.machine, to: to.machine, label: "\(to.interface)\(text)")
    }
  }

  /// The boxes of one row.
  func row(_ kind: Kind) -> [Box] { boxes.filter { $0.kind == kind } }
}

extension Sequence where Element: BinaryInteger {
  /// Numbers as people write them: `10-14,20`; `-` for none.
  public var rangeText: String {
    var parts: [(first: Element, last: Element)] = []
    for number in Set(self).sorted() {
      if let last = parts.last?.last, number == last + 1 {
        parts[parts.count - 1].last = number
      } else {
        parts.append((number, number))
      }
    }
    guard !parts.isEmpty else { return "-" }
    return parts.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }.joined(separator: ",")
  }
}
