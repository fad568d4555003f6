import JSON
import KubernetesModel
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.VirtualTests {
  /// What pods of one virtual network may do to each other, and by which names they know each other.
  @Suite(.serialized) struct PolicyTests {
    /// A pod that a policy selects is reached by those whom the policy allows, and by nobody else; its own connections are
    /// answered.
    @Test func whoIsNotAllowedDoesNotReachThePod() async throws {
      try await Tenant.with("policy") { tenant in
        try await tenant.declareOverlay(pods: ["a": "worker1", "b": "worker2", "c": "worker1"], networks: "net")
        try await tenant.waitUntilPodsReady()
        for (pod, label) in [("b", "role=server"), ("c", "role=client")] {
          try await tenant.cluster.kubectl("label", "pod", "-n", "policy", pod, label).succeeded()
        }
        let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
        #expect(try await tenant.ping(b, from: "a"))

        try await tenant.apply(Self.onlyClients)
        try await tenant.eventually("a no longer reaches b") { try await !tenant.ping(b, from: "a", seconds: 1) }
        #expect(try await tenant.ping(b, from: "c"))
        #expect(try await tenant.ping(a, from: "b"))

        try await tenant.cluster.kubectl("label", "pod", "-n", "policy", "a", "role=client").succeeded()
        try await tenant.eventually("a reaches b as a client") { try await tenant.ping(b, from: "a", seconds: 1) }
        try await tenant.cluster.kubectl("label", "pod", "-n", "policy", "a", "role-").succeeded()
        try await tenant.eventually("a is none any more") { try await !tenant.ping(b, from: "a", seconds: 1) }
        try await tenant.delete("multi-networkpolicies", "only-clients")
        try await tenant.eventually("a reaches b again") { try await tenant.ping(b, from: "a", seconds: 1) }
      }
    }

    /// OVN answers for the names of pods, whatever address on the network is asked.
    @Test func podsKnowEachOtherByName() async throws {
      try await Tenant.with("names") { tenant in
        try await tenant.declareOverlay(pods: ["a": "worker1", "b": "worker2"], networks: "net")
        try await tenant.waitUntilPodsReady()
        let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
        let answer = try await tenant.run("busybox", ["nslookup", "-type=a", "b.net", b], in: "a").text
        #expect(answer.contains(b), "\(answer)")
        let reverse = try await tenant.run("busybox", ["nslookup", a, b], in: "a").text
        #expect(reverse.contains("a.net") || reverse.contains("a.names.net"), "\(reverse)")
      }
    }

    private static let onlyClients: JSONValue = [
      "apiVersion": "k8s.cni.cncf.io/v1beta1", "kind": "MultiNetworkPolicy",
      "metadata": [
        "name": "only-clients", "annotations": ["k8s.v1.cni.cncf.io/policy-for": "net,open"],
      ],
      "spec": [
        "podSelector": ["matchLabels": ["role": "server"]], "policyTypes": ["Ingress"],
        "ingress": [["from": [["podSelector": ["matchLabels": ["role": "client"]]]]]],
      ],
    ]
  }
}
