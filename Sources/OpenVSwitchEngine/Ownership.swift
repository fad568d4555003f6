import OVSDB

/// The marks in `external_ids` that tell what is ours.
enum Ownership {
  /// Whose a bridge or port is; the value is the engine's owner, matched exactly.
  static let owner = "netloom-owner"
  /// What a port of ours is for.
  static let role = "netloom-role"
  /// The VLANs that a pod's port has to have: `PortVLANs.description`. With it a change by others is put back.
  static let vlans = "netloom-vlans"

  /// What a port of ours is for. Ports of pods come and go by `addPodPort` and `removePodPorts` alone; the others are
  /// made and removed with the desired state.
  enum Role: String, Sendable, Hashable {
    case bridge, uplink, patch, port, pod
  }

  static func marks(_ owner: String, _ role: Role) -> [String: String] {
    [Self.owner: owner, Self.role: role.rawValue]
  }

  static func marks(_ owner: String, podPort vlans: PortVLANs) -> [String: String] {
    [Self.owner: owner, Self.role: Role.pod.rawValue, Self.vlans: vlans.description]
  }
}
