import Compiler
import KubernetesModel
import Logging
import NetloomAPI
import Testing

@testable import Operator

/// What is reported of a fabric whose switches do not answer.
@Suite struct BridgeDomainReportTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private static let fabric = Fabric(
    metadata: ObjectMeta(name: "dc1"),
    spec: .init(
      switches: [.init(name: "leaf1", endpoint: "unix:/nowhere/leaf1.sock")],
      links: [.init(node: "worker1", interface: "eth1", switch: "leaf1", port: "swp1")]))

  private static func domain(ports: [Fabric.PortReference], generation: Int64 = 1) -> BridgeDomain {
    var metadata = ObjectMeta(name: "dc1-vlan13")
    metadata.generation = generation
    return BridgeDomain(metadata: metadata, spec: .init(fabric: "dc1", vlan: 13, ports: ports))
  }

  private static func reports(
    _ controller: inout FabricController
  ) -> (switches: [Fabric.SwitchStatus], domains: [BridgeDomain])? {
    controller.program()
    return controller.driver(of: "dc1").flatMap { controller.set($0.status, of: "dc1", now: "2026-01-01T00:00:00Z") }
  }

  @Test func notReadyBeforeTheSwitchSaysSo() throws {
    var controller = FabricController(logger: Self.quiet)
    let starts = controller.apply([
      .put(.fabric(Self.fabric)), .put(.bridgeDomain(Self.domain(ports: [.init(switch: "leaf1", port: "swp1")]))),
    ])
    #expect(starts.count == 1)
    let report = try #require(Self.reports(&controller))
    #expect(report.switches.map(\.connected) == [false])
    let status = try #require(report.domains.first?.status)
    #expect(status.phase == .pending)
    #expect(status.observedGeneration == 1)
    #expect(status.portCount == 1)
    #expect(status.portsProgrammed == 0)
  }

  @Test func closedOnlyWhenEverySwitchAnswers() throws {
    var controller = FabricController(logger: Self.quiet)
    _ = controller.apply([.put(.fabric(Self.fabric)), .put(.bridgeDomain(Self.domain(ports: [], generation: 2)))])
    let report = try #require(Self.reports(&controller))
    #expect(report.domains.first?.status?.phase == .pending)
  }

  @Test func unknownSwitchIsAnErrorWithItsName() throws {
    var controller = FabricController(logger: Self.quiet)
    _ = controller.apply([
      .put(.fabric(Self.fabric)), .put(.bridgeDomain(Self.domain(ports: [.init(switch: "leaf9", port: "swp1")]))),
    ])
    let report = try #require(Self.reports(&controller))
    #expect(report.domains.first?.status?.phase == .error)
    #expect(report.domains.first?.status?.conditions?[type: "Ready"]?.message.contains("leaf9") == true)
  }

  @Test func fabricsOfOtherDriversAreLeftToThem() {
    var controller = FabricController(logger: Self.quiet)
    var fabric = Self.fabric
    fabric.spec.driver = "elsewhere"
    #expect(controller.apply([.put(.fabric(fabric))]).isEmpty)
    #expect(controller.driver(of: "dc1") == nil)
  }
}
