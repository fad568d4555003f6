import Glibc
import NIOPosix
import Netlink
import NetworkTypes
import Synchronization

/// Makes, checks and removes pods' interfaces in the node's kernel, several with one message. The calls block, some of them
/// for a kernel grace period: they run on threads of their own.
final class HostKernel: Sendable {
  /// The node's network namespace; nil: the process's own.
  let host: NetworkNamespace?
  let threads: NIOThreadPool
  /// Open sockets in the host's namespace that nobody uses now: not more than there are threads.
  private let idle = Mutex<[NetlinkSocket]>([])

  init(host: NetworkNamespace?, threads: NIOThreadPool) {
    self.host = host
    self.threads = threads
  }

  /// Makes the pairs: the hosts' ends here, up, for the switch alone; the others in the pods' namespaces, not yet configured.
  /// What became of each, nil for success; one that could not be completed is gone again.
  func create(_ links: [PodLink]) async throws -> [NetlinkError?] {
    try await threads.runIfActive { [self] in
      try onHost { socket in
        var outcomes = try socket.attempt(
          links.map { link in
            let mtu = link.interface.mtu.map { UInt32($0) }
            return .createVeth(
              VethEnd(link.hostEnd.name, mtu: mtu),
              peer: VethEnd(
                link.interface.name, in: link.sandbox, macAddress: link.interface.macAddress, mtu: mtu))
          })
        // Not with the message that makes them: a name that is taken is not ours to change.
        let made = links.indices.filter { outcomes[$0] == nil }
        let settings = try socket.attempt(
          made.map { links[$0].hostEnd }.flatMap { end -> [NetlinkRequest] in
            let link = LinkReference.name(end.name)
            // The pod must not find the node's own addresses behind its interface.
            return [.setAlias(end.alias, of: link), .reserveForSwitch(link), .setUp(link)]
          })
        for (position, index) in made.enumerated() {
          // Without IPv6 there is none to be kept off.
          outcomes[index] =
            settings[3 * position..<3 * position + 3].compactMap(\.self).first { $0.errno != EAFNOSUPPORT }
        }
        try socket.deleteLinks(made.filter { outcomes[$0] != nil }.map { .name(links[$0].hostEnd.name) })
        return outcomes
      }
    }
  }

  /// Brings the pods' ends up with their addresses and routes. A default route is left out where the pod has one already:
  /// who asked for it first keeps it.
  func configure(_ links: [PodLink]) async throws {
    try await threads.runIfActive {
      for links in Dictionary(grouping: links, by: \.sandbox.path).values {
        let sandbox = links[0].sandbox
        let socket = try NetlinkSocket(in: sandbox)
        if links.contains(where: \.interface.needsCompleteChecksums) {
          let ethtool = try Ethtool(in: sandbox)
          for link in links { try ethtool.setTransmitChecksumOffload(false, on: link.interface.name) }
        }
        // An operator that gives addresses gives the routes too: a router's default would compete with the pod's own.
        try sandbox.ignoreRouterAdvertisements(
          on: links.map(\.interface).filter { !$0.addresses.isEmpty }.map(\.name))
        var defaults: Set<IPFamily> = []
        if links.contains(where: { $0.interface.routes.contains { $0.destination.prefixLength == 0 } }) {
          defaults = Set(try socket.routes().filter { $0.destination.prefixLength == 0 }.map(\.destination.family))
        }
        var requests: [NetlinkRequest] = []
        for interface in links.map(\.interface) {
          let index = try socket.link(.name(interface.name)).index
          requests.append(.setUp(.index(index)))
          requests += interface.addresses.map { .addAddress($0, to: index) }
          for route in interface.routes {
            let isDefault = route.destination.prefixLength == 0
            if isDefault, !defaults.insert(route.destination.family).inserted { continue }
            requests.append(.addRoute(Route(route, on: index)))
          }
        }
        try socket.perform(requests)
      }
    }
  }

  /// Brings host ends up.
  func raise(_ hostEnds: [HostEnd]) async throws {
    guard !hostEnds.isEmpty else { return }
    try await threads.runIfActive { [self] in
      try onHost { try $0.perform(hostEnds.map { .setUp(.name($0.name)) }) }
    }
  }

  /// The link of that name on the host; nil when there is none.
  func hostLink(_ name: String) async throws -> Link? {
    try await threads.runIfActive { [self] in try onHost { try $0.findLink(.name(name)) } }
  }

  /// All links of the host that have an alias, by name.
  func aliases() async throws -> [String: String] {
    try await threads.runIfActive { [self] in
      let links = try onHost { try $0.links() }
      return Dictionary(uniqueKeysWithValues: links.compactMap { link in link.alias.map { (link.name, $0) } })
    }
  }

  /// Removes pairs by their host ends; those that are gone are no error, those that bear another's alias stay.
  func remove(_ hostEnds: [HostEnd]) async throws {
    guard !hostEnds.isEmpty else { return }
    try await threads.runIfActive { [self] in
      try onHost { socket in
        let ours = try hostEnds.filter { end in
          guard let link = try socket.findLink(.name(end.name)) else { return false }
          return link.alias == nil || link.alias == end.alias
        }
        try socket.deleteLinks(ours.map { .name($0.name) })
      }
    }
  }

  /// What about the interface is not as wanted, in words.
  func differences(
    from wanted: PodInterface, hostEnd: String, in pod: NetworkNamespace
  ) async throws -> [String] {
    try await threads.runIfActive { [self] in
      guard let found = try PodInterfaceState(wanted.name, in: pod) else {
        return ["there is no interface \(wanted.name)"]
      }
      let link = try onHost { try $0.findLink(.name(hostEnd)) }
      let hostDifferences = link?.isUp == true ? [] : ["the host's end \(hostEnd) is \(link == nil ? "gone" : "down")"]
      return wanted.differences(from: found) + hostDifferences
    }
  }

  private func onHost<Success>(_ body: (NetlinkSocket) throws -> Success) throws -> Success {
    let socket = try idle.withLock { $0.popLast() } ?? NetlinkSocket(in: host)
    defer { idle.withLock { $0.append(socket) } }
    return try body(socket)
  }
}
