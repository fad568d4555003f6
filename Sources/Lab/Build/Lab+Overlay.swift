import Files
import Netlink
import NetworkTypes

/// OVN in a lab. The underlay is a kernel bridge on the machine of the central part; each host has a bridge of its Open
/// vSwitch in it, for Open vSwitch sends the packets of tunnels itself and finds their way by its own bridges (ovs-vswitchd
/// in user space). Whose chassis the hosts are, the node agent says.
extension Lab {
  /// The bridge of the underlay, on each host and on the machine of the central part.
  static let underlay = "underlay"

  /// OVN's central part; nil when the lab has no overlay.
  public var central: OVNCentral? { topology.central(in: directory) }

  /// Ends a host's ovn-controller the hard way.
  public func killOVNController(of host: String) {
    OwnedProcesses.stop(pidFilesIn: directory.ovn(of: host), mark: "\(directory.path)/")
  }

  /// Starts a host's ovn-controller, also one that was killed.
  public func startOVNController(of host: String) async throws {
    let daemons = LabDaemons(
      machine: host, namespace: directory.namespace(of: host), folder: directory.ovn(of: host),
      openVSwitch: directory.openVSwitch(of: host))
    try Files.makeFolder(daemons.folder)
    try await daemons.start("ovn-controller", hasControl: false, [directory.databaseEndpoint(of: host)])
  }

  /// Makes the underlay and a cable from it to each host.
  func lay(_ overlay: LabTopology.Overlay, below hosts: [String: NetworkNamespace]) throws {
    let mtu = UInt32(overlay.mtu)
    let central = try NetworkNamespace.create(at: directory.namespace(of: LabTopology.central))
    let netlink = try NetlinkSocket(in: central)
    try netlink.perform(.createBridge(Self.underlay, mtu: mtu, isUp: true))
    let bridge = try netlink.link(.name(Self.underlay)).index
    let address = try InterfaceAddress(
      address: overlay.underlay.hostRange.last, prefixLength: overlay.underlay.prefixLength)
    try netlink.perform(.addAddress(address, to: bridge))
    for (number, host) in topology.hosts.enumerated() {
      guard let namespace = hosts[host.name] else { continue }
      let port = "host\(number + 1)"
      try netlink.perform(
        .createVeth(VethEnd(port, mtu: mtu), peer: VethEnd("\(Self.underlay)0", in: namespace, mtu: mtu)))
      try netlink.perform([.setMaster(bridge, of: .name(port)), .setUp(.name(port))])
      try NetlinkSocket(in: namespace).perform(.setUp(.name("\(Self.underlay)0")))
      try Ethtool(in: central).setTransmitChecksumOffload(false, on: port)
      try Ethtool(in: namespace).setTransmitChecksumOffload(false, on: "\(Self.underlay)0")
    }
  }

  /// Puts a host into the underlay and starts its ovn-controller.
  func joinOverlay(_ host: String, in namespace: NetworkNamespace) async throws {
    let endpoint = directory.databaseEndpoint(of: host)
    try await SwitchSetup(bridge: Self.underlay, ports: [.init(name: "\(Self.underlay)0")])
      .apply(to: endpoint, of: host, logger: logger)
    let netlink = try NetlinkSocket(in: namespace)
    let link = try netlink.link(.name(Self.underlay)).index
    try netlink.perform([.setUp(.index(link))])
    if let address = topology.underlayAddress(of: host) { try netlink.perform(.addAddress(address, to: link)) }
    try Ethtool(in: namespace).setTransmitChecksumOffload(false, on: Self.underlay)
    try await startOVNController(of: host)
  }
}

extension LabTopology {
  /// OVN's central part in a lab of that folder; nil without an overlay.
  func central(in directory: LabDirectory) -> OVNCentral? {
    overlay.map { overlay in
      OVNCentral(
        members: overlay.members, address: overlay.underlay.hostRange.last,
        daemons: LabDaemons(
          machine: Self.central, namespace: directory.namespace(of: Self.central),
          folder: directory.ovn(of: Self.central)),
        lab: "\(directory.path)/")
    }
  }
}
