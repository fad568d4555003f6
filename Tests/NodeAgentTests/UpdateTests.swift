import CNI
import JSON
import Logging
import MultiNetwork
import NIOPosix
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSTestSupport
import OpenVSwitchEngine
import Synchronization
import Testing

@testable import NodeAgent

@Suite("Attachments in use are changed", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct UpdateTests {
  @Test("pods move to another VLAN, and nothing is written where all is as it is to be")
  func vlan() async throws {
    try await with("a", "b") { node, networking, allocations, pods in
      try allocations.set("a", .test("10.203.0.2/24"))
      try allocations.set("b", .test("10.203.0.3/24"))
      var results: [CNIResult] = []
      for pod in pods { results.append(try await networking.add([pod.call(.access(13))])[0]) }
      #expect(try await pods[0].reaches("10.203.0.3"))

      let moved = try await networking.update(pods[0].call(.access(14)), recorded: results[0])
      #expect(moved.changes.count == 1 && moved.changes[0].hasPrefix("net1: access 14, before: "), "\(moved)")
      #expect(moved.result == results[0] && moved.refusals == [])
      // The switch forgets what it forwarded a moment later.
      var isReached = true
      for _ in 0..<10 where isReached { isReached = try await pods[0].reaches("10.203.0.3", within: 1) }
      #expect(!isReached)
      _ = try await networking.update(pods[1].call(.access(14)), recorded: results[1])
      #expect(try await pods[0].reaches("10.203.0.3"))

      let before = try await node.ovs.vsctl("get", "Open_vSwitch", ".", "next_cfg")
      for (pod, result) in zip(pods, results) {
        #expect(try await networking.update(pod.call(.access(14)), recorded: result) == LiveUpdate(result: result))
      }
      #expect(try await node.ovs.vsctl("get", "Open_vSwitch", ".", "next_cfg") == before)
    }
  }

  @Test("rates and port security change while the pod runs")
  func limits() async throws {
    try await with("a") { node, networking, allocations, pods in
      try allocations.set("a", .test("10.203.0.2/24"))
      func call(_ fields: [String: JSONValue]) throws -> NativeCall {
        try pods[0].call(fields.reduce(into: .access(13)) { $0[$1.key] = $1.value })
      }
      let result = try await networking.add([call(["bandwidth": ["ingressRate": 8_000_000, "egressRate": 8_000_000]])])[
        0]
      let port = result.interfaces[0].name
      func queues() async throws -> [String] {
        try await node.ovs.vsctl("--bare", "--columns=other_config", "list", "Queue").split(
          whereSeparator: \.isWhitespace
        )
        .filter { $0.hasPrefix("max-rate=") }.map(String.init)
      }
      #expect(try await queues() == ["max-rate=8000000"])
      #expect(try await node.ovs.vsctl("get", "port", port, "external_ids").contains("netloom-security"))

      let slower = try await networking.update(call(["bandwidth": ["ingressRate": 2_000_000]]), recorded: result)
      #expect(slower.changes == ["net1: limits of the port"] && slower.refusals == [])
      #expect(try await queues() == ["max-rate=2000000"])
      let open = try await networking.update(call(["portSecurity": false]), recorded: result)
      #expect(open.changes == ["net1: limits of the port"])
      #expect(try await queues() == [])
      #expect(try await !node.ovs.vsctl("get", "port", port, "external_ids").contains("netloom-security"))
      #expect(try await pods[0].reaches("10.203.0.2"))
    }
  }

  @Test("MTU and routes change; the pod's own routes stay")
  func interface() async throws {
    try await with("a") { node, networking, allocations, pods in
      let pod = pods[0]
      let gateway = try IPAddress(parsing: "10.203.0.1")
      let route = { (text: String) in Allocation.Route(destination: try CIDR(parsing: text), nextHop: gateway) }
      try allocations.set("a", .test("10.203.0.2/24", routes: [route("10.30.0.0/16"), route("10.31.0.0/16")]))
      let result = try await networking.add([pod.call(.access(13, mtu: 1400))])[0]
      let socket = try NetlinkSocket(in: pod.namespace)
      let link = try socket.link(.name("net1"))
      let own = Route(to: try CIDR(parsing: "10.40.0.0/16"), via: gateway, linkIndex: link.index)
      try socket.perform(.addRoute(own))

      try allocations.set("a", .test("10.203.0.2/24", routes: [route("10.31.0.0/16"), route("10.32.0.0/16")]))
      let update = try await networking.update(pod.call(.access(13, mtu: 1300)), recorded: result)
      #expect(
        update.changes == [
          "net1: MTU 1300 in place of 1400", "net1: route to 10.30.0.0/16 via 10.203.0.1 removed",
          "net1: route to 10.32.0.0/16 via 10.203.0.1 added",
        ])
      #expect(update.result.routes.map { "\($0.destination)" } == ["10.31.0.0/16", "10.32.0.0/16"])
      #expect(try socket.link(.name("net1")).mtu == 1300)
      #expect(try NetlinkSocket(in: node.host).link(.name(update.result.interfaces[0].name)).mtu == 1300)
      let destinations = try socket.routes().filter { $0.gateway != nil }.map { "\($0.destination)" }
      #expect(destinations.sorted() == ["10.31.0.0/16", "10.32.0.0/16", "10.40.0.0/16"])
      // Also when nobody knows what there was.
      try allocations.set("a", .test("10.203.0.2/24"))
      let last = try await networking.update(pod.call(.access(13, mtu: 1300)), recorded: nil)
      #expect(last.changes.count == 2 && last.refusals == [], "\(last)")
      #expect(try socket.routes().filter { $0.gateway != nil } == [own])
    }
  }

  @Test("what others changed is put back")
  func drift() async throws {
    try await with("a") { node, networking, allocations, pods in
      let pod = pods[0]
      try allocations.set("a", .test("10.203.0.2/24", "fd00:203::2/64"))
      let call = try pod.call(.access(13))
      let result = try await networking.add([call])[0]
      let name = result.interfaces[0].name
      let socket = try NetlinkSocket(in: pod.namespace)
      let link = try socket.link(.name("net1"))

      try await node.ovs.vsctl("set", "port", name, "tag=99")
      #expect(try await networking.update(call, recorded: result).changes.count == 1)
      #expect(try await node.ovs.vsctl("get", "port", name, "tag") == "13")
      try await node.ovs.vsctl("del-port", name)
      try socket.perform([
        .setMTU(1280, of: .index(link.index)),
        .removeAddress(try InterfaceAddress(parsing: "10.203.0.2/24"), from: link.index),
      ])
      let update = try await networking.update(call, recorded: result)
      #expect(
        update.changes == [
          "net1: port put back on bridge br-data", "net1: MTU 1400 in place of 1280",
          "net1: address 10.203.0.2/24 put back",
        ])
      #expect(try await node.ports() == [name])
      try await networking.check(try pod.call(.access(13), previous: result))

      try socket.perform(.deleteLink(.index(link.index)))
      #expect(try await networking.update(call, recorded: result).changes == ["net1: made anew, it was gone"])
      try await networking.check(try pod.call(.access(13), previous: result))
    }
  }

  @Test("addresses, hardware addresses, name resolution and what the uplink cannot take are refused, with the reason")
  func refusals() async throws {
    try await with("a") { node, networking, allocations, pods in
      let pod = pods[0]
      try allocations.set("a", .test("10.203.0.2/24", mac: "02:00:00:00:00:0a"))
      let call = try pod.call(.access(13))
      let result = try await networking.add([call])[0]
      var other = try Allocation.test("10.203.0.3/24", mac: "02:00:00:00:00:0b")
      other.dns = .init(nameservers: ["10.203.0.53"])
      allocations.set("a", other)
      for recorded in [result, nil] {
        let update = try await networking.update(call, recorded: recorded)
        let expected: [LiveRefusal.Remedy] = [.reattach, .reattach] + (recorded == nil ? [] : [.restart])
        #expect(update.refusals.map(\.remedy) == expected, "\(update)")
        #expect(update.refusals[0].description.contains("stay (10.203.0.2/24), its allocation says 10.203.0.3/24"))
        #expect(update.refusals[1].description.contains("stays (02:00:00:00:00:0a)"))
        #expect(update.changes == [])
        #expect(update.result.ips == result.ips && update.result.interfaces == result.interfaces)
      }
      #expect(try await pod.reaches("10.203.0.2"))

      try allocations.set("a", .test("10.203.0.2/24", mac: "02:00:00:00:00:0a"))
      try await Command.run(["ip", "-n", node.ovs.namespace, "link", "add", "up1", "type", "veth", "peer", "up1-peer"])
      try await node.ovs.vsctl("add-port", TestNode.bridge, "up1")
      while try await node.ovs.vsctl("get", "interface", "up1", "mtu") != "1500" {}
      let update = try await networking.update(pod.call(.access(13, mtu: 9000)), recorded: result)
      #expect(update.refusals.map(\.remedy) == [.restart] && update.refusals[0].mayPass && update.changes == [])
      #expect(update.refusals.first?.description.contains("uplink up1 of bridge br-data takes, which is 1500") == true)
      #expect(try NetlinkSocket(in: pod.namespace).link(.name("net1")).mtu == 1400)
    }
  }

  private func with(
    _ names: String...,
    body: @escaping @Sendable (TestNode, PodNetworking, ChangingAllocations, [TestPod]) async throws -> Void
  ) async throws {
    let allocations = ChangingAllocations()
    let threads = NIOThreadPool(numberOfThreads: 2)
    threads.start()
    let result = await Result(catching: {
      try await TestNode.with(allocations: allocations) { node in
        let networking = PodNetworking(
          openVSwitch: node.openVSwitch, kernel: HostKernel(host: node.host, threads: threads),
          allocations: allocations, pools: nil, sandboxes: KeyedLock(), logger: TestNode.logger)
        let body: @Sendable ([TestPod]) async throws -> Void = { try await body(node, networking, allocations, $0) }
        switch names.count {
        case 1: try await TestPod.with(names[0], body: body)
        default: try await TestPod.with(names[0], names[1], body: body)
        }
      }
    })
    try await threads.shutdownGracefully()
    try result.get()
  }
}

/// Allocations that an operator changes while pods run.
final class ChangingAllocations: AllocationSource {
  private let allocations = Mutex<[String: Allocation]>([:])

  func set(_ pod: String, _ allocation: Allocation) { allocations.withLock { $0[pod] = allocation } }

  func allocation(
    for pod: PodIdentity, network: NetworkReference, interface: String
  ) async throws -> Allocation {
    guard let allocation = allocations.withLock({ $0[pod.name] }) else { throw AllocationError(pod, "none") }
    return allocation
  }
}

extension TestPod {
  func call(_ configuration: JSONValue, previous: CNIResult? = nil) throws -> NativeCall {
    var configuration = configuration
    if let previous { configuration["prevResult"] = previous.json(version: .latest) }
    return NativeCall(
      attachment: CNIAttachment(
        containerID: containerID, namespacePath: namespace.path, interface: "net1",
        arguments: ["K8S_POD_NAMESPACE": "test", "K8S_POD_NAME": name]),
      network: try NetworkConfiguration(json: configuration))
  }
}
