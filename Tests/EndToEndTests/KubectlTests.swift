import KubernetesModel
import NetloomAPI
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Netloom's kinds with an unmodified kubectl.
  @Suite(.serialized) struct KubectlTests {
    private func withNetwork(_ body: (Tenant) async throws -> Void) async throws {
      try await Tenant.with("kubectl") { tenant in
        try await tenant.apply(
          Manifest.subnet("v4", "10.250.0.0/24"), Manifest.service("net", vlan: 251, subnets: ["v4"]),
          Manifest.attachment("net", ["net"], "access"))
        for kind in ["subnet/v4", "l2service/net", "l2serviceattachment/net"] {
          let waited = try await tenant.cluster.kubectl(
            "wait", "-n", tenant.namespace, "--for=condition=Ready", kind, "--timeout=30s")
          #expect(try waited.succeeded().contains("condition met"))
        }
        try await body(tenant)
      }
    }

    private func words(_ line: Substring?) -> [String] { (line ?? "").split(separator: " ").map(String.init) }

    @Test func columnsShortNamesCategoryAndDescriptions() async throws {
      try await withNetwork { tenant in
        let tables: [(kind: String, head: String, row: [String])] = [
          ("l2s", "NAME VLAN SUBNETS PODS PHASE READY AGE", ["net", "251", #"["v4"]"#, "0", "ready", "True"]),
          ("subnet", "NAME CIDR GATEWAY USED AVAILABLE PHASE READY AGE", ["v4", "10.250.0.0/24"]),
          (
            "l2a", "NAME L2SERVICES TYPE CONNECTIONPOINT PODS PHASE READY AGE",
            ["net", #"["net"]"#, "access", "cp-br-data", "0", "ready", "True"]
          ),
          ("cp", "NAME", ["cp-br-data"]), ("bd", "NAME", ["dc1"]), ("fabrics", "NAME", ["dc1"]),
          ("nodenetworks", "NAME", ["worker1"]),
        ]
        for table in tables {
          let text = try await tenant.cluster.kubectl("get", table.kind, "-n", tenant.namespace).succeeded()
          let lines = text.split(separator: "\n")
          #expect(words(lines.first).joined(separator: " ").hasPrefix(table.head), "\(table.kind): \(text)")
          #expect(
            lines.dropFirst().contains { line in
              words(line).joined(separator: " ").hasPrefix(table.row.joined(separator: " "))
            },
            "\(table.kind): \(text)")
        }

        let wide = try await tenant.cluster.kubectl("get", "l2a", "-n", tenant.namespace, "-o", "wide").succeeded()
        for word in ["IMPLEMENTATION", "INTERFACE", "VLANS", "netloom", "kernel", "[251]"] {
          #expect(wide.contains(word), "\(wide)")
        }

        let category = try await tenant.cluster.kubectl("get", "netloom", "-A").succeeded()
        for name in [
          "l2service.netloom.dev/net", "subnet.netloom.dev/v4", "l2serviceattachment.netloom.dev/net",
          "connectionpoint.netloom.dev/cp-br-data", "fabric.netloom.dev/dc1",
        ] { #expect(category.contains(name), "\(category)") }

        let yaml = try await tenant.cluster.kubectl("get", "l2s", "net", "-n", tenant.namespace, "-o", "yaml")
        #expect(try yaml.succeeded().contains("segmentationID: 251"))

        let description = try await tenant.cluster.kubectl("describe", "l2s", "net", "-n", tenant.namespace).succeeded()
        for text in ["Segmentation ID:", "251", "Conditions:", "Phase:", "ready", "Events:"] {
          #expect(description.contains(text), "\(description)")
        }
      }
    }

    /// Every field of every kind explains itself.
    @Test func explainsEveryField() async throws {
      let cluster = try TestCluster.current()
      for kind in [
        "connectionpoint", "fabric", "bridgedomain", "l2service", "subnet", "l2serviceattachment", "nodenetwork",
      ] {
        let text = try await cluster.kubectl("explain", kind, "--recursive").succeeded()
        #expect(text.contains("DESCRIPTION:") && text.contains("spec") && text.contains("status"), "\(kind): \(text)")
      }
      let field = try await cluster.kubectl("explain", "l2service.spec.segmentationID").succeeded()
      #expect(field.contains("FIELD: segmentationID <integer>") && field.contains("The VLAN, 1 to 4094"), "\(field)")
      let unknown = try await cluster.kubectl("explain", "l2service.spec.vlan")
      #expect(!unknown.isSuccess && unknown.errorText.contains(#"field "vlan" does not exist"#), "\(unknown.errorText)")
    }

    /// `kubectl edit` and friends reach the network; a change that is wrong leaves what works.
    @Test func patchesReachTheNetwork() async throws {
      try await withNetwork { tenant in
        let leaf = SwitchDatabase(lab: tenant.cluster.lab, machine: "leaf1")
        let patch = #"{"spec":{"segmentationID":252}}"#
        try await tenant.cluster.kubectl("patch", "l2s", "net", "-n", tenant.namespace, "--type=merge", "-p", patch)
          .succeeded()
        try await leaf.wait(until: "swp48", carries: [100, 252])
        let wrong = try await tenant.cluster.kubectl(
          "patch", "l2s", "net", "-n", tenant.namespace, "--type=merge", "-p", #"{"spec":{"segmentationID":5000}}"#)
        #expect(!wrong.isSuccess && wrong.errorText.contains("spec.segmentationID"), "\(wrong.errorText)")
        let unknown = try await tenant.cluster.kubectl(
          "apply", "-n", tenant.namespace, "-f", "-",
          input: [Manifest.netloom("L2Service", "new", spec: ["vlan": 9])].asText)
        #expect(!unknown.isSuccess && unknown.errorText.contains(#"unknown field "spec.vlan""#), "\(unknown.errorText)")
      }
    }
  }
}
