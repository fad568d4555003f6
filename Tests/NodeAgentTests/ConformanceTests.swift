import CNI
import JSON
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSTestSupport
import Testing

@testable import NodeAgent

/// What the specification, CNI 1.1.0, asks of a plugin, sentence by sentence, beside what the other suites show already.
@Suite("CNI 1.1.0", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct ConformanceTests {
  /// Without addresses of an operator.
  private static func configuration(_ fields: (String, JSONValue)..., version: String = "1.1.0") -> JSONValue {
    var configuration = JSONValue.access(13, version: version)
    configuration["attachment"] = nil
    for (name, value) in fields { configuration[name] = value }
    return configuration
  }

  private static func allocations() throws -> StaticAllocations {
    var allocation = try Allocation.test("10.203.0.2/24", mac: "02:00:00:00:00:0a")
    allocation.dns = .init(nameservers: ["10.203.0.53"], domain: "example.com", search: ["example.com"])
    return StaticAllocations([("test", "a", [allocation])])
  }

  @Test("VERSION needs no agent and tells every version", arguments: ["netloom", "netloom-ipam"])
  func version(name: String) async throws {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(
        "bash", ["-c", "exec -a \(name) \(pluginPath)"], environment: ["CNI_COMMAND": "VERSION", "PATH": "/bin"],
        standardInput: Array(#"{"cniVersion":"1.1.0"}"#.utf8)))
    #expect(
      try JSONValue(parsing: outcome.standardOutput)
        == ["cniVersion": "1.1.0", "supportedVersions": .array(CNIVersion.allCases.map { .string($0.rawValue) })])
  }

  @Test("an error has the version of its configuration")
  func errorVersion() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        for version in CNIVersion.allCases {
          let answer = try await node.call(
            "ADD", pods[0], configuration: Self.configuration(("bridge", 5), version: version.rawValue))
          #expect(answer.code == 7 && answer.json?["cniVersion"]?.string == version.rawValue)
        }
      }
    }
  }

  @Test("a command that the configuration's version does not have is refused with code 1")
  func commandsByVersion() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        for (command, version) in [("CHECK", "0.3.1"), ("GC", "1.0.0"), ("STATUS", "0.4.0")] {
          let answer = try await node.call(command, pods[0], configuration: Self.configuration(version: version))
          #expect(answer.code == 1 && answer.text.contains("\(command) needs CNI"), "\(answer.text)")
        }
      }
    }
  }

  @Test("what earlier plugins of a list made is passed on before what is ours, and is not ours to check")
  func chaining() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a") { pods in
        let earlier: JSONValue = [
          "cniVersion": "1.1.0", "interfaces": [["name": "eth0", "sandbox": .string(pods[0].namespace.path)]],
          "ips": [["address": "10.244.0.7/24", "interface": 0]],
          "routes": [["dst": "10.96.0.0/12", "gw": "10.244.0.1"]],
          "dns": ["nameservers": ["10.96.0.10"]],
        ]
        // The other plugin's interface, as far as it matters here.
        let socket = try NetlinkSocket(in: pods[0].namespace)
        try socket.perform([.createBridge("eth0", isUp: true)])
        let index = try socket.link(.name("eth0")).index
        try socket.perform([
          .addAddress(try InterfaceAddress(parsing: "10.244.0.7/24"), to: index),
          .addRoute(Route(to: try CIDR(parsing: "10.96.0.0/12"), via: try IPAddress(parsing: "10.244.0.1"))),
        ])
        var configuration = JSONValue.access(13, version: "1.1.0")
        configuration["prevResult"] = earlier
        let added = try await node.call("ADD", pods[0], configuration: configuration)
        let result = try CNIResult(json: try #require(added.json))
        #expect(result.interfaces.map(\.name) == ["eth0", try await node.ports()[0], "net1"])
        #expect(result.interfaces[2].mtu == 1400)
        #expect(result.ips.map(\.address.description) == ["10.244.0.7/24", "10.203.0.2/24"])
        #expect(result.ips.map(\.interface) == [0, 2])
        #expect(result.routes.map(\.destination.description) == ["10.96.0.0/12"])
        #expect(result.dns.nameservers == ["10.203.0.53"] && result.dns.domain == "example.com")
        configuration["prevResult"] = added.json
        let checked = try await node.call("CHECK", pods[0], configuration: configuration)
        #expect(checked.isSuccess, "\(checked.text)")
        // A later network of the pod may take the default route over; its other routes must stay.
        try socket.perform(.deleteLink(.name("eth0")))
        let differs = try await node.call("CHECK", pods[0], configuration: configuration)
        #expect(differs.code == 100 && differs.text.contains("10.96.0.0/12") && !differs.text.contains("10.244.0.7"))
      }
    }
  }

  @Test("ips and mac of the runtime are applied as given where no operator assigns them")
  func runtimeAddresses() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        let asked: JSONValue = ["ips": ["10.203.0.9/24", "fd00::9/64"], "mac": "02:00:00:00:00:99"]
        let added = try await node.call("ADD", pods[0], configuration: Self.configuration(("runtimeConfig", asked)))
        let result = try CNIResult(json: try #require(added.json))
        #expect(result.ips.map(\.address.description) == ["10.203.0.9/24", "fd00::9/64"])
        let link = try NetlinkSocket(in: pods[0].namespace).link(.name("net1"))
        #expect(link.macAddress?.description == "02:00:00:00:00:99")
        let short = try await node.call(
          "ADD", pods[0], interface: "net2",
          configuration: Self.configuration(("args", ["cni": ["ips": ["10.203.0.10"]]])))
        #expect(short.code == 7 && short.text.contains("10.203.0.10/24"), "\(short.text)")
      }
    }
  }

  @Test("where an operator assigns, the runtime may ask for nothing else")
  func disagreement() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a") { pods in
        for (field, value, isAccepted) in [
          ("ips", ["10.203.0.2"], true), ("ips", ["10.203.0.2/24"], true), ("ips", ["10.203.0.2/16"], false),
          ("ips", ["10.203.0.3/24"], false), ("mac", "02:00:00:00:00:0a", true), ("mac", "02:00:00:00:00:0b", false),
        ] as [(String, JSONValue, Bool)] {
          var configuration = JSONValue.access(13, version: "1.1.0")
          configuration["runtimeConfig"] = [field: value]
          let answer = try await node.call("ADD", pods[0], configuration: configuration)
          #expect(answer.isSuccess == isAccepted, "\(value): \(answer.text)")
          if !isAccepted {
            #expect(answer.code == 7 && answer.text.contains("runtimeConfig.\(field)"), "\(answer.text)")
            #expect(answer.text.contains("the operator assigned 1") || answer.text.contains("the operator assigned 0"))
          }
        }
      }
    }
  }

  @Test("ADD again gives the same result; DEL of another network with the same interface name changes nothing")
  func repeated() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        let first = try await node.call("ADD", pods[0], configuration: Self.configuration())
        let second = try await node.call("ADD", pods[0], configuration: Self.configuration())
        #expect(first.isSuccess && first.json == second.json, "\(second.text)")
        let other = Self.configuration(("name", "other"))
        let refused = try await node.call("ADD", pods[0], configuration: other)
        #expect(refused.code == 4 && refused.text.contains("CNI_IFNAME") && refused.text.contains("test.vlan"))
        #expect(try await node.call("DEL", pods[0], configuration: other).isSuccess)
        #expect(try await node.ports().count == 1)
        #expect(try NetlinkSocket(in: pods[0].namespace).findLink(.name("net1")) != nil)
      }
    }
  }

  @Test("a default route is left to the network that had it first")
  func defaultRoute() async throws {
    let route = Allocation.Route(
      destination: try CIDR(parsing: "0.0.0.0/0"), nextHop: try IPAddress(parsing: "10.203.0.1"))
    var second = try Allocation.test(
      "10.203.1.2/24",
      routes: [
        .init(destination: route.destination, nextHop: try IPAddress(parsing: "10.203.1.1"))
      ])
    second.interface = "net2"
    let allocations = StaticAllocations([("test", "a", [try .test("10.203.0.2/24", routes: [route]), second])])
    try await TestNode.with(allocations: allocations) { node in
      try await TestPod.with("a") { pods in
        for interface in ["net1", "net2"] {
          var configuration = JSONValue.access(13, version: "1.1.0")
          let added = try await node.call("ADD", pods[0], interface: interface, configuration: configuration)
          #expect(added.isSuccess, "\(added.text)")
          configuration["prevResult"] = added.json
          let checked = try await node.call("CHECK", pods[0], interface: interface, configuration: configuration)
          #expect(checked.isSuccess, "\(checked.text)")
        }
        let defaults = try NetlinkSocket(in: pods[0].namespace).routes().filter { $0.destination.prefixLength == 0 }
        #expect(defaults.map(\.gateway?.description) == ["10.203.0.1"])
      }
    }
  }

  @Test("GC removes what is not in the list, of its own network only, also an interface that never got a port")
  func collection() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a", "b") { pods in
        let (mine, other) = (Self.configuration(), Self.configuration(("name", "other")))
        for (pod, interface, configuration) in [
          (pods[0], "net1", mine), (pods[0], "net2", mine), (pods[1], "net1", mine), (pods[1], "net2", other),
        ] {
          let added = try await node.call("ADD", pod, interface: interface, configuration: configuration)
          #expect(added.isSuccess, "\(added.text)")
        }
        let (half, stranger) = (
          HostEnd(.init(containerID: "c-gone", interface: "net1"), network: "test.vlan"), "veth-foreign"
        )
        for (name, peer) in [(half.name, "p1"), (stranger, "p2")] {
          try NetlinkSocket(in: node.host).perform(.createVeth(VethEnd(name), peer: VethEnd(peer)))
        }
        try NetlinkSocket(in: node.host).perform(.setAlias(half.alias, of: .name(half.name)))

        let list: JSONValue = [["containerID": .string(pods[0].containerID), "ifname": "net1"]]
        for key in ["cni.dev/valid-attachments", "cni.dev/attachments"] {
          let collected = try await node.call("GC", pods[0], configuration: Self.configuration((key, list)))
          #expect(collected.isSuccess && collected.json == nil, "\(collected.text)")
          let kept = [(pods[0], "net1"), (pods[1], "net2")]
            .map { HostEnd.name(containerID: $0.containerID, interface: $1) }
          #expect(try await node.ports() == kept.sorted())
          #expect(try node.hostEnds() == (kept + [stranger, "p2"]).sorted())
        }
        let blind = try await node.call("GC", pods[0], configuration: mine)
        #expect(blind.code == 7 && blind.text.contains("cni.dev/valid-attachments"))
        let wrong = try await node.call(
          "GC", pods[0], configuration: Self.configuration(("cni.dev/valid-attachments", [["containerID": "c"]])))
        #expect(wrong.code == 7 && wrong.text.contains("cni.dev/valid-attachments[0]"))
        #expect(try await node.ports().count == 2)
      }
    }
  }

  @Test(
    "STATUS is not ready, with code 50 and the reason: no bridge, allocation or address, no switch, no database"
  )
  func status() async throws {
    try await SwitchInstance.with { ovs in
      try await ovs.vsctl("add-br", TestNode.bridge, "--", "set", "bridge", TestNode.bridge, "datapath_type=netdev")
      let pods = PodAllocations(patience: .zero)
      let pools = Pools()
      try await TestNode.withAgent(on: SwitchPlace(ovs), allocations: pods, pools: pools) { node in
        try await TestPod.with("a") { sandboxes in
          let configuration = JSONValue.access(13, version: "1.1.0")
          func expect(_ reason: String, _ configuration: JSONValue) async throws {
            let answer = try await node.call("STATUS", sandboxes[0], configuration: configuration)
            #expect(answer.code == 50 && answer.text.contains(reason), "\(answer.text)")
          }
          try await expect("br-absent", Self.configuration(("bridge", "br-absent")))
          try await expect("API server", configuration)
          await pods.synced()
          let ready = try await node.call("STATUS", sandboxes[0], configuration: configuration)
          #expect(ready.isSuccess && ready.json == nil, "\(ready.text)")
          await pools.set("all 5 addresses are taken")
          try await expect("all 5 addresses are taken", configuration)
          await pools.set(nil)
          let socket = node.openVSwitch.managementSocket(of: TestNode.bridge)
          try await ovs.killSwitch()
          while AgentServer.isAnswered(socket) { try await Task.sleep(for: .milliseconds(2)) }
          try await expect("ovs-vswitchd does not run", configuration)
          try await ovs.restartSwitch()
          let again = try await node.call("STATUS", sandboxes[0], configuration: configuration)
          #expect(again.isSuccess, "\(again.text)")
          try await ovs.killDatabase()
          // The agent hears of it a moment after.
          while (try? await node.openVSwitch.observe(timeout: .milliseconds(1))) != nil {
            try await Task.sleep(for: .milliseconds(2))
          }
          try await expect("Open vSwitch does not answer", configuration)
          try await ovs.restartDatabase()
        }
      }
    }
  }

  @Test(
    "a missing namespace, a name too long and a wrong argument have exact errors",
    arguments: [
      ("CNI_NETNS", "/run/netns/absent", 4, "ENOENT"), ("CNI_NETNS", "/etc/passwd", 4, "not a namespace"),
      ("CNI_NETNS", "", 4, "CNI_NETNS"), ("CNI_IFNAME", "sixteen-bytes-xx", 4, "1 to 15 bytes"),
      ("CNI_IFNAME", "", 4, "CNI_IFNAME"), ("CNI_CONTAINERID", "../x", 4, "CNI_CONTAINERID"),
      ("CNI_CONTAINERID", "", 4, "CNI_CONTAINERID"), ("CNI_ARGS", "nothing", 4, "KEY=value"),
      ("CNI_COMMAND", "", 4, "CNI_COMMAND"), ("CNI_COMMAND", "add", 4, "CNI_COMMAND"),
    ] as [(String, String, Int64, String)])
  func variables(name: String, value: String, code: Int64, reason: String) async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        var environment = [
          "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_NETNS": pods[0].namespace.path, "CNI_IFNAME": "net1",
          "NETLOOM_SOCKET": node.socketPath,
        ]
        environment[name] = value
        let outcome = try await NamespaceProcess.run(
          ProcessCommand(pluginPath, environment: environment, standardInput: Self.configuration().serialized()))
        let answer = try JSONValue(parsing: outcome.standardOutput)
        #expect(outcome.status == .exited(1) && answer["code"]?.integer == code, "\(answer)")
        #expect("\(answer)".contains(reason) && "\(answer)".contains(name), "\(answer)")
        #expect(try await node.ports() == [] && node.hostEnds() == [])
      }
    }
  }
}

private actor Pools: PoolReport {
  private var reason: String?

  func set(_ reason: String?) { self.reason = reason }

  func shortage(of network: NetworkReference) -> String? { reason }
}
