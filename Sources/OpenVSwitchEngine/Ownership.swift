import OVSDB

/// The marks in `external_ids` that tell what is ours.
enum Ownership {
  /// Whose a bridge or port is; the value is the engine's owner, matched exactly.
  static let owner = "netloom-owner"
  /// What a port of ours is for.
  static let role = "netloom-role"
  /// The VLANs that a pod's port has to have: `PortVLANs.description`. With it a change by others is put back.
  static let vlans = "netloom-vlans"
  /// How much may pass a pod's port: `PortRate.description`; absent: no limit.
  static let rate = "netloom-rate"
  /// Who the pod behind a port may say it is: `PortSecurity.description`; absent: anybody.
  static let security = "netloom-security"
  /// The marks that a port of ours may have or not.
  static let optional = LogicalPort.keys.union([rate, security])

  /// What a port of ours is for. Ports of pods come and go by `addPodPort` and `removePodPorts` alone; the others are
  /// made and removed with the desired state.
  enum Role: String, Sendable, Hashable {
    case bridge, uplink, patch, port, pod
  }

  static func marks(_ owner: String, _ role: Role) -> [String: String] {
    [Self.owner: owner, Self.role: role.rawValue]
  }

  static func marks(_ owner: String, podPort port: PodPort) -> [String: String] {
    var marks = [Self.owner: owner, Self.role: Role.pod.rawValue, Self.vlans: port.vlans.description]
    marks[rate] = port.rate?.description
    marks[security] = port.security?.description
    return marks.merging(port.logicalPort?.marks ?? [:]) { $1 }
  }
}
