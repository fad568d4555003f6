import Files
import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkAnnotations
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Plugins of others, configured as the operator renders it, with its addresses.
  @Suite(.serialized) struct ImplementationTests {
    /// A wire between the workers stands in for their VLAN interfaces, which the kernel may not have (8021q).
    @Test(.enabled(if: Files.modificationTime("/usr/lib/cni/macvlan") != nil, "containernetworking-plugins"))
    func macvlan() async throws {
      try await Tenant.with("macvlan") { tenant in
        let lab = tenant.cluster.lab
        let (here, there) = (try lab.namespace(of: "worker1"), try lab.namespace(of: "worker2"))
        let wire = ["link", "add", "eth1.270", "up", "type", "veth", "peer", "name", "eth1.270", "netns", there.path]
        try await NamespaceProcess.run(ProcessCommand("ip", wire), in: here).succeeded()
        try await NamespaceProcess.run(ProcessCommand("ip", ["link", "set", "eth1.270", "up"]), in: there).succeeded()

        let point: JSONValue = [
          "physicalNetwork": "physnet1", "interfaces": [["implementation": "macvlan", "uplink": "eth1"]],
        ]
        try await tenant.apply(
          Manifest.netloom("ConnectionPoint", "cp-macvlan", spec: point), Manifest.subnet("v4", "10.252.0.0/24"),
          Manifest.service("net", vlan: 270, subnets: ["v4"]),
          Manifest.attachment("net", ["net"], "access", on: "cp-macvlan"))
        try await tenant.waitUntilReady()
        try await tenant.apply(
          Manifest.pod("a", on: "worker1", networks: "net"), Manifest.pod("b", on: "worker2", networks: "net"),
          Manifest.pod("c", on: "worker1", networks: ""))
        try await tenant.waitUntilPodsReady()
        // A pod that runs gets the network too.
        try await tenant.cluster.kubectl(
          "annotate", "pod", "-n", tenant.namespace, "c", "--overwrite", "\(PodAnnotation.networks)=net"
        ).succeeded()
        try await tenant.wait(for: Pod.definition, "c", "has its network") { pod in
          let text = pod[path: "metadata", "annotations", PodAnnotation.networkStatus]?.string
          return NetworkStatus.readable(text).contains { $0.name == "macvlan/net" && !$0.ips.isEmpty }
        }

        let sender = try pod("a", on: "worker1", in: tenant)
        for (name, host) in [("a", "worker1"), ("b", "worker2"), ("c", "worker1")] {
          let annotation = try await tenant.get(Pod.definition, name)[
            path: "metadata", "annotations", PodAnnotation.allocations]
          let allocation = try #require(try Allocation.list(parsing: annotation?.string ?? "[]").first)
          let link = try NetlinkSocket(in: pod(name, on: host, in: tenant)).link(.name("net1"))
          #expect(link.macAddress == allocation.mac && allocation.mac != nil)
          let address = try #require(allocation.ips.first?.address)
          try await NamespaceProcess.run(
            ProcessCommand("ping", ["-c", "1", "-w", "10", "-n", "\(address)"]), in: sender
          ).succeeded()
        }

        try await tenant.delete("pod", "--all")
        try await tenant.waitUntilGone(Pod.definition)
        try await tenant.delete("l2a,l2s,subnet", "--all")
        try await tenant.waitUntilGone(L2ServiceAttachment.definition)
        try await tenant.cluster.kubectl("delete", "connectionpoint", "cp-macvlan").succeeded()
        try await NamespaceProcess.run(ProcessCommand("ip", ["link", "del", "eth1.270"]), in: here).succeeded()
      }
    }

    private func pod(_ name: String, on host: String, in tenant: Tenant) throws -> NetworkNamespace {
      let folder = tenant.cluster.lab.directory.podNamespaces(of: host)
      return try NetworkNamespace.open(path: "\(folder)/\(tenant.namespace).\(name)")
    }
  }
}
