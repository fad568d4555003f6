import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// The story of virtual networks: two tenants with the same addresses on overlays of their own, a router, a way out
/// through the fabric, a chain of functions, changes while packets run, a gateway that dies.
struct VirtualStory: Sendable {
  let stage: DemoStage

  var console: Console { stage.console }
  var cluster: ClusterObjects { stage.cluster }
  /// The tenants, each a namespace.
  static let tenants = ["shop", "rival"]
  /// What lies behind the DC gateway.
  static let outside = IPAddress("203.0.113.1")!

  /// - Returns: whether everything was as expected.
  func tell() async throws -> Bool {
    try await declarePlatform()
    let isGood = try await [declareNetworks(), route(), chain(), change(), failOver()].allSatisfy { $0 }
    if stage.demo.options.keep {
      try await stage.keepRunning(step: 7, in: "shop", trial: "ping \(Self.outside)")
      return isGood
    }
    let isClean = try await [delete(), stage.showInvariants()].allSatisfy { $0 }
    return stage.conclude(isGood && isClean)
  }

  // MARK: - Declaring

  private func declarePlatform() async throws {
    console.step(1, "The platform admin says where OVN meets the fabric; the nodes join OVN by themselves")
    try await stage.apply("platform")
    let count = stage.lab.topology.hosts.count
    try await stage.milestones([
      .init("every node is a chassis of OVN", Node.definition) { nodes in
        nodes.filter { $0.isReady && $0[path: "metadata", "annotations", NodeAnnotation.overlay] != nil }.count == count
      },
      .init("the ConnectionPoint is ready", ConnectionPoint.definition) { $0.count == 1 && $0.allSatisfy(\.isReady) },
      .init("the Fabric is ready", Fabric.definition) { $0.count == 1 && $0.allSatisfy(\.isReady) },
    ])
    try await stage.get("nodes,connectionpoints,fabrics")
    await stage.pause()
  }

  private func declareNetworks() async throws -> Bool {
    console.step(2, "Two tenants declare overlays of the same addresses, and pods on three nodes join them")
    try await stage.apply("namespaces")
    try await stage.apply("networks")
    try await stage.apply("pods")
    let services = count("L2Service", in: ["networks"])
    let pods = count("Pod", in: ["pods"])
    try await stage.milestones([
      .init("every L2Service is ready", L2Service.definition) { $0.count == services && $0.allSatisfy(\.isReady) },
      .init("every pod is ready", Pod.definition) { $0.count == pods && $0.allSatisfy(\.isReady) },
    ])
    try await stage.get("l2services,subnets", "-A")
    try await stage.get("pods", "-A", "-o", "wide")
    console.say("a network's pods hear and reach each other, and nobody else does:")
    let points = try await points()
    let connectivity = Connectivity(points: points)
    let isRight = stage.judge(
      try connectivity.broadcasts(), try await connectivity.pings(to: targets(points) { $0.carriage == $1.carriage }))
    await stage.pause()
    return isRight
  }

  /// How many objects of a kind some parts of the manifests declare.
  func count(_ kind: String, in parts: [String]) -> Int {
    parts.flatMap { stage.manifests[$0] }.flatMap(\.documents).filter { $0["kind"]?.string == kind }.count
  }

  // MARK: - The router

  private func route() async throws -> Bool {
    console.step(3, "A router joins shop's networks, and leads out: VLAN 50 through the fabric to the DC gateway")
    let start = ContinuousClock.now
    try await stage.apply("router")
    let points = try await points()
    let (client, server) = (try points.named("shop/client-1"), try points.named("shop/server-2"))
    for (name, address) in [("a server", try server.address), ("the outside", Self.outside)] {
      guard try await RunningPing.answers(of: address, from: client.namespace) else {
        return stage.check(false, "\(client.name) does not reach \(name), \(address)")
      }
      console.say("\(name) answers \((ContinuousClock.now - start).inMilliseconds) ms after the command was given")
    }
    try await stage.milestones([
      .init("the Router is ready", Router.definition) { $0.count == 1 && $0.allSatisfy(\.isReady) },
      .init("VLAN 50 is open in the fabric", BridgeDomain.definition) { $0.count == 1 && $0.allSatisfy(\.isReady) },
    ])
    try await stage.get("routers,l2services,bridgedomains", "-A")
    let pings = try await pingEverybody(points)
    let isRight = try await [
      stage.judge(pings), trace(from: client, to: server.address, via: ["10.1.1.1"]),
      trace(from: client, to: Self.outside, via: ["10.1.1.1", "100.64.0.2"]),
    ].allSatisfy { $0 }
    await stage.pause()
    return isRight
  }

  // MARK: - The chain

  private func chain() async throws -> Bool {
    console.step(4, "What goes between clients and servers is led through a firewall and a traffic counter")
    try await stage.apply("functions")
    let pods = count("Pod", in: ["pods", "functions"])
    try await cluster.wait(for: Pod.definition, "the functions are ready") {
      $0.count == pods && $0.allSatisfy(\.isReady)
    }
    try await runInitContainers()
    let points = try await points()
    let (client, server) = (try points.named("shop/client-1"), try points.named("shop/server-2"))
    let functions = [try points.named("shop/firewall"), try points.named("shop/counter")]
    let listeners = try [80, 23].map { try TCPKnock.Listener(port: $0, in: server.namespace) }
    defer { withExtendedLifetime(listeners) {} }
    func knock(_ port: UInt16) throws -> TCPKnock.Answer {
      try TCPKnock.knock(at: server.address, port: port, from: client.namespace)
    }
    var isRight = stage.check(try knock(23) == .connected, "before: telnet connects to server-2")

    let ping = try await RunningPing(server.address, from: client.namespace)
    try await stage.apply("chain")
    try await stage.milestones([
      .init("the ServiceChain is ready", ServiceChain.definition) { $0.count == 1 && $0.allSatisfy(\.isReady) }
    ])
    isRight = try await RunningPing.answers(20, of: server.address, from: client.namespace) && isRight
    let record = try await ping.stop()
    console.say("\(record.sent) pings went on meanwhile: \(record.lost) lost")
    try await stage.get("servicechains", "-n", "shop")

    isRight =
      try await [
        trace(
          from: client, to: server.address, via: ["10.1.1.1", "10.1.3.10", "10.1.4.10"]),
        trace(
          from: server, to: client.address, via: ["10.1.2.1", "10.1.4.10", "10.1.3.10"]),
      ].allSatisfy { $0 } && isRight
    let before = try functions.map { try $0.forwarded() }
    isRight = try await RunningPing.answers(20, of: server.address, from: client.namespace) && isRight
    for (function, before) in zip(functions, before) {
      let count = try function.forwarded() - before
      isRight = stage.check(count == 40, "20 pings: \(function.name) forwarded \(count) packets, both ways") && isRight
    }
    let (web, telnet) = (try knock(80), try knock(23))
    isRight = stage.check(web == .connected, "port 80 of server-2 from client-1: \(web)") && isRight
    isRight = stage.check(telnet != .connected, "telnet from client-1 to server-2: \(telnet)") && isRight
    await stage.pause()
    return isRight
  }

  /// The embedded node has no container runtime; what the containers would do to the pods' networks is done here.
  private func runInitContainers() async throws {
    for pod in try await cluster.list(Pod.definition, in: "shop") {
      guard let namespace = try stage.namespace(of: pod) else { continue }
      for container in pod[path: "spec", "initContainers"]?.array ?? [] {
        let command = container["command"]?.array?.compactMap(\.string) ?? []
        let outcome = try await NamespaceProcess.run(
          ProcessCommand(command[0], Array(command.dropFirst())), in: namespace)
        guard outcome.isSuccess else { throw LabError("set up \(pod.name)", reason: outcome.errorText) }
      }
    }
  }

  // MARK: - Living with it

  private func change() async throws -> Bool {
    console.step(5, "While packets run: a pool is widened, a network is added, the router joins it")
    let points = try await points()
    let (client, server) = (try points.named("shop/client-1"), try points.named("shop/server-1"))
    let ping = try await RunningPing(server.address, from: client.namespace)
    try await stage.apply("live/10-server.yaml")
    try await stage.milestones([
      .init("no address is left for server-3: it waits", Subnet.definition) { subnets in
        subnets.contains { $0.name == "servers" && $0.condition("Exhausted")?["status"] == "True" }
      }
    ])
    try await stage.apply("live/20-subnet.yaml")
    try await stage.milestones([
      .init("server-3 runs", Pod.definition) { $0.contains { $0.name == "server-3" && $0.isReady } }
    ])
    try await stage.apply("live/30-network.yaml")
    try await stage.apply("live/40-router.yaml")
    try await stage.milestones([
      .init("archive-1 runs", Pod.definition) { $0.contains { $0.name == "archive-1" && $0.isReady } }
    ])
    let archive = try await self.points().named("shop/archive-1")
    var isRight = stage.check(
      try await RunningPing.answers(of: archive.address, from: client.namespace),
      "client-1, which runs since long, reaches archive-1 on the new network")
    let record = try await ping.stop()
    isRight =
      stage.check(
        record.outage < 500,
        "\(record.sent) pings went on meanwhile: \(record.lost) lost, never nothing for more than \(record.outage) ms")
      && isRight
    await stage.pause()
    return isRight
  }

  private func failOver() async throws -> Bool {
    console.step(6, "The node that is the gateway dies: its Open vSwitch and its ovn-controller are killed")
    let client = try await points().named("shop/client-1")
    guard let active = try await activeGateway() else { return stage.check(false, "the Router has no active gateway") }
    try await stage.get("routers", "-n", "shop")
    let ping = try await RunningPing(Self.outside, from: client.namespace)
    guard try await RunningPing.answers(20, of: Self.outside, from: client.namespace) else {
      return stage.check(false, "client-1 does not reach the outside")
    }
    stage.lab.killOVNController(of: active)
    stage.lab.killSwitch(of: active)
    let isBack = try await RunningPing.answers(20, of: Self.outside, from: client.namespace)
    let record = try await ping.stop()
    // By BFD at the pace that Netloom sets: three packets, 200 ms apart, are missing.
    var isRight = stage.check(
      isBack && record.outage < 2000,
      "\(active) was killed; nothing came from outside for \(record.outage) ms, \(record.lost) pings lost")
    try await stage.milestones([
      .init("the Router says that another node is the gateway", Router.definition) { routers in
        let nodes = routers.flatMap(\.activeGateways)
        return nodes.count == 1 && nodes != [active]
      }
    ])
    try await showGateways()
    console.say("\(active) comes back:")
    try await stage.lab.restartSwitch(of: active)
    try await stage.lab.startOVNController(of: active)
    let points = try await points()
    let pings = try await pingEverybody(points)
    isRight = stage.judge(pings) && isRight
    await stage.pause()
    return isRight
  }

  /// The node by which traffic leaves.
  private func activeGateway() async throws -> String? {
    try await cluster.list(Router.definition, in: "shop").flatMap(\.activeGateways).first
  }

  private func showGateways() async throws {
    let gateways = "{range .status.gateways[*]}{.node}{\": active=\"}{.active}{\"\\n\"}{end}"
    guard stage.kubectl.isKubectl else { return try await stage.get("routers", "-n", "shop") }
    try await stage.get("router", "edge", "-n", "shop", "-o", "jsonpath=\(gateways)")
  }

  // MARK: - Deleting

  private func delete() async throws -> Bool {
    console.step(
      7, "Everything of the tenants is deleted at once, networks that pods are on as well; then the platform's")
    for part in ["chain", "live", "functions", "router", "networks", "pods"] { try await stage.delete(part) }
    let ofTenants = [
      Pod.definition, NetworkAttachmentDefinition.definition, ServiceChain.definition, Router.definition,
      L2ServiceAttachment.definition, L2Service.definition, Subnet.definition,
    ]
    try await waitUntilGone(ofTenants)
    try await stage.delete("platform")
    try await waitUntilGone([
      NodeNetwork.definition, BridgeDomain.definition, ConnectionPoint.definition, Fabric.definition,
    ])
    let rows = try await stage.lab.central?.northboundRows(logger: stage.demo.logger) ?? [:]
    let isEmpty = stage.check(
      rows.isEmpty, "rows left in OVN's northbound database: \(rows.isEmpty ? "none" : "\(rows)")")
    guard try await stage.isClean(patience: .seconds(5)) else { return false }
    console.good("no VLAN, port or interface of ours is left on any switch")
    await stage.pause()
    return isEmpty
  }

  private func waitUntilGone(_ kinds: [ResourceDefinition]) async throws {
    try await stage.milestones(kinds.map { kind in .init("gone: every \(kind.kind)", kind) { $0.isEmpty } })
  }
}

extension JSONValue {
  /// The nodes by which traffic leaves a Router, as it says.
  fileprivate var activeGateways: [String] {
    (self[path: "status", "gateways"]?.array ?? []).filter { $0["active"] == true }.compactMap { $0["node"]?.string }
  }
}
