import CNI
import Glibc
import JSON
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSTestSupport
import Testing

@testable import NodeAgent

@Suite("Attaching pods", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct PodNetworkTests {
  private static func allocations() throws -> StaticAllocations {
    let route = Allocation.Route(
      destination: try CIDR(parsing: "10.30.0.0/16"), nextHop: try IPAddress(parsing: "10.203.0.1"))
    return StaticAllocations([
      ("test", "a", [try .test("10.203.0.2/24", "fd00:203::2/64", mac: "02:00:00:00:00:0a", routes: [route])]),
      ("test", "b", [try .test("10.203.0.3/24", "fd00:203::3/64")]), ("test", "c", [try .test("10.203.0.4/24")]),
      ("test", "bare", [try .test()]),
    ])
  }

  @Test("ADD, CHECK and DEL, once and again", arguments: ["0.3.1", "0.4.0", "1.0.0", "1.1.0"])
  func lifecycle(version: String) async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a") { pods in
        let pod = pods[0]
        var configuration = JSONValue.access(13, version: version)
        let added = try await node.call("ADD", pod, configuration: configuration)
        #expect(added.isSuccess, "\(added.text)")
        let result = try CNIResult(json: try #require(added.json))
        #expect(added.json?["cniVersion"]?.string == version)
        #expect(result.interfaces[1].name == "net1" && result.interfaces[1].sandbox == pod.namespace.path)
        #expect(result.interfaces[1].macAddress?.description == "02:00:00:00:00:0a")
        #expect(result.ips.map(\.address.description) == ["10.203.0.2/24", "fd00:203::2/64"])
        #expect(result.ips[0].gateway?.description == "10.203.0.1" && result.ips[1].gateway == nil)
        let link = try NetlinkSocket(in: pod.namespace).link(.name("net1"))
        #expect(link.mtu == 1400 && link.isUp)
        #expect(try !Ethtool(in: pod.namespace).transmitChecksumOffload(on: "net1"))
        #expect(try await node.ports() == [result.interfaces[0].name])
        #expect(try await node.ovs.vsctl("get", "port", result.interfaces[0].name, "tag") == "13")

        configuration["prevResult"] = added.json
        let checked = try await node.call("CHECK", pod, configuration: configuration)
        if version == "0.3.1" { #expect(checked.code == 1) } else { #expect(checked.isSuccess, "\(checked.text)") }
        for _ in 0..<2 {
          let deleted = try await node.call("DEL", pod, configuration: configuration)
          #expect(deleted.isSuccess && deleted.json == nil, "\(deleted.text)")
        }
        #expect(try await node.ports() == [] && node.hostEnds() == [])
        #expect(try NetlinkSocket(in: pod.namespace).findLink(.name("net1")) == nil)
      }
    }
  }

  @Test("pods on one VLAN reach each other by ping and TCP, pods on another do not")
  func connectivity() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a", "b", "c") { pods in
        for (pod, vlan) in zip(pods, [Int64(13), 13, 14]) {
          let added = try await node.call("ADD", pod, configuration: .access(vlan))
          #expect(added.isSuccess, "\(added.text)")
        }
        #expect(try await pods[0].reaches("10.203.0.3"))
        #expect(try await pods[0].reaches("fd00:203::3"))
        #expect(try await !pods[0].reaches("10.203.0.4", within: 1))
        #expect(try await !pods[2].reaches("10.203.0.2", within: 1))
        let server = try await NamespaceProcess.start(
          ProcessCommand("iperf3", ["-s", "-1", "--forceflush"]), in: pods[1].namespace)
        let client = try await NamespaceProcess.run(
          ProcessCommand(
            "sh", ["-c", "for i in 1 2 3 4 5; do iperf3 -c 10.203.0.3 -n 1M && exit; sleep 0.1; done; exit 1"]),
          in: pods[0].namespace)
        server.signal(SIGKILL)
        #expect(client.isSuccess, "\(client.text)\(client.errorText)")
      }
    }
  }

  @Test("a pod does not find the node's own addresses behind its interface")
  func isolation() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a") { pods in
        let socket = try NetlinkSocket(in: node.host)
        let loopback = try socket.link(.name("lo"))
        try socket.perform(.addAddress(try InterfaceAddress(parsing: "10.203.0.99/32"), to: loopback.index))
        let added = try await node.call("ADD", pods[0], configuration: .access(13))
        #expect(added.isSuccess, "\(added.text)")
        let hostEnd = try socket.link(.name(try #require(await node.ports().first)))
        #expect(hostEnd.isUp)
        #expect(try socket.addresses(of: hostEnd.index) == [])
        #expect(try await !pods[0].reaches("10.203.0.99", within: 1))
      }
    }
  }

  @Test("routers' advertisements configure only what is given no addresses")
  func advertisements() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a", "bare") { pods in
        for (pod, accepts) in zip(pods, ["0", "1"]) {
          let added = try await node.call("ADD", pod, configuration: .access(13))
          #expect(added.isSuccess, "\(added.text)")
          let setting = try await NamespaceProcess.run(
            ProcessCommand("cat", ["/proc/sys/net/ipv6/conf/net1/accept_ra"]), in: pod.namespace)
          #expect(setting.text == "\(accepts)\n", "\(setting.errorText)")
        }
      }
    }
  }

  @Test("a trunk carries its VLANs and no others")
  func trunk() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        var configuration = JSONValue.access(1)
        configuration["vlan"] = nil
        configuration["attachment"] = nil
        configuration["trunk"] = [["id": 10], ["minID": 20, "maxID": 22]]
        let added = try await node.call("ADD", pods[0], configuration: configuration)
        #expect(added.isSuccess, "\(added.text)")
        let port = try #require(await node.ports().first)
        #expect(try await node.ovs.vsctl("get", "port", port, "trunks") == "[10, 20, 21, 22]")
        configuration["prevResult"] = added.json
        #expect(try await node.call("CHECK", pods[0], configuration: configuration).isSuccess)
      }
    }
  }

  @Test("CHECK says what is not as ADD left it")
  func check() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a") { pods in
        let pod = pods[0]
        var configuration = JSONValue.access(13)
        let added = try await node.call("ADD", pod, configuration: configuration)
        configuration["prevResult"] = added.json
        let port = try #require(await node.ports().first)
        let socket = try NetlinkSocket(in: pod.namespace)
        let index = try socket.link(.name("net1")).index
        try await node.ovs.vsctl("set", "port", port, "tag=14")
        // The agent hears of it a moment after the one who did it.
        for await _ in node.openVSwitch.events() where try await node.openVSwitch.podPorts()[port]?.tag == 14 { break }
        try socket.perform([
          .setMTU(1300, of: .index(index)),
          .setMACAddress(try MACAddress(parsing: "02:00:00:00:00:ff"), of: .index(index)),
          .removeAddress(try InterfaceAddress(parsing: "10.203.0.2/24"), from: index),
        ])
        let failed = try await node.call("CHECK", pod, configuration: configuration)
        #expect(failed.code == 100)
        for part in ["VLAN 13", "MTU 1300", "02:00:00:00:00:ff", "10.203.0.2/24", "10.30.0.0/16"] {
          #expect(failed.text.contains(part), "\(part) in \(failed.text)")
        }
        configuration["prevResult"] = nil
        let blind = try await node.call("CHECK", pod, configuration: configuration)
        #expect(blind.code == 7 && blind.text.contains("prevResult"))
      }
    }
  }

  @Test("a failed ADD leaves nothing")
  func undo() async throws {
    let unreachable = Allocation.Route(
      destination: try CIDR(parsing: "10.30.0.0/16"), nextHop: try IPAddress(parsing: "10.99.0.1"))
    let allocations = StaticAllocations([("test", "a", [try .test("10.203.0.2/24", routes: [unreachable])])])
    try await TestNode.with(allocations: allocations) { node in
      try await TestPod.with("a", "stranger") { pods in
        let badRoute = try await node.call("ADD", pods[0], configuration: .access(13))
        #expect(badRoute.code == 999 && badRoute.text.contains("10.30.0.0/16"), "\(badRoute.text)")
        var elsewhere = JSONValue.access(13)
        elsewhere["attachment"] = nil
        elsewhere["bridge"] = "br-absent"
        let noBridge = try await node.call("ADD", pods[0], configuration: elsewhere)
        #expect(noBridge.code == 11 && noBridge.text.contains("br-absent"), "\(noBridge.text)")
        let unknown = try await node.call("ADD", pods[1], configuration: .access(13))
        #expect(unknown.code == 999 && unknown.text.contains("test/stranger"), "\(unknown.text)")
        let taken = try await node.call("ADD", pods[0], interface: "lo", configuration: elsewhere)
        #expect(taken.code == 4 && taken.text.contains("CNI_IFNAME"), "\(taken.text)")
        #expect(try await node.ports() == [] && node.hostEnds() == [])
        #expect(try NetlinkSocket(in: pods[0].namespace).links().map(\.name) == ["lo"])
      }
    }
  }

  @Test("calls for one container are ordered, those of different ones go side by side")
  func concurrency() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a", "b", "c", "d", "e", "f") { pods in
        var configuration = JSONValue.access(13)
        configuration["attachment"] = nil
        let input = configuration
        try await withThrowingTaskGroup { tasks in
          for pod in pods {
            for interface in ["net1", "net2"] {
              tasks.addTask { try await node.call("ADD", pod, interface: interface, configuration: input) }
            }
          }
          for try await answer in tasks { #expect(answer.isSuccess, "\(answer.text)") }
        }
        #expect(try await node.ports().count == 12)
        try await withThrowingTaskGroup { tasks in
          for pod in pods {
            for interface in ["net1", "net2"] {
              for _ in 0..<2 {
                tasks.addTask { try await node.call("DEL", pod, interface: interface, configuration: input) }
              }
            }
          }
          for try await answer in tasks { #expect(answer.isSuccess, "\(answer.text)") }
        }
        #expect(try await node.ports() == [] && node.hostEnds() == [])
      }
    }
  }
}
