/// The nodes that a gateway can be on (ovn-nb(5), HA_Chassis_Group).
public struct HAChassisGroup: NorthboundRow, Sendable, Hashable {
  /// Its name, unique in the whole database.
  public var name: String

  /// A group of a name.
  public init(name: String) { self.name = name }

  /// The group of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.haChassisGroup, name) }

  /// The row, defined.
  public var fragment: RowFragment { RowFragment(Self.key(name), columns: ["name": .one(name)]) }
}

/// A node in a group (ovn-nb(5), HA_Chassis).
public struct HAChassis: NorthboundRow, Sendable, Hashable {
  /// The name of the group.
  public var group: String
  /// The chassis: the node's `system-id`.
  public var chassis: String
  /// 0 to 32767; the living chassis with the highest one is active.
  public var priority: Int

  /// A node in a group.
  public init(group: String, chassis: String, priority: Int) {
    self.group = group
    self.chassis = chassis
    self.priority = priority
  }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      NorthboundKey(.haChassis, "\(group) \(chassis)"), in: [.init(HAChassisGroup.key(group), "ha_chassis")],
      columns: ["chassis_name": .one(chassis), "priority": .one(priority)])
  }
}
