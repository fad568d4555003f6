import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Addresses as people ask for them, through kubectl.
  @Suite struct AddressTests {
    @Test func addressesAreAskedForKeptAndNamedWhenTheyRunOut() async throws {
      try await Tenant.with("addresses") { tenant in
        let subnet = Manifest.netloom(
          "Subnet", "v4",
          spec: [
            "cidr": "10.230.0.0/24", "gateway": "10.230.0.1",
            "pools": [["start": "10.230.0.10", "end": "10.230.0.12"]],
          ])
        try await tenant.apply(
          subnet, Manifest.service("s", vlan: 230, subnets: ["v4"]), Manifest.attachment("net", ["s"], "access"))
        try await tenant.waitUntilReady()

        try await tenant.apply(
          Manifest.pod("static", on: "worker1", networks: Self.asking(#""ips":["10.230.0.50/24"]"#)))
        try await expect("static", has: "10.230.0.50/24", tenant)
        try await tenant.apply(Manifest.pod("second", on: "worker2", networks: Self.asking(#""ips":["10.230.0.50"]"#)))
        try await expect(
          "second",
          isTold: "address 10.230.0.50 of subnet addresses/v4 is in use by Pod addresses/static (net1); request "
            + "another or wait until it is released", tenant)

        // The pod of a StatefulSet comes back to its address.
        try await tenant.apply(Self.ofStatefulSet("web-0"))
        try await expect("web-0", has: "10.230.0.10/24", tenant)
        try await remove("web-0", tenant)
        try await tenant.wait(for: Subnet.definition, "v4", "keeps the address") {
          $0[path: "status", "reservations"]?.array?.first?["pod"]?.string == "addresses/web-0"
        }
        try await tenant.apply(Manifest.pod("other", on: "worker1", networks: "net"))
        try await expect("other", has: "10.230.0.11/24", tenant)
        try await tenant.apply(Self.ofStatefulSet("web-0"))
        try await expect("web-0", has: "10.230.0.10/24", tenant)

        // A claim keeps its address when its pod goes.
        let claim: JSONValue = [
          "apiVersion": "k8s.cni.cncf.io/v1alpha1", "kind": "IPAMClaim", "metadata": ["name": "vm.net1"],
          "spec": ["network": "net", "interface": "net1"],
        ]
        try await tenant.apply(claim)
        try await tenant.apply(
          Manifest.pod("vm", on: "worker2", networks: Self.asking(#""ipam-claim-reference":"vm.net1""#)))
        try await expect("vm", has: "10.230.0.12/24", tenant)
        try await tenant.wait(for: IPAMClaim.definition, "vm.net1", "has its address") {
          $0[path: "status", "ips"] == ["10.230.0.12/24"]
        }
        try await remove("vm", tenant)
        try await tenant.apply(Manifest.pod("waits", on: "worker1", networks: "net"))
        try await expect(
          "waits",
          isTold: "subnet addresses/v4 has no free address: all 3 are in use; enlarge its pools or delete pods "
            + "that use it", tenant)
        try await tenant.wait(for: Subnet.definition, "v4", "says that it is exhausted") {
          $0.condition("Exhausted")?["status"] == "True" && $0[path: "status", "utilization"]?.integer == 100
        }
        try await tenant.wait(for: Event.definition, "an event says that the subnet is exhausted") { events in
          events.contains {
            $0["reason"] == "Exhausted"
              && ($0["regarding"] ?? $0["involvedObject"])?["kind"] == "Subnet"
          }
        }
        // Who waits gets what becomes free.
        try await tenant.delete("ipamclaim", "vm.net1")
        try await expect("waits", has: "10.230.0.12/24", tenant)
        try await tenant.delete("pod", "static", "second", "web-0", "other", "waits")
        try await tenant.waitUntilGone(Pod.definition)
      }
    }

    private static func asking(_ members: String) -> String { #"[{"name":"net",\#(members)}]"# }

    private static func ofStatefulSet(_ name: String) -> JSONValue {
      var pod = Manifest.pod(name, on: "worker1", networks: "net")
      pod[path: "metadata", "ownerReferences"] = [
        ["apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "5f0c1e2a-web", "controller": true]
      ]
      return pod
    }

    private func remove(_ pod: String, _ tenant: Tenant) async throws {
      try await tenant.delete("pod", pod)
      try await tenant.wait(for: Pod.definition, "\(pod) is gone") { pods in !pods.contains { $0.name == pod } }
    }

    private func expect(_ pod: String, has address: String, _ tenant: Tenant) async throws {
      try await tenant.wait(for: Pod.definition, pod, "has \(address)") {
        $0[path: "metadata", "annotations", PodAnnotation.allocations]?.string?.contains("\"\(address)\"") == true
      }
    }

    private func expect(_ pod: String, isTold message: String, _ tenant: Tenant) async throws {
      try await tenant.wait(for: Event.definition, "Pod \(pod) is told: \(message)") { events in
        events.contains {
          ($0["regarding"] ?? $0["involvedObject"])?["name"]?.string == pod
            && ($0["note"] ?? $0["message"])?.string == message
        }
      }
    }
  }
}
