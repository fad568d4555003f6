import JSON
import KubernetesModel
import NetloomAPI
import NetworkTypes
import OVSDB
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Switches fail, and other people work on them too.
  @Suite(.serialized) struct FabricTests {
    private static let network = [
      Manifest.service("net", vlan: 210), Manifest.attachment("net", ["net"], "access"),
    ]

    /// A switch that does not answer is named, pods cannot join yet, and all comes right when the switch is there.
    @Test func switchThatIsAwayIsNamedAndCaughtUpWith() async throws {
      try await Tenant.with("away") { tenant in
        let lab = tenant.cluster.lab
        lab.killSwitch(of: "leaf2")
        try await tenant.apply(Self.network)
        try await expectComplaint(about: "leaf2", in: tenant)
        #expect(try await tenant.list(NetworkAttachmentDefinition.definition).isEmpty)
        try await lab.restartSwitch(of: "leaf2")
        try await tenant.waitUntilReady()
        try await expectFabricReady(tenant)
        try await expectForwarding(in: tenant)
      }
    }

    /// A switch dies while it is being programmed.
    @Test func switchThatDiesHalfWayIsNamedAndCaughtUpWith() async throws {
      try await Tenant.with("half-way") { tenant in
        let lab = tenant.cluster.lab
        try await tenant.apply(Self.network)
        try await tenant.cluster.objects.wait(for: BridgeDomain.definition, "a VLAN is asked for") { !$0.isEmpty }
        lab.killSwitch(of: "leaf1")
        try await expectComplaint(about: "leaf1", in: tenant)
        try await lab.restartSwitch(of: "leaf1")
        try await tenant.waitUntilReady()
        try await expectFabricReady(tenant)
        try await expectForwarding(in: tenant)
      }
    }

    /// A worker's Open vSwitch dies under its pods; they talk again when it is back.
    @Test func nodeSwitchThatDiesComesBackWithItsPods() async throws {
      try await Tenant.with("node-switch") { tenant in
        try await tenant.apply(Self.network)
        try await tenant.waitUntilReady()
        try await expectForwarding(in: tenant)
        tenant.cluster.lab.killSwitch(of: "worker1")
        try await tenant.cluster.lab.restartSwitch(of: "worker1")
        #expect(try tenant.mistakes(among: points(in: tenant)) == [])
        // The agent has found the switch again: what is new comes through too.
        try await tenant.apply(Manifest.service("later", vlan: 211), Manifest.attachment("later", ["later"], "access"))
        try await tenant.waitUntilReady()
      }
    }

    /// What somebody takes from a port behind Netloom's back is put back; what others put on it stays.
    @Test func driftIsRepairedAndWhatIsForeignStays() async throws {
      try await Tenant.with("drift") { tenant in
        try await tenant.apply(Self.network)
        try await tenant.waitUntilReady()
        let leaf = SwitchDatabase(lab: tenant.cluster.lab, machine: "leaf1")
        let (uplink, link) = (try await leaf.trunks(of: "swp48"), try await leaf.trunks(of: "swp1"))
        #expect(uplink.contains(100) && uplink.contains(210))
        #expect(link.contains(210))

        try await leaf.mutate("swp1", .delete, vlan: 210)
        try await leaf.wait(until: "swp1", carries: link)
        try await leaf.mutate("swp48", .delete, vlan: 210)
        try await leaf.wait(until: "swp48", carries: uplink)

        try await leaf.addForeignPort("foreign0", vlan: 300)
        try await tenant.apply(Manifest.service("later", vlan: 211), Manifest.attachment("later", ["later"], "access"))
        try await tenant.waitUntilReady()
        #expect(try await leaf.trunks(of: "foreign0") == [300])
        #expect(try await leaf.trunks(of: "swp48") == (uplink + [211]).sorted())
        try await leaf.removeForeignPort("foreign0")
      }
    }

    private func expectComplaint(about name: String, in tenant: Tenant) async throws {
      for kind in [L2Service.definition, L2ServiceAttachment.definition] {
        let object = try await tenant.wait(for: kind, "net", "names the switch that does not answer") {
          $0.condition("Ready")?["message"]?.string?.contains(name) == true
        }
        #expect(object.phase == "error", "\(object["status"]?.description ?? "")")
        #expect(object.condition("FabricReady")?["status"] == "False")
      }
      try await tenant.cluster.objects.wait(for: Fabric.definition, "the fabric says that \(name) is away") { fabrics in
        fabrics.contains { $0.condition("Ready")?["message"]?.string?.contains(name) == true && $0.phase == "error" }
      }
    }

    private func expectFabricReady(_ tenant: Tenant) async throws {
      try await tenant.cluster.objects.wait(for: Fabric.definition, "the fabric is well") { $0.allSatisfy(\.isReady) }
    }

    private func expectForwarding(in tenant: Tenant) async throws {
      try await tenant.apply(
        Manifest.pod("a", on: "worker1", networks: "net"), Manifest.pod("b", on: "worker2", networks: "net"))
      try await tenant.waitUntilPodsReady()
      #expect(try tenant.mistakes(among: points(in: tenant)) == [])
    }

    private func points(in tenant: Tenant) throws -> [DemoPoint] {
      let vlan = try VLANID(210)
      return [
        try tenant.point("a", on: "worker1", .access(vlan)), try tenant.point("b", on: "worker2", .access(vlan)),
      ]
    }
  }
}
