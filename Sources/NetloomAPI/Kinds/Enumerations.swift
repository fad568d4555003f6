/// What a pod gets to see as its interface.
public enum PodInterfaceType: String, Codable, Sendable, Hashable, CaseIterable {
  /// A network interface of the kernel.
  case kernel
  /// A device or socket for a user-space driver.
  case dpdk
}

/// How the VLANs of an attachment reach the pod.
public enum VLANType: String, Codable, Sendable, Hashable, CaseIterable {
  /// One L2Service, untagged.
  case access
  /// Every VLAN that the listed services, and any other trunk attachment on that ConnectionPoint, carry; tagged.
  case trunk
  /// Exactly the listed services' VLANs, tagged.
  case selectiveTrunk = "selectivetrunk"
}

/// The CNI plugin that makes the pod's interface.
public enum Implementation: String, Codable, Sendable, Hashable, CaseIterable {
  /// Netloom's own plugin on an Open vSwitch bridge.
  case netloom
  /// ovs-cni.
  case ovs
  /// The reference plugin macvlan.
  case macvlan
  /// The reference plugin ipvlan.
  case ipvlan
  /// The reference plugin bridge, on a Linux bridge.
  case bridge
  /// The reference plugin host-device, with a device from a device plugin.
  case hostDevice = "host-device"
  /// sriov-cni, with a virtual function from a device plugin.
  case sriov
  /// userspace-cni, for DPDK applications.
  case userspace

  /// The interface types that the plugin can make, the usual one first.
  public var podInterfaceTypes: [PodInterfaceType] {
    switch self {
    case .netloom, .ovs, .macvlan, .ipvlan, .bridge: [.kernel]
    case .hostDevice, .sriov: [.kernel, .dpdk]
    case .userspace: [.dpdk]
    }
  }

  /// The ways in which the plugin can hand VLANs to a pod.
  public var vlanTypes: [VLANType] {
    switch self {
    case .netloom, .ovs: [.access, .trunk, .selectiveTrunk]
    case .macvlan, .ipvlan, .bridge, .userspace: [.access]
    case .hostDevice: [.trunk]
    case .sriov: [.access, .trunk]
    }
  }
}

/// From where an L2Service may be used.
public enum NamespaceSource: String, Codable, Sendable, Hashable, CaseIterable {
  /// Its own namespace only.
  case same = "Same"
  /// Every namespace.
  case all = "All"
  /// Its own namespace and those whose labels match the selector.
  case selector = "Selector"
}
