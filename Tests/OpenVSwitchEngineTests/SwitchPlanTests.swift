import NetworkTypes
import OVSDB
import Testing

@testable import OpenVSwitchEngine

/// The comparison of wanted and found, on switches made at random.
struct SwitchPlanTests {
  private let owner = "netloom"

  @Test(arguments: 0..<300) func leadsToWhatIsWantedAndTouchesNothingElse(_ seed: UInt64) {
    var random = Generator(seed)
    let before = observed(&random)
    let desired = desired(&random)
    let plan = self.plan(desired, before)
    let after = before.applying(plan.actions, owner: owner)

    let again = self.plan(desired, after)
    #expect(again.actions.isEmpty, "\(plan.actions) then \(again.actions)")
    #expect(again.problems == plan.problems)
    // A second thought leads to the same place from anywhere.
    let detour = self.desired(&random)
    let midway = after.applying(self.plan(detour, after).actions, owner: owner)
    let back = midway.applying(self.plan(desired, midway).actions, owner: owner)
    #expect(self.plan(desired, back).actions.isEmpty)

    for (name, bridge) in before.bridges where bridge.owner != owner {
      #expect(after.bridges[name]?.failMode == bridge.failMode && after.bridges[name]?.owner == bridge.owner)
    }
    for (name, port) in before.ports where port.owner != owner || port.isPodPort {
      #expect(after.ports[name] == port, "\(plan.actions)")
    }
    for (name, port) in after.ports where port.owner == owner && !port.isPodPort {
      #expect(!port.trunks.isEmpty || port.vlanMode == "access", "port \(name) would pass every VLAN")
    }
    // When nobody wants anything any more, nothing of ours is left but what holds pods and others.
    let empty = after.applying(self.plan(DesiredSwitch(), after).actions, owner: owner)
    for (name, port) in empty.ports where port.owner == owner && !port.isPodPort {
      #expect(empty.bridges[port.bridge].map { $0.ports.count > 1 } == true && name == port.bridge)
    }
  }

  @Test func theUplinkCarriesExactlyTheVLANsOfAllThatShareIt() {
    let desired = DesiredSwitch(bridges: [
      "br-a": DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(10...12))),
      "br-b": DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(12...14))),
    ])
    let after = ObservedSwitch().applying(plan(desired, ObservedSwitch()).actions, owner: owner)
    #expect(after.ports["eth1"]?.bridge == "br-a")
    #expect(after.ports["eth1"]?.vlans == vlans(10...14))
    #expect(after.ports["br-b-to-br-a"]?.vlans == vlans(12...14))
    #expect(after.ports["br-a-to-br-b"]?.interfaces.first?.options == ["peer": "br-b-to-br-a"])
  }

  @Test func untaggedFramesPassWhereTheyAreWanted() {
    let desired = DesiredSwitch(bridges: [
      "br-a": DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(10...12))),
      "br-b": DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(12...14), untagged: true)),
      "br-c": DesiredBridge(uplink: .init(interface: "eth2", vlans: [], untagged: true)),
    ])
    let after = ObservedSwitch().applying(plan(desired, ObservedSwitch()).actions, owner: owner)
    #expect(after.ports["eth1"]?.trunks == [0, 10, 11, 12, 13, 14])
    #expect(after.ports["br-b-to-br-a"]?.trunks == [0, 12, 13, 14])
    #expect(after.ports["br-a-to-br-b"]?.trunks == [0, 12, 13, 14])
    #expect(after.ports["eth2"]?.trunks == [0])
    #expect(after.ports["eth2"]?.passesUntagged == true)
    #expect(plan(desired, after).actions.isEmpty)
  }

  @Test func anUplinkInABondOfSomebodyElseIsReachedThroughItsBridge() {
    var observed = ObservedSwitch()
    observed.add("br-ex", owner: nil)
    observed.add("bond0", on: "br-ex", owner: nil, interfaces: ["eth1", "eth2"])
    let desired = DesiredSwitch(bridges: [
      "br-data": DesiredBridge(uplink: .init(interface: "eth2", vlans: vlans(10...12)))
    ])
    let after = observed.applying(plan(desired, observed).actions, owner: owner)
    #expect(after.ports["eth2"] == nil)
    #expect(after.ports["br-ex-to-br-data"]?.bridge == "br-ex")
    #expect(after.ports["bond0"] == observed.ports["bond0"])
  }

  @Test func whatCannotBeIsSaid() {
    var observed = ObservedSwitch()
    observed.add("br-ex", owner: nil)
    observed.add("br-data", on: "br-ex", owner: nil, interfaces: ["br-data"])
    observed.add("p1", on: "br-ex", owner: nil, interfaces: ["p1"])
    let desired = DesiredSwitch(bridges: [
      "br-data": DesiredBridge(), "br-x": DesiredBridge(ports: ["p1": DesiredPort(vlans: .access(vlan(5)))]),
    ])
    let plan = plan(desired, observed)
    #expect(plan.problems.map(\.bridge) == ["br-data", "br-x"])
    #expect(plan.problems.allSatisfy { $0.message.contains("br-ex") })
    #expect(plan.actions.map(\.description) == ["create bridge br-x (datapath netdev)"])
  }

  private func plan(_ desired: DesiredSwitch, _ observed: ObservedSwitch) -> SwitchPlan {
    SwitchPlan(desired: desired, observed: observed, owner: owner, kernelHasDatapath: false)
  }

  private let bridgeNames = ["br-a", "br-b", "br-c", "br-d"]
  private let portNames = ["eth1", "eth2", "p1", "p2", "br-a-to-br-b", "br-b-to-br-a"]

  private func observed(_ random: inout Generator) -> ObservedSwitch {
    var observed = ObservedSwitch()
    for name in bridgeNames where Bool.random(using: &random) {
      observed.add(name, owner: [nil, owner, "netloom/other"].randomElement(using: &random) ?? nil)
    }
    for name in portNames where Bool.random(using: &random) {
      guard let bridge = observed.bridges.keys.sorted().randomElement(using: &random) else { continue }
      let role = ["uplink", "patch", "pod", "port"].randomElement(using: &random)
      let mark = [nil, owner, "netloom/other"].randomElement(using: &random) ?? nil
      observed.add(
        name, on: bridge, owner: mark, role: role, interfaces: [name],
        trunks: [[], [4095], [10, 11]].randomElement(using: &random) ?? [])
    }
    return observed
  }

  private func desired(_ random: inout Generator) -> DesiredSwitch {
    var desired = DesiredSwitch()
    for name in bridgeNames where Bool.random(using: &random) {
      var bridge = DesiredBridge(failMode: [nil, .secure].randomElement(using: &random) ?? nil)
      if Bool.random(using: &random) {
        let vlans = Set((1...4).filter { _ in Bool.random(using: &random) }.map { vlan($0) })
        bridge.uplink = .init(interface: ["eth1", "eth2"].randomElement(using: &random) ?? "eth1", vlans: vlans)
      }
      if Bool.random(using: &random) {
        bridge.ports[["p1", "p2"].randomElement(using: &random) ?? "p1"] = DesiredPort(
          .internal, vlans: .access(vlan(UInt16.random(in: 1...9, using: &random))), mtu: 1400)
      }
      desired.bridges[name] = bridge
    }
    return desired
  }
}

/// A random number generator that gives the same numbers for the same seed.
struct Generator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

extension ObservedSwitch {
  mutating func add(_ bridge: String, owner: String?) {
    bridges[bridge] = ObservedBridge(id: .random, owner: owner, datapathType: "netdev", failMode: nil, ports: [])
    add(bridge, on: bridge, owner: owner, role: "bridge", interfaces: [bridge], trunks: [4095])
  }

  mutating func add(
    _ port: String, on bridge: String, owner: String?, role: String? = nil, interfaces: [String],
    trunks: Set<Int> = [], mode: String? = nil, tag: Int? = nil, mtu: Int? = nil, type: String = "",
    options: [String: String] = [:], externalIDs: [String: String] = [:]
  ) {
    var marks = externalIDs
    marks["netloom-owner"] = owner
    if owner != nil { marks["netloom-role"] = role }
    ports[port] = ObservedPort(
      id: .random, bridge: bridge, owner: owner, externalIDs: marks, vlanMode: mode, tag: tag, trunks: trunks,
      interfaces: interfaces.map {
        ObservedInterface(id: .random, name: $0, type: type, options: options, mtuRequest: mtu, ofport: 1)
      })
    bridges[bridge]?.ports.insert(port)
  }

  private mutating func put(_ name: String, _ bridge: String, _ port: DesiredPort, _ role: String, _ owner: String) {
    add(
      name, on: bridge, owner: owner, role: role, interfaces: [name], trunks: port.vlans.trunks,
      mode: port.vlans.mode, tag: port.vlans.tag, mtu: port.mtu, type: port.interface.type,
      options: port.interface.options, externalIDs: port.externalIDs)
  }

  /// What the switch holds after the steps.
  func applying(_ actions: [SwitchAction], owner: String) -> ObservedSwitch {
    var result = self
    for action in actions {
      switch action {
      case .createBridge(let name, let type, let mode):
        result.add(name, owner: owner)
        result.bridges[name]?.datapathType = type
        result.bridges[name]?.failMode = mode?.rawValue
      case .updateBridge(let name, let mode): result.bridges[name]?.failMode = mode?.rawValue
      case .deleteBridge(let name):
        for port in result.bridges[name]?.ports ?? [] { result.ports[port] = nil }
        result.bridges[name] = nil
      case .createPort(let name, let bridge, let port, let role): result.put(name, bridge, port, role, owner)
      case .updatePort(let name, let port, let role):
        result.put(name, result.ports[name]?.bridge ?? "", port, role, owner)
      case .deleteLimit: break
      case .restorePodPort(let name, let vlans, _):
        result.ports[name]?.vlanMode = vlans.mode
        result.ports[name]?.tag = vlans.tag
        result.ports[name]?.trunks = vlans.trunks
      case .configureChassis(let change):
        for (key, value) in change.removed where result.externalIDs[key] == value { result.externalIDs[key] = nil }
        for (key, value) in change.added where result.externalIDs[key] == nil { result.externalIDs[key] = value }
      case .deletePort(let name, let bridge):
        result.ports[name] = nil
        result.bridges[bridge]?.ports.remove(name)
      }
    }
    return result
  }
}

extension RowID {
  static var random: RowID { RowID(rawValue: UInt128.random(in: 1...UInt128.max)) }
}
