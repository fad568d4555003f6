import CNI
import Files
import Glibc
import JSON
import Netlink
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import MultiNetwork

private let record: JSONValue = ["cniVersion": "1.0.0", "type": "record"]
private let native: JSONValue = ["cniVersion": "1.0.0", "type": "netloom", "bridge": "br-data", "vlan": 13]

@Suite("The standard, 2.4 and 2.6: the default network, order, failures, state")
struct RuntimeTests {
  private func with(_ networks: String, _ body: (TestHost) async throws -> Void) async throws {
    try await TestHost.with { host in
      for name in ["a", "b"] { host.define(name, record) }
      host.define("n", native)
      host.ask(for: networks)
      try await body(host)
    }
  }

  @Test func item24StatusMayChangeLater() async throws {
    // The status is made of what is kept of the sandbox, so it can be written again when that has changed.
    try await with("a,n") { host in
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      let sandbox = try #require(try host.multiplexer.parts.state.load(host.sandbox().key))
      let results = try sandbox.results.map { json throws(CNIError) in try CNIResult(json: json) }
      #expect(sandbox.status(results, host.multiplexer.logger) == host.look { $0.published.last })
    }
  }

  @Test func item25DefaultNetworkFirst() async throws {
    try await with("a,b") { host in
      let result = try await host.multiplexer.add(host.sandbox(), host.network())
      #expect(try host.calls == ["ADD eth0", "ADD net1", "ADD net2"])
      #expect(result.interfaces.map(\.name) == ["eth0"])
      let status = try #require(host.look { $0.published.last })
      #expect(
        status.map(\.name) == ["cluster", "test/a", "test/b"] && status.map(\.isDefault) == [true, false, false])
    }
  }

  @Test func theMACAddressThatWasDecidedReachesPluginsThatTakeOne() async throws {
    try await with(#"[{"name":"takes"},{"name":"a"},{"name":"takes","mac":"02:00:00:00:00:09"}]"#) { host in
      host.define("takes", ["cniVersion": "1.0.0", "type": "record", "capabilities": ["mac": true]])
      let decided = try MACAddress(parsing: "02:4e:0a:00:00:05")
      host.change { $0.macAddresses = ["net1": decided, "net2": decided, "net3": decided] }
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      let addresses = try host.inputs.map { $0[path: "runtimeConfig", "mac"]?.string }
      #expect(addresses == [nil, "\(decided)", nil, "02:00:00:00:00:09"])
    }
  }

  @Test func item26NotBeforeTheClusterNetworkIsReady() async throws {
    try await with("a") { host in
      let indicator = "\(host.folder)/ready"
      let network = try host.network(["readinessIndicatorFile": .string(indicator)])
      let error = await #expect(throws: CNIError.self) { try await host.multiplexer.add(host.sandbox(), network) }
      #expect(error?.code == .tryAgainLater && error?.message == "the cluster's network is not ready")
      let status = await #expect(throws: CNIError.self) { try await host.multiplexer.status(network) }
      #expect(status?.code == .notAvailable && status?.details.hasPrefix("there is no \(indicator)") == true)
      // A sandbox of earlier is not held up.
      try await host.multiplexer.delete(host.sandbox(), network)
      #expect(try host.calls == ["DEL eth0"])
      try Files.write([], to: indicator)
      try await host.multiplexer.status(network)
      _ = try await host.multiplexer.add(host.sandbox(), network)
    }
  }

  @Test func item27FirstFailureEndsIt() async throws {
    try await with("a,b,a") { host in
      try host.failAt("ADD", "net2")
      let error = await #expect(throws: CNIError.self) {
        try await host.multiplexer.add(host.sandbox(), host.network())
      }
      #expect(error?.description.hasPrefix("cannot attach the pod to test/b: ") == true)
      #expect(
        error?.details == "CNI plugin record failed at ADD: told to fail: for a test" && error?.code.rawValue == 123)
      #expect(try host.calls == ["ADD eth0", "ADD net1", "ADD net2", "DEL net2", "DEL net1", "DEL eth0"])
      #expect(host.look { $0.published }.isEmpty)
      #expect(host.multiplexer.parts.state.all().sandboxes.isEmpty)
    }
  }

  @Test func item28AllThatWasAttemptedIsTakenDown() async throws {
    try await with("a,b") { host in
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      try host.forgetCalls()
      // Neither the pod nor the definitions are needed.
      host.change {
        $0.definitions = [:]; $0.pod = nil
      }
      for interface in ["net2", "eth0"] { try host.failAt("DEL", interface) }
      let error = await #expect(throws: CNIError.self) {
        try await host.multiplexer.delete(host.sandbox(), host.network())
      }
      #expect(error?.message == "cannot detach the pod from test/b")
      #expect(error?.details.contains("cannot detach the pod from cluster") == true)
      #expect(try host.calls == ["DEL net2", "DEL net1", "DEL eth0"])
      try host.forgetCalls()
      for interface in ["net2", "eth0"] { try host.succeedAt("DEL", interface) }
      try await host.multiplexer.delete(host.sandbox(), host.network())
      #expect(try host.calls == ["DEL net2", "DEL eth0"])
      #expect(host.multiplexer.parts.state.all().sandboxes.isEmpty)
    }
  }

  @Test func item29OneOperationAtATime() async throws {
    try await with("a,b") { host in
      let multiplexer = host.multiplexer
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask { _ = try await multiplexer.add(host.sandbox(), host.network()) }
          group.addTask { try await multiplexer.delete(host.sandbox(), host.network()) }
        }
        try await group.waitForAll()
      }
      // Whole blocks: an ADD (or the taking down before a repeated one) is never mixed with another call.
      var calls = try host.calls[...]
      while let first = calls.first {
        let block =
          first == "ADD eth0"
          ? ["ADD eth0", "ADD net1", "ADD net2"]
          : first == "DEL eth0" ? ["DEL eth0"] : ["DEL net2", "DEL net1", "DEL eth0"]
        #expect(Array(calls.prefix(block.count)) == block)
        calls = calls.dropFirst(block.count)
      }
    }
  }

  @Test func item32ListSemantics() async throws {
    try await with("chain") { host in
      host.define(
        "chain",
        ["cniVersion": "1.0.0", "plugins": [["type": "record", "position": 1], ["type": "record", "position": 2]]])
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      let inputs = try host.inputs.suffix(2)
      #expect(
        inputs.map { $0["name"] } == ["chain", "chain"] && inputs.map { $0["cniVersion"] } == ["1.0.0", "1.0.0"])
      #expect(inputs.map { $0["position"] } == [1, 2])
      #expect(inputs.map { $0[path: "prevResult", "interfaces"]?[0]?["name"] } == [nil, "net1"])
    }
  }

  @Test func item33PodAndNodeAreNotTouched() async throws {
    // Scheduling, services and the Kubernetes API are not the standard's: without annotation there is the cluster's network.
    try await TestHost.with { host in
      host.change { $0.pod = nil }
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      #expect(try host.calls == ["ADD eth0"] && host.look { $0.published }.isEmpty)
    }
  }

  @Test func item37DeviceInfoFiles() async throws {
    try await with("d") { host in
      host.define("d", plugin("record", capabilities: ["CNIDeviceInfoFile", "deviceID"]), resource: "intel.com/vf")
      host.change { $0.devices = ["intel.com/vf": ["0000:01:00.0"]] }
      let info: JSONValue = ["type": "pci", "version": "1.1.0", "pci": ["pci-address": "0000:01:00.0"]]
      try Files.makeFolder("\(host.folder)/devinfo/dp")
      try Files.write(info.serialized(), to: "\(host.folder)/devinfo/dp/intel.com-vf-0000:01:00.0-device.json")
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      let file = "\(host.folder)/devinfo/cni/c1-net1.json"
      #expect(try host.inputs[1]["runtimeConfig"] == ["CNIDeviceInfoFile": .string(file), "deviceID": "0000:01:00.0"])
      #expect(try Files.read(file) == info.serialized())
      #expect(host.look { $0.published.last }?[1].deviceInfo == info)
      try await host.multiplexer.delete(host.sandbox(), host.network())
      #expect(try Files.read(file) == nil)
      #expect(try Files.read("\(host.folder)/devinfo/dp/intel.com-vf-0000:01:00.0-device.json") != nil)
    }
  }

  @Test("attachments of our own type that follow one another are made in one go")
  func batches() async throws {
    try await with("n,n,a,n") { host in
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      try await host.multiplexer.check(host.sandbox(), host.network())
      try await host.multiplexer.delete(host.sandbox(), host.network())
      #expect(
        host.look { $0.native } == [
          "ADD net1,net2", "ADD net4", "CHECK net1", "CHECK net2", "CHECK net4", "DEL net4", "DEL net1,net2",
        ])
      #expect(try host.calls == ["ADD eth0", "ADD net3", "CHECK eth0", "CHECK net3", "DEL net3", "DEL eth0"])
      host.change {
        $0.failing = ["ADD net4"]; $0.native = []
      }
      let error = await #expect(throws: CNIError.self) {
        try await host.multiplexer.add(host.sandbox(), host.network())
      }
      #expect(error?.code == .tryAgainLater)
      #expect(host.look { $0.native } == ["ADD net1,net2", "ADD net4", "DEL net4", "DEL net1,net2"])
    }
  }

  @Test("GC takes down what is not valid, and tells the plugins of every network what they still have")
  func collection() async throws {
    try await with("g,n") { host in
      host.define("g", ["cniVersion": "1.1.0", "type": "record"])
      let (old, new) = (host.sandbox("c1"), host.sandbox("c2"))
      for sandbox in [old, new] { _ = try await host.multiplexer.add(sandbox, host.network()) }
      try host.forgetCalls()
      host.change { $0.native = [] }
      try host.failAt("DEL", "eth0")
      await #expect(throws: CNIError.self) { try await host.multiplexer.collect(host.network(valid: [new.key])) }
      try host.succeedAt("DEL", "eth0")
      try await host.multiplexer.collect(host.network(valid: [new.key]))
      #expect(try host.calls.filter { $0.hasPrefix("DEL") } == ["DEL net1", "DEL eth0", "DEL eth0", "DEL eth0"])
      let told = try host.inputs.compactMap { $0["cni.dev/valid-attachments"] }
      #expect(told.last == [["containerID": "c2", "ifname": "net1"]])
      #expect(host.look { $0.native } == ["DEL net2", "GC n net2", "GC n net2"])
      #expect(host.multiplexer.parts.state.all().sandboxes.map(\.containerID) == ["c2"])
    }
  }

  @Test("an ADD repeated after the agent was killed begins afresh")
  func repeatedAdd() async throws {
    try await with("a") { host in
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      #expect(try host.calls == ["ADD eth0", "ADD net1", "DEL net1", "DEL eth0", "ADD eth0", "ADD net1"])
    }
  }
}

@Suite(
  "The standard with Debian's plugins",
  .enabled(
    if: geteuid() == 0 && access("/usr/lib/cni/bridge", X_OK) == 0, "needs root and containernetworking-plugins"))
struct RealPluginTests {
  private func bridge(_ name: String, _ subnet: String, _ folder: String) -> JSONValue {
    [
      "cniVersion": "1.0.0",
      "plugins": [
        [
          "type": "bridge", "bridge": .string(name), "isGateway": true, "isDefaultGateway": .bool(name == "cni0"),
          "capabilities": ["ips": true],
          "ipam": [
            "type": "host-local", "dataDir": .string("\(folder)/ipam"), "ranges": [[["subnet": .string(subnet)]]],
          ],
        ],
        ["type": "tuning", "capabilities": ["mac": true]],
      ],
    ]
  }

  @Test("bridge, macvlan and ptp beside the default network; the default route moves; CHECK; DEL leaves nothing")
  func attachments() async throws {
    try await TestHost.with(pods: ["pod"]) { host in
      var cluster = bridge("cni0", "10.210.0.0/24", host.folder)
      cluster["name"] = "cluster"
      try host.configuration("10-cluster.conflist", cluster)
      host.define("lan", bridge("lan0", "10.211.0.0/24", host.folder))
      host.define(
        "direct",
        [
          "cniVersion": "1.0.0", "type": "ptp",
          "ipam": [
            "type": "host-local", "dataDir": .string("\(host.folder)/ipam"), "ranges": [[["subnet": "10.212.0.0/24"]]],
          ],
        ])
      host.define(
        "upper",
        [
          "cniVersion": "1.0.0", "type": "macvlan", "master": "lan0",
          "ipam": ["type": "static", "addresses": [["address": "10.211.0.200/24"]]],
        ])
      host.ask(
        for:
          #"[{"name":"lan","ips":["10.211.0.50/24"],"mac":"02:00:00:00:00:50","default-route":["10.211.0.1"]},{"name":"direct"},{"name":"upper","interface":"up0"}]"#
      )
      let result = try await host.multiplexer.add(host.sandbox(), host.network())
      #expect(result.ips.map(\.address.description) == ["10.210.0.2/24"])
      #expect(!result.routes.contains { $0.destination.prefixLength == 0 })
      let pod = try NetlinkSocket(in: NetworkNamespace.open(path: "\(host.folder)/pod"))
      let lan = try pod.link(.name("net1"))
      #expect(lan.macAddress?.description == "02:00:00:00:00:50")
      let defaults = try pod.routes().filter { $0.destination.prefixLength == 0 && $0.gateway != nil }
      #expect(defaults.map(\.linkIndex) == [lan.index] && defaults.first?.gateway == IPAddress("10.211.0.1"))
      let status = try #require(host.look { $0.published.last })
      #expect(status.map(\.name) == ["cluster", "test/lan", "test/direct", "test/upper"])
      #expect(status.map(\.interface) == ["eth0", "net1", "net2", "up0"])
      #expect(
        status.map { $0.ips.map(\.description) } == [["10.210.0.2"], ["10.211.0.50"], ["10.212.0.2"], ["10.211.0.200"]])
      #expect(status[1].gateway == [IPAddress("10.211.0.1")!] && status[0].gateway.isEmpty)
      try await host.multiplexer.check(host.sandbox(), host.network())
      try pod.perform(.removeRoute(defaults[0]))
      let gone = await #expect(throws: CNIError.self) {
        try await host.multiplexer.check(host.sandbox(), host.network())
      }
      #expect(gone?.message == "test/lan, interface net1, is not as it was made")
      try await host.multiplexer.delete(host.sandbox(), host.network())
      for name in ["eth0", "net1", "net2", "up0"] { #expect(try pod.findLink(.name(name)) == nil) }
      for network in ["cluster", "lan", "direct"] {
        #expect(Files.entries(of: "\(host.folder)/ipam/\(network)").filter { $0.hasPrefix("10.") }.isEmpty)
      }
      #expect(Files.entries(of: "\(host.folder)/results").isEmpty)
      #expect(host.multiplexer.parts.state.all().sandboxes.isEmpty)
    }
  }

  @Test("a gateway that no address of the network reaches fails the pod, and nothing is left")
  func unreachableGateway() async throws {
    try await TestHost.with(pods: ["pod"]) { host in
      host.define("lan", bridge("lan0", "10.211.0.0/24", host.folder))
      host.ask(for: #"[{"name":"lan","default-route":["10.99.0.1"]}]"#)
      let error = await #expect(throws: CNIError.self) {
        try await host.multiplexer.add(host.sandbox(), host.network())
      }
      #expect(error?.message == "cannot give the pod its default route by test/lan")
      #expect(Files.entries(of: "\(host.folder)/ipam/lan").filter { $0.hasPrefix("10.") }.isEmpty)
    }
  }
}
