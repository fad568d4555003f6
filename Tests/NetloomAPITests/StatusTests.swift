import KubernetesModel
import Testing

@testable import NetloomAPI

@Suite struct StatusTests {
  private static func condition(_ type: String, _ status: Condition.Status, _ reason: String) -> Condition {
    Condition(type: type, status: status, reason: reason, message: "", lastTransitionTime: "2026-01-01T00:00:00Z")
  }

  static let phases: [([Condition], Phase)] = [
    ([], .pending),
    ([condition("Ready", .unknown, "Pending")], .pending),
    ([condition("Ready", .false, "WaitingForFabric"), condition("FabricReady", .false, "Programming")], .pending),
    ([condition("Ready", .true, "Ready")], .ready),
    ([condition("Ready", .false, "WaitingForFabric"), condition("FabricReady", .false, "Unreachable")], .error),
    ([condition("Ready", .false, "SomethingThatADriverMadeUp")], .error),
    ([condition("Ready", .false, "Pending"), condition("Blocked", .false, "NotInUse")], .pending),
    ([condition("Ready", .true, "Ready"), condition("Warning", .true, "SharedTrunk")], .ready),
  ]

  @Test(arguments: phases) func phaseFollowsFromTheConditions(_ conditions: [Condition], _ phase: Phase) {
    #expect(Phase(conditions: conditions) == phase)
    #expect(Phase(conditions: conditions, isDeleting: true) == .terminating)
  }

  @Test func theFirstInterfaceThatFitsIsChosen() throws {
    let spec = ConnectionPoint.Spec(interfaces: [
      .init(implementation: .hostDevice, resourceName: "intel.com/virtio"),
      .init(implementation: .netloom, bridge: "br-data"), .init(implementation: .userspace, bridge: "br"),
    ])
    func choice(
      _ type: VLANType, _ interface: PodInterfaceType? = nil, _ implementation: Implementation? = nil
    ) -> Implementation? {
      spec.choice(
        for: .init(l2Services: ["a"], vlanType: type, podInterfaceType: interface, implementation: implementation)
      )?.interface.implementation
    }
    #expect(choice(.trunk) == .hostDevice)
    #expect(choice(.access) == .netloom)
    #expect(choice(.trunk, .dpdk) == .userspace)
    #expect(choice(.trunk, nil, .netloom) == .netloom)
    #expect(choice(.access, .dpdk) == nil)
  }

  @Test func referencesAreReadFromTheirNamespace() {
    #expect(NamespacedName(reference: "a", from: "n") == NamespacedName(namespace: "n", name: "a"))
    #expect(NamespacedName(reference: "m/a", from: "n") == NamespacedName(namespace: "m", name: "a"))
  }
}
