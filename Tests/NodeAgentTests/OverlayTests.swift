import CNI
import Glibc
import JSON
import Lab
import MultiNetwork
import Netlink
import NetloomAPI
import NetworkAnnotations
import OVSTestSupport
import OpenVSwitchEngine
import Testing

@testable import NodeAgent

@Suite(
  "Pods on switches of OVN",
  .enabled(if: SwitchInstance.isAvailable && Lab.canRunOVN, "needs root, Open vSwitch and OVN"))
struct OverlayTests {
  @Test("reach each other across hosts, with packets as large as the node says; nothing stays after DEL")
  func acrossHosts() async throws {
    try await OverlayLab.with(hosts: 2) { overlay in
      try await TestPod.with("a", "b") { pods in
        try await overlay.declare(pods[0], "10.1.0.5")
        try await overlay.declare(pods[1], "10.1.0.6")
        let calls = [
          try overlay.hosts[0].call(pods[0], "10.1.0.5"), try overlay.hosts[1].call(pods[1], "10.1.0.6"),
        ]
        for (name, (host, call)) in zip(["a", "b"], zip(overlay.hosts, calls)) {
          #expect(host.announcement == Chassis(name: host.name, mtu: 1442))
          let result = try await host.networking.add([call])[0]
          let checked = NativeCall(
            attachment: call.attachment,
            network: try NetworkConfiguration(
              json: call.network.json.setting("prevResult", result.json(version: .v110))))
          try await host.networking.check(checked)
          let port = result.interfaces[0].name
          try await host.vsctl("remove", "Interface", port, "external_ids", "iface-id")
          for await _ in host.openVSwitch.events() where try await !host.isInstalled(port) { break }
          let error = await #expect(throws: CNIError.self) { try await host.networking.check(checked) }
          #expect(error?.details.contains("OVN knows the interface as none of its ports") == true)
          try await host.vsctl("set", "Interface", port, "external_ids:iface-id=test/\(name)/net1")
        }
        #expect(try await pods[0].reaches("10.1.0.6"))
        let large = try await NamespaceProcess.run(
          ProcessCommand("ping", ["-c1", "-w5", "-Mdo", "-s1414", "10.1.0.6"]), in: pods[0].namespace)
        #expect(large.isSuccess, "\(large.text)")
        for (host, call) in zip(overlay.hosts, calls) {
          try await host.networking.delete([call])
          #expect(try await host.openVSwitch.podPorts().isEmpty)
        }
      }
    }
  }

  @Test("several interfaces of a pod, on OVN and on a VLAN, are made together, and taken over by another agent")
  func together() async throws {
    try await OverlayLab.with { overlay in
      try await TestPod.with("a") { pods in
        let host = overlay.hosts[0]
        host.cluster.set([.init(name: TestNode.bridge, vlans: [10])])
        _ = try await host.reconciler.reconcile(host.name)
        for number in 1...3 { try await overlay.declare(pods[0], "10.1.0.\(number)", interface: "net\(number)") }
        var calls = try (1...3).map { try host.call(pods[0], "10.1.0.\($0)", interface: "net\($0)") }
        var vlan = try host.call(pods[0], "10.2.0.1", interface: "net4")
        vlan.network = try NetworkConfiguration(
          json: JSONValue.access(10).setting("name", "test.blue").without("attachment"))
        calls.append(vlan)
        #expect(try await host.networking.add(calls).count == 4)
        let ports = try await host.openVSwitch.podPorts()
        let names: Set<String> = ["test/a/net1", "test/a/net2", "test/a/net3"]
        #expect(Set(ports.values.compactMap { $0.logicalPort?.name }) == names)
        #expect(ports.values.allSatisfy { ($0.bridge == "br-int") == ($0.logicalPort != nil) })
        #expect(ports.values.filter { $0.logicalPort != nil }.allSatisfy { $0.logicalPort?.version == "uid-a" })

        let successor = try host.another()
        try await successor.running {
          _ = try await successor.reconciler.reconcile(host.name)
          #expect(try await successor.openVSwitch.podPorts() == ports)
          try await successor.networking.collect(network: "test.blue", keeping: [calls[0].attachment.key])
          #expect(try await successor.openVSwitch.podPorts().values.map { $0.logicalPort?.name } == ["test/a/net1"])
          try await successor.networking.delete(calls)
          #expect(try await successor.openVSwitch.podPorts().isEmpty)
        }
      }
    }
  }

  @Test("go on when ovn-controller is killed; a new one waits for it, fails with words, and comes when it is back")
  func controllerKilled() async throws {
    try await OverlayLab.with(patience: .seconds(1)) { overlay in
      try await TestPod.with("a", "b", "c") { pods in
        let host = overlay.hosts[0]
        for (number, pod) in pods.enumerated() { try await overlay.declare(pod, "10.1.0.\(number + 1)") }
        _ = try await host.networking.add([
          try host.call(pods[0], "10.1.0.1"), try host.call(pods[1], "10.1.0.2"),
        ])
        #expect(try await pods[0].reaches("10.1.0.2"))
        overlay.lab.killOVNController(of: host.name)
        #expect(try await pods[0].reaches("10.1.0.2", within: 2))
        let call = try host.call(pods[2], "10.1.0.3")
        let error = await #expect(throws: CNIError.self) { try await host.networking.add([call]) }
        #expect(error?.code == .tryAgainLater)
        #expect(error?.details.contains("see whether it runs on this node") == true, "\(String(describing: error))")
        #expect(try await host.openVSwitch.podPorts().count == 2)
        try await overlay.lab.startOVNController(of: host.name)
        #expect(try await pods[0].reaches("10.1.0.2", within: 2))
        try await retrying { _ = try await host.networking.add([call]) }
        #expect(try await pods[2].reaches("10.1.0.1"))
      }
    }
  }

  @Test("that OVN does not know, or knows as another's, are told so, and come when OVN has caught up")
  func unknownPort() async throws {
    try await OverlayLab.with(patience: .seconds(1)) { overlay in
      try await TestPod.with("a") { pods in
        let host = overlay.hosts[0]
        let call = try host.call(pods[0], "10.1.0.1")
        overlay.central.pause(.northd, 1, true)
        try await overlay.declare(pods[0], "10.1.0.1", uid: "uid-of-its-predecessor")
        let late = await #expect(throws: CNIError.self) { try await host.networking.add([call]) }
        #expect(late?.details.contains("OVN does not know the port") == true, "\(String(describing: late))")
        overlay.central.pause(.northd, 1, false)
        try await overlay.northbound("--wait=sb", "sync")
        let other = await #expect(throws: CNIError.self) { try await host.networking.add([call]) }
        #expect(other?.details.contains("uid-of-its-predecessor") == true, "\(String(describing: other))")
        // What the ADD waits for comes while it waits.
        async let added = host.networking.add([call])
        try await overlay.northbound(
          "set", "Logical_Switch_Port", "test/a/net1", "options:iface-id-ver=\(pods[0].uid)")
        #expect(try await added.count == 1)
        let absent = Southbound(servers: [.unix(path: "/absent")], patience: .milliseconds(200))
        let unreachable = SouthboundInquiry(southbound: absent)
        let words = await unreachable.obstacle(to: LogicalPort(name: "x"), on: "h1")
        #expect(words.contains("tells nothing") && words.contains("/absent"))
      }
    }
  }

  @Test("get back what ties them to OVN, their port, and the network's bridge, when somebody takes it away")
  func repair() async throws {
    try await OverlayLab.with { overlay in
      try await TestPod.with("a") { pods in
        let host = overlay.hosts[0]
        try await overlay.declare(pods[0], "10.1.0.1")
        var call = try host.call(pods[0], "10.1.0.1")
        let port = try await host.networking.add([call])[0].interfaces[0].name
        try await host.vsctl("remove", "Interface", port, "external_ids", "iface-id")
        try await host.follow { try await host.isInstalled(port) }

        try await host.vsctl("del-port", port)
        let update = try await host.networking.update(call, recorded: nil)
        #expect(update.changes == ["net1: port put back on bridge br-int"])
        #expect(try await host.isInstalled(port))
        #expect(try await host.networking.update(call, recorded: nil).changes.isEmpty)

        // The network becomes a VLAN, and a switch of OVN again.
        let overlayNetwork = call.network
        host.cluster.set([.init(name: TestNode.bridge, vlans: [10])])
        _ = try await host.reconciler.reconcile(host.name)
        call.network = try NetworkConfiguration(
          json: JSONValue.access(10, mtu: 1442).without("attachment").setting("name", "test.blue")
            .setting("runtimeConfig", overlayNetwork.json["runtimeConfig"] ?? [:]))
        _ = try await host.networking.update(call, recorded: nil)
        #expect(try await host.vsctl("port-to-br", port) == TestNode.bridge)
        #expect(try await host.vsctl("get", "Interface", port, "external_ids").contains("iface-id") == false)
        call.network = overlayNetwork
        _ = try await host.networking.update(call, recorded: nil)
        #expect(try await host.vsctl("port-to-br", port) == "br-int")
        #expect(try await host.isInstalled(port))
      }
    }
  }

  @Test("are refused with words where the node has no part in OVN")
  func noOverlay() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        let configuration: JSONValue = [
          "cniVersion": "1.0.0", "name": "test.blue", "type": "netloom", "logicalSwitch": "test/blue",
        ]
        let answer = try await node.call("ADD", pods[0], configuration: configuration)
        #expect(answer.code == 50 && answer.text.contains("--ovn-southbound"), "\(answer)")
        let mixed = try await node.call("ADD", pods[0], configuration: configuration.setting("vlan", 10))
        #expect(mixed.code == 7, "\(mixed)")
      }
    }
  }

  private func retrying(_ body: () async throws -> Void) async throws {
    for _ in 0..<20 {
      do { return try await body() } catch let error as CNIError where error.code == .tryAgainLater {}
    }
    try await body()
  }
}

@Suite(
  "A node that is a chassis of OVN",
  .enabled(if: SwitchInstance.isAvailable && Lab.canRunOVN, "needs root, Open vSwitch and OVN"))
struct ChassisMembershipTests {
  @Test("keeps what others have set, maps its bridges, and repairs what is its own")
  func mappings() async throws {
    try await OverlayLab.with { overlay in
      let host = overlay.hosts[0]
      try await host.vsctl(
        "set", "Open_vSwitch", ".", "external_ids:ovn-bridge-mappings=foreign:br-foreign", "external_ids:mine=1")
      host.cluster.set([.init(name: "br-data", vlans: [10], physicalNetwork: "physnet1")])
      let mappings: @Sendable () async throws -> String = {
        try await host.vsctl("get", "Open_vSwitch", ".", "external_ids:ovn-bridge-mappings")
      }
      try await host.follow { try await mappings() == "\"foreign:br-foreign,physnet1:br-data\"" }
      try await host.vsctl("set", "Open_vSwitch", ".", "external_ids:ovn-bridge-mappings=foreign:br-foreign")
      try await host.follow { try await mappings() == "\"foreign:br-foreign,physnet1:br-data\"" }
      host.cluster.set([.init(name: "br-data", vlans: [10], physicalNetwork: "foreign")])
      _ = try await host.reconciler.reconcile(host.name)
      #expect(try await mappings() == "\"foreign:br-foreign\"")
      #expect(host.cluster.status?.phase != .ready)
      #expect(host.cluster.status?.bridges?[0].message?.contains("leads to bridge br-foreign") == true)
      #expect(try await host.vsctl("get", "Open_vSwitch", ".", "external_ids:mine") == "\"1\"")
      #expect(try await host.vsctl("get", "Open_vSwitch", ".", "external_ids:system-id") == "h1")
    }
  }

  @Test("is none any more when somebody else has told it to be another's, and is one again after that")
  func foreign() async throws {
    try await OverlayLab.with { overlay in
      let host = overlay.hosts[0]
      try await host.vsctl(
        "remove", "Open_vSwitch", ".", "external_ids", "netloom-chassis", "--", "set", "Open_vSwitch", ".",
        "external_ids:ovn-encap-ip=10.9.9.9")
      host.cluster.set([.init(name: "br-data", vlans: [10])])
      // VLANs do not mind.
      try await host.follow { host.announcement == nil && host.cluster.status?.phase == .ready }
      let message = host.cluster.status?.conditions?[type: "Ready"]?.message
      #expect(message?.contains("ovn-encap-ip") == true, "\(message ?? "")")
      try await host.vsctl("remove", "Open_vSwitch", ".", "external_ids", "ovn-encap-ip")
      try await host.follow { host.announcement != nil }
    }
  }
}
