import JSON
import Netlink

/// Ports of the overlay without Netloom: by one transaction on each database at the same time, or by a program a step.
struct RawPorts {
  private let platform: OverlayPlatform
  private let moments: PortMoments
  private let northbound: RawOVSDB
  private let node: RawOVSDB
  private let host: NetworkNamespace
  private let pod: NetworkNamespace

  init(_ platform: OverlayPlatform, _ moments: PortMoments) throws {
    self.platform = platform
    self.moments = moments
    northbound = try RawOVSDB(platform.northbound)
    node = try RawOVSDB(platform.switchDatabase)
    _ = try northbound.answer(to: northbound.send("transact", RawPort.names))
    host = try platform.laboratory.lab.namespace(of: OverlayPlatform.host)
    pod = try platform.laboratory.namespace("raw", on: OverlayPlatform.host).handle
  }

  /// The rows as Netloom writes them, both at once.
  func write(_ number: Int) async throws -> PortTimes {
    let port = RawPort(number: number)
    return try await withDevice(port) {
      let start = ContinuousClock.now
      let declaration = try northbound.send("transact", port.declaration)
      let plug = try node.send("transact", port.plug(version: port.version))
      _ = try node.answer(to: plug)
      _ = try northbound.answer(to: declaration)
      let times = try await moments.times(of: port.name, since: start)
      try platform.northboundCommand(["lsp-del", port.name])
      return times
    }
  }

  /// The steps of OVN4NFV, one after the other: its operator's, then its CNI server's.
  func command(_ number: Int) async throws -> PortTimes {
    let port = RawPort(number: 1000 + number)
    return try await withDevice(port) {
      let start = ContinuousClock.now
      for words in port.northboundCommands { try platform.northboundCommand(words) }
      try platform.switchCommand(port.switchCommand)
      let times = try await moments.times(of: port.name, since: start)
      try platform.northboundCommand(["lsp-del", port.name])
      return times
    }
  }

  /// A pod of Netloom, whose interface is there as soon as the pod is seen; its port is Netloom's.
  func pod(_ number: Int) async throws -> PortTimes {
    let port = RawPort(number: 2000 + number, pod: "pod-\(number)")
    let platform = platform
    return try await withDevice(port) {
      async let creation: Void = platform.create(port.pod)
      let start = try await moments.creation(of: port.pod)
      _ = try node.answer(to: node.send("transact", port.plug(version: moments.uid(of: port.pod))))
      var times = try await moments.times(of: port.name, since: start)
      times[.addresses] = (try await moments.allocation(of: port.pod) - start).milliseconds
      try await creation
      try await platform.delete(port.pod)
      return times
    }
  }

  /// The device is there before; the switch has let go of it afterwards.
  private func withDevice(_ port: RawPort, _ work: () async throws -> PortTimes) async throws -> PortTimes {
    try NetlinkSocket(in: host).perform(
      .createVeth(VethEnd(port.device, mtu: 1442), peer: VethEnd("net1", in: pod, mtu: 1442), isUp: true))
    let times = try await work()
    try platform.switchCommand(["del-port", port.device])
    try await moments.departure(of: port.name)
    try NetlinkSocket(in: host).deleteLinks([.name(port.device)])
    return times
  }
}
