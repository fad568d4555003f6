import Glibc
import NIOPosix
import Netlink
import NetworkTypes

/// Makes, checks and removes pods' interfaces in the node's kernel. The calls block, some of them for a kernel grace
/// period: they run on threads of their own.
struct HostKernel: Sendable {
  /// The node's network namespace; nil: the process's own.
  let host: NetworkNamespace?
  private let threads: NIOThreadPool

  init(host: NetworkNamespace?, threads: NIOThreadPool) {
    self.host = host
    self.threads = threads
  }

  /// Makes the pair: `hostEnd` here, up, for the switch alone; the other end in the pod's namespace, not yet configured.
  func create(_ interface: PodInterface, hostEnd: String, in pod: NetworkNamespace) async throws {
    try await threads.runIfActive {
      let mtu = interface.mtu.map { UInt32($0) }
      let socket = try NetlinkSocket(in: host)
      try socket.perform(
        .createVeth(
          VethEnd(hostEnd, mtu: mtu),
          peer: VethEnd(interface.name, in: pod, macAddress: interface.macAddress, mtu: mtu)))
      // The pod must not find the node's own addresses behind its interface.
      do {
        try socket.perform([.reserveForSwitch(.name(hostEnd)), .setUp(.name(hostEnd))])
      } catch let error as NetlinkError where error.errno == EAFNOSUPPORT {
        // No IPv6 here: then there is none to be kept off.
      }
    }
  }

  /// Brings the pod's end up with its addresses and routes; returns its hardware address.
  func configure(_ interface: PodInterface, in pod: NetworkNamespace) async throws -> MACAddress? {
    try await threads.runIfActive {
      let socket = try NetlinkSocket(in: pod)
      let link = try socket.link(.name(interface.name))
      if interface.needsCompleteChecksums {
        try Ethtool(in: pod).setTransmitChecksumOffload(false, on: interface.name)
      }
      try socket.perform(
        [.setUp(.index(link.index))]
          + interface.addresses.map { .addAddress($0, to: link.index) }
          + interface.routes.map { .addRoute(Route(to: $0.destination, via: $0.nextHop, linkIndex: link.index)) })
      return link.macAddress
    }
  }

  /// Whether there is a link of that name on the host.
  func exists(_ hostEnd: String) async throws -> Bool {
    try await threads.runIfActive { try NetlinkSocket(in: host).findLink(.name(hostEnd)) != nil }
  }

  /// Removes pairs by their host ends; those that are gone are no error.
  func remove(_ hostEnds: [String]) async throws {
    guard !hostEnds.isEmpty else { return }
    try await threads.runIfActive { try NetlinkSocket(in: host).deleteLinks(hostEnds.map { .name($0) }) }
  }

  /// What about the interface is not as wanted, in words.
  func differences(
    from wanted: PodInterface, hostEnd: String, in pod: NetworkNamespace
  ) async throws -> [String] {
    try await threads.runIfActive {
      let socket = try NetlinkSocket(in: pod)
      guard let link = try socket.findLink(.name(wanted.name)) else { return ["there is no interface \(wanted.name)"] }
      var differences: [String] = []
      if let mac = wanted.macAddress, link.macAddress != mac {
        differences.append("\(wanted.name) has MAC address \(link.macAddress?.description ?? "none"), not \(mac)")
      }
      if let mtu = wanted.mtu, Int(link.mtu) != mtu {
        differences.append("\(wanted.name) has MTU \(link.mtu), not \(mtu)")
      }
      if !link.isUp { differences.append("\(wanted.name) is down") }
      let addresses = Set(try socket.addresses(of: link.index).map(\.address))
      differences += wanted.addresses.filter { !addresses.contains($0) }.map { "\(wanted.name) lacks address \($0)" }
      let routes = try socket.routes().filter { $0.linkIndex == link.index }
      for route in wanted.routes {
        let isThere = routes.contains { $0.destination == route.destination && $0.gateway == route.nextHop }
        if !isThere { differences.append("there is no route to \(route.destination) on \(wanted.name)") }
      }
      let hostLink = try NetlinkSocket(in: host).findLink(.name(hostEnd))
      if hostLink?.isUp != true {
        differences.append("the host's end \(hostEnd) is \(hostLink == nil ? "gone" : "down")")
      }
      return differences
    }
  }
}
