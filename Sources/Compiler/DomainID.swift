/// Names one VLAN of one fabric.
public struct DomainID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The Fabric.
  public var fabric: String
  /// The VLAN.
  public var vlan: Int

  /// A VLAN of a fabric.
  public init(fabric: String, vlan: Int) {
    self.fabric = fabric
    self.vlan = vlan
  }

  /// The name of the BridgeDomain: `dc1-vlan13`.
  public var name: String { "\(fabric)-vlan\(vlan)" }

  /// As ``name``.
  public var description: String { name }

  public static func < (lhs: Self, rhs: Self) -> Bool { (lhs.fabric, lhs.vlan) < (rhs.fabric, rhs.vlan) }
}
