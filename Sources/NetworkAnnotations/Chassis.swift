import JSON

/// The annotations of nodes that Netloom uses.
public enum NodeAnnotation {
  /// What the node is to OVN: a ``Chassis`` as JSON, written by the node's agent.
  public static let overlay = "netloom.dev/overlay"
}

/// What a node is to OVN: `{"chassis":"worker1","mtu":1442}`.
public struct Chassis: Hashable, Sendable {
  /// The `system-id` of its Open vSwitch: how OVN names it (ovn-controller(8)).
  public var name: String
  /// The largest IP packet in bytes that fits into a tunnel to other nodes.
  public var mtu: Int

  /// A chassis.
  public init(name: String, mtu: Int) {
    self.name = name
    self.mtu = mtu
  }

  /// Reads the annotation; nil when it is not of this form, and then the node is no chassis.
  public init?(annotation text: String) {
    let json: JSONValue
    do { json = try JSONValue(parsing: text) } catch { return nil }
    guard let name = json["chassis"]?.string, !name.isEmpty, let mtu = json["mtu"]?.integer, mtu >= 68 else {
      return nil
    }
    self.init(name: name, mtu: Int(mtu))
  }

  /// The text of the annotation.
  public var annotation: String {
    JSONValue.object(["chassis": .string(name), "mtu": .integer(Int64(mtu))]).description
  }
}
