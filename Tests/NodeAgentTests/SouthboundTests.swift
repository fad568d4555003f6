import OVNModel
import OVSDB
import OVSTestSupport
import Testing

@testable import NodeAgent

@Suite(
  "OVN's southbound database, asked by an agent",
  .enabled(
    if: SwitchInstance.isAvailable && OVNCentral.isAvailable, "\(SwitchInstance.requirement); \(OVNCentral.requirement)"
  ))
struct SouthboundTests {
  @Test("answers over TLS to whom shows what Open vSwitch was told to show", .timeLimit(.minutes(1)))
  func certificate() async throws {
    try await OVNCentral.with { central in
      try await SwitchInstance.with { ovs in
        let server = Endpoint.tls(host: "127.0.0.1", port: try await central.openSouthbound())
        let engine = try SwitchPlace(ovs).engine()
        let southbound = Southbound(servers: [server], credentials: engine.tlsCredentials)
        try await withThrowingTaskGroup { group in
          group.addTask { try await engine.run() }
          defer { group.cancelAll() }
          let silence = await #expect(throws: Southbound.Silence.self) { try await southbound.policyVerdicts() }
          #expect(silence?.description.contains("ovs-vsctl set-ssl") == true)

          try await ovs.vsctl(
            "set-ssl", "\(central.directory)/key.pem", "\(central.directory)/cert.pem", "\(central.directory)/ca.pem")
          let group = PolicyGroup(namespace: "test", policy: "web", network: "test/blue").name
          try await central.nbctl("ls-add", "s", "--", "lsp-add", "s", "p", "--", "pg-add", group, "p")
          try await central.nbctl(
            "--wait=sb", "--type=port-group", "acl-add", group, "to-lport", "1000", "outport == @\(group)", "drop")
          let verdicts = try await southbound.policyVerdicts()
          #expect(!verdicts.isEmpty)
          #expect(
            verdicts.values.allSatisfy {
              $0.namespace == "test" && $0.policy == nil && $0.direction == .ingress && $0.action == .drop
            })
        }
      }
    }
  }
}
