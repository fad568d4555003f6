import JSON
import KubernetesModel
import Metrics
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSTestSupport
import Synchronization
import TestSupport
import Testing

@testable import NodeAgent

@Suite("The invariants of a node")
struct InvariantTests {
  /// A sound node: every pod has its sandbox, and every interface its port, device, addresses and status.
  private static func soundNode(_ generator: inout SeededGenerator) throws -> InvariantInventory {
    var inventory = InvariantInventory()
    for number in 0..<Int.random(in: 2...12, using: &generator) {
      let name = NamespacedName(namespace: ["a", "b"][number % 2], name: "pod\(number)")
      var pod = InvariantInventory.PodView(isRunning: Bool.random(using: &generator))
      for position in 1...Int.random(in: 1...3, using: &generator) {
        let vlan = Int.random(in: 10...12, using: &generator)
        let bridge = ["br-a", "br-b"].randomElement(using: &generator) ?? ""
        // The same addresses on every network and VLAN: there they may be.
        let host = number * 3 + position
        let allocation = Allocation(
          network: NetworkReference(namespace: name.namespace ?? "", name: "\(bridge)-\(vlan)"),
          interface: "net\(position)", mac: try MACAddress(parsing: "02:00:00:00:01:\(String(host + 16, radix: 16))"),
          ips: [try InterfaceAddress(parsing: "10.0.0.\(host)/24"), try InterfaceAddress(parsing: "fd00::\(host)/64")])
        pod.allocations.append(allocation)
        pod.statuses.append(NetworkStatus(name: "\(allocation.network)", interface: allocation.interface))
        let port = HostEnd.name(containerID: "c\(number)", interface: allocation.interface)
        inventory.devices.insert(port)
        inventory.ports.append(
          .init(
            name: port, bridge: bridge, tag: Int.random(in: 0...3, using: &generator) == 0 ? nil : vlan,
            container: "c\(number)", interface: allocation.interface, pod: name, hasNamespace: true))
      }
      // Of the cluster's default network nobody here knows anything.
      pod.statuses.append(NetworkStatus(name: "cluster", interface: "eth0", isDefault: true))
      inventory.pods[name] = pod
    }
    return inventory
  }

  private static func found(_ inventory: InvariantInventory) -> Set<InvariantCheck> {
    Set(inventory.violations().map(\.check))
  }

  @Test("a sound node has no violation", arguments: 0..<200)
  func sound(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let inventory = try Self.soundNode(&generator)
    #expect(inventory.violations() == [])
  }

  @Test("each thing that is taken away or doubled is found, and nothing else", arguments: 0..<100)
  func broken(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let sound = try Self.soundNode(&generator)
    let victim = Int.random(in: sound.ports.indices, using: &generator)
    let port = sound.ports[victim]
    let pod = try #require(port.pod)
    let others = sound.pods.keys.filter { $0 != pod }

    var inventory = sound
    inventory.ports[victim].hasNamespace = false
    #expect(Self.found(inventory) == [.portWithoutNamespace])
    #expect(inventory.violations().map(\.container) == [port.container])

    inventory = sound
    inventory.pods[pod] = nil
    #expect(Self.found(inventory) == [.portWithoutPod])
    #expect(inventory.violations().count == sound.ports.count { $0.pod == pod })

    inventory = sound
    inventory.devices.remove(port.name)
    #expect(Self.found(inventory) == [.portWithoutInterface])

    inventory = sound
    inventory.devices.insert("nlabcdefghijklm")
    #expect(inventory.violations().map(\.subject) == ["interface nlabcdefghijklm"])

    inventory = sound
    inventory.ports.remove(at: victim)
    inventory.devices.remove(port.name)
    let isRunning = sound.pods[pod]?.isRunning == true
    #expect(Self.found(inventory) == (isRunning ? [.missingPort] : []))

    // Another pod's interface on the same network gets the same addresses.
    inventory = sound
    let other = try #require(others.randomElement(using: &generator))
    var copy = try #require(sound.pods[pod]?.allocations.first { $0.interface == port.interface })
    copy.interface = "net9"
    inventory.pods[other]?.allocations.append(copy)
    #expect(Self.found(inventory) == [.duplicateAddress, .duplicateMAC])
    inventory.pods[other]?.isFinished = true
    #expect(Self.found(inventory) == [], "a finished pod's addresses may be used again")

    // A second sandbox of the same pod is still on the switch.
    inventory = sound
    var second = port
    second.name = "nlsecondsandbox"
    second.container = "second"
    inventory.ports.append(second)
    inventory.devices.insert(second.name)
    #expect(Self.found(inventory) == (port.tag == nil ? [] : [.duplicateAddress, .duplicateMAC]))
  }

  @Test("what stands for a while counts, once it does; what is gone does not")
  func history() {
    let a = InvariantViolation(check: .missingPort, subject: "a")
    let b = InvariantViolation(check: .missingPort, subject: "b")
    let start = ContinuousClock.now
    var history = InvariantHistory(patience: .seconds(20))
    #expect(history.observe([a], at: start) == ([], [], .seconds(20)))
    #expect(history.observe([a, b], at: start + .seconds(5)) == ([], [], .seconds(15)))
    #expect(history.observe([a, b], at: start + .seconds(20)) == ([a], [a], .seconds(5)))
    #expect(history.observe([a], at: start + .seconds(21)) == ([a], [], nil))
    #expect(history.observe([b], at: start + .seconds(25)) == ([], [], .seconds(20)))
    #expect(history.observe([], at: start + .seconds(50)) == ([], [], nil))
  }

  @Test("names that we made are known by their form")
  func names() {
    #expect(HostEnd.isName(HostEnd.name(containerID: "c", interface: "net1")))
    for name in ["nl", "eth0", "nlABCDEFGHIJKLM", "nlabcdefghijkl1", "nlabcdefghijklmn", "mlabcdefghijklm"] {
      #expect(!HostEnd.isName(name))
    }
  }

  @Test(
    "the plugin that makes the interface decides whether it has a port",
    arguments: [
      (#"{"type":"netloom","bridge":"br"}"#, true), (#"{"type":"macvlan"}"#, false),
      (#"{"plugins":[{"type":"netloom"},{"type":"tuning"}]}"#, true), (#"{"plugins":[{"type":"sriov"}]}"#, false),
      ("", false), ("[", false),
    ])
  func natives(configuration: String, isNative: Bool) {
    #expect(NetworkFacts(configuration: configuration).isNative == isNative)
  }
}

@Suite("The invariants of a real node", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct InvariantCheckerTests {
  @Test("0 beside a pod that is attached; each thing that others take away is seen, and seen to be mended")
  func gauge() async throws {
    let allocations = StaticAllocations([("test", "a", [try .test("10.203.5.2/24")])])
    try await TestNode.with(allocations: allocations) { node in
      try await TestPod.with("a") { pods in
        let factory = GaugeFactory()
        let checker = InvariantChecker(
          openVSwitch: node.openVSwitch, host: node.host,
          pods: {
            [
              Pod(
                metadata: .init(
                  name: "a", namespace: "test",
                  annotations: [
                    PodAnnotation.allocations: Allocation.text(of: (try? [.test("10.203.5.2/24")]) ?? []),
                    PodAnnotation.networkStatus: NetworkStatus.text(of: [.init(name: "test/vlan", interface: "net1")]),
                  ]), status: .init(phase: "Running"))
            ]
          },
          busy: { [] }, isNative: { _ in true }, patience: .zero, metrics: factory, logger: TestNode.logger)
        #expect(factory.violations == [:])
        _ = try await checker.reconcile("node")
        #expect(factory.violations == ["missing_port": 1])
        let answer = try await node.call("ADD", pods[0], configuration: .access(5))
        #expect(answer.isSuccess, "\(answer.text)")
        _ = try await checker.reconcile("node")
        #expect(factory.violations == [:])
        let port = try #require(try node.hostEnds().first)
        let events = node.openVSwitch.events()
        try await node.ovs.vsctl("del-port", TestNode.bridge, port)
        for await _ in events where try await node.openVSwitch.podPorts()[port] == nil { break }
        _ = try await checker.reconcile("node")
        #expect(factory.violations == ["missing_port": 1, "interface_without_port": 1])
        #expect(try await node.call("DEL", pods[0], configuration: .access(5)).isSuccess)
        #expect(try await node.call("ADD", pods[0], configuration: .access(5)).isSuccess)
        _ = try await checker.reconcile("node")
        #expect(factory.violations == [:])
        try NetworkNamespace.remove(path: pods[0].namespace.path)
        _ = try await checker.reconcile("node")
        #expect(factory.violations["port_without_namespace"] == 1)
      }
    }
  }
}

/// Keeps what gauges were set to.
private final class GaugeFactory: MetricsFactory {
  private let values = Mutex<[String: Double]>([:])

  /// The checks that are not 0.
  var violations: [String: Double] { values.withLock { $0.filter { $0.value != 0 } } }

  final class Handler: RecorderHandler {
    let set: @Sendable (Double) -> Void
    init(set: @escaping @Sendable (Double) -> Void) { self.set = set }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    let check = dimensions.first { $0.0 == "check" }?.1 ?? ""
    return Handler { value in self.values.withLock { $0[check] = value } }
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { NOOPMetricsHandler.instance }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}
