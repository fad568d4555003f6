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
  /// One L2Service, in which the pod puts tags of its own (IEEE 802.1ad): the network adds the service's tag in front.
  case qinq

  /// Whether the pod's frames bear no tag of Netloom's making, so that addresses of the service's subnets fit.
  public var isUntagged: Bool { self == .access }
  /// Whether it carries one L2Service and no more.
  public var takesOneService: Bool { self == .access || self == .qinq }
}

/// The CNI plugin that makes the pod's interface.
public enum Implementation: String, Codable, Sendable, Hashable, CaseIterable {
  /// Netloom's own plugin on an Open vSwitch bridge.
  case netloom
  /// Netloom's own plugin on the switches of OVN.
  case ovn
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
    case .netloom, .ovn, .ovs, .macvlan, .ipvlan, .bridge: [.kernel]
    case .hostDevice, .sriov: [.kernel, .dpdk]
    case .userspace: [.dpdk]
    }
  }

  /// The ways in which the plugin can hand VLANs to a pod.
  public var vlanTypes: [VLANType] {
    switch self {
    case .netloom: [.access, .trunk, .selectiveTrunk, .qinq]
    case .ovs: [.access, .trunk, .selectiveTrunk]
    case .ovn, .macvlan, .ipvlan, .bridge: [.access]
    // userspace-cni gives its port on Open vSwitch no VLAN: the pod sees all that the bridge carries.
    case .hostDevice, .userspace: [.trunk]
    case .sriov: [.access, .trunk, .qinq]
    }
  }

  /// The directions in which the plugin can hold a pod to a rate.
  public var limits: Set<L2ServiceAttachment.Bandwidth.Direction> {
    switch self {
    case .netloom, .ovn, .bridge: [.ingress, .egress]
    case .sriov: [.egress]
    case .ovs, .macvlan, .ipvlan, .hostDevice, .userspace: []
    }
  }

  /// Whether the plugin can be told to keep a pod to its own addresses, or not to.
  public var hasPortSecurity: Bool {
    switch self {
    case .netloom, .ovn, .bridge, .sriov: true
    case .ovs, .macvlan, .ipvlan, .hostDevice, .userspace: false
    }
  }

  /// Whether the plugin can be told the MAC address.
  public var takesMACAddress: Bool {
    switch self {
    case .netloom, .ovn, .macvlan, .bridge, .sriov: true
    case .ovs, .ipvlan, .hostDevice, .userspace: false
    }
  }

  /// Whether the plugin can be told the MTU. The others give the pod that of the device.
  public var setsMTU: Bool {
    switch self {
    case .netloom, .ovn, .ovs, .macvlan, .ipvlan, .bridge: true
    case .hostDevice, .sriov, .userspace: false
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
