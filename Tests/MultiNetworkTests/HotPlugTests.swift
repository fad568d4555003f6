import CNI
import JSON
import NetworkAnnotations
import Testing

@testable import MultiNetwork

/// What is done to a running sandbox when its pod asks for other networks.
@Suite struct HotPlugTests {
  private static func delegate(
    _ network: String, _ interface: String, type: String = "netloom", _ more: JSONValue = [:]
  ) -> Delegate {
    var configuration: JSONValue = ["cniVersion": "1.0.0", "name": .string(network), "type": .string(type)]
    for (key, value) in more.object ?? [:] { configuration[key] = value }
    return Delegate(network: "test/\(network)", interface: interface, configuration: configuration)
  }

  private static var first: Delegate {
    var delegate = delegate("cluster", "eth0", type: "bridge")
    delegate.isDefault = true
    return delegate
  }

  private static func plan(_ recorded: [Delegate], _ wanted: [Delegate], unfinished: Set<String> = []) -> HotPlug {
    HotPlug(
      recorded: ([first] + recorded).map { .init(delegate: $0, isFinished: !unfinished.contains($0.interface)) },
      wanted: wanted.map { .init(network: $0.network, interface: $0.interface, delegate: .success($0)) })
  }

  @Test func nothingIsDoneWhenNothingHasChanged() {
    let both = [Self.delegate("a", "net1"), Self.delegate("b", "net2", type: "macvlan")]
    let plan = Self.plan(both, both)
    #expect(plan.detach == [] && plan.attach == [] && plan.keep == both && plan.refusals == [] && plan.failures == [])
  }

  @Test func networksComeAndGoAndTheDefaultOneStays() {
    let (a, b, c) = (Self.delegate("a", "net1"), Self.delegate("b", "net2"), Self.delegate("c", "net1"))
    #expect(Self.plan([a], [a, b]).attach == [b])
    #expect(Self.plan([a, b], [b]).detach == [a])
    #expect(Self.plan([a, b], []).detach == [a, b])
    let exchanged = Self.plan([a, b], [c, b])
    #expect(exchanged.detach == [a] && exchanged.attach == [c] && exchanged.keep == [b])
    let twice = Self.plan([a, Self.delegate("a", "net2")], [Self.delegate("a", "net2")])
    #expect(twice.detach == [a] && twice.attach == [])
    // The same network under another name is another interface.
    let renamed = Self.plan([a], [Self.delegate("a", "data")])
    #expect(renamed.detach == [a] && renamed.attach.map(\.interface) == ["data"])
  }

  @Test func whatMayBeHalfMadeIsMadeAnew() {
    let (a, b) = (Self.delegate("a", "net1"), Self.delegate("b", "net2"))
    let plan = Self.plan([a, b], [a, b], unfinished: ["net2"])
    #expect(plan.detach == [b] && plan.attach == [b] && plan.keep == [a])
  }

  @Test func ownNetworksAreBroughtUpToDateAndOthersAreSaidToNeedARestart() {
    let plan = Self.plan(
      [Self.delegate("a", "net1", ["vlan": 10]), Self.delegate("b", "net2", type: "macvlan", ["vlan": 10])],
      [Self.delegate("a", "net1", ["vlan": 20]), Self.delegate("b", "net2", type: "macvlan", ["vlan": 20])])
    #expect(plan.detach == [] && plan.attach == [])
    #expect(plan.keep.map { $0.configuration["vlan"] } == [20, 10])
    #expect(plan.refusals.map(\.remedy) == [.restart])
    #expect(plan.refusals[0].description.hasPrefix("net2 on test/b: its configuration has changed"))
    #expect(plan.refusals[0].description.contains("macvlan"))
  }

  @Test func addressesStayAndRatesChange() {
    let before = Self.delegate("a", "net1")
    var after = before
    after.capabilityArguments = ["ips": ["10.0.0.9"], "mac": "02:00:00:00:00:09", "bandwidth": ["ingressRate": 1000]]
    let plan = Self.plan([before], [after])
    #expect(plan.keep.map(\.capabilityArguments) == [["bandwidth": ["ingressRate": 1000]]])
    #expect(plan.refusals.map(\.remedy) == [.reattach, .reattach])
    #expect(plan.refusals.contains { $0.description.contains("addresses") && $0.description.contains("10.0.0.9") })
  }

  @Test func oneThatCannotBeAttachedStopsNobody() {
    let (a, b) = (Self.delegate("a", "net1"), Self.delegate("b", "net2"))
    let wrong = CNIError(.invalidConfiguration, "wrong")
    let plan = HotPlug(
      recorded: [.init(delegate: a, isFinished: true)],
      wanted: [
        .init(network: "test/a", interface: "net1", delegate: .failure(CNIError(.tryAgainLater, "gone"))),
        .init(network: "test/b", interface: "net2", delegate: .success(b)),
        .init(network: "test/c", interface: "net3", delegate: .failure(wrong)),
      ])
    #expect(plan.keep == [a] && plan.attach == [b] && plan.detach == [] && plan.failures == [wrong])
  }
}
