import Files
import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests {
  /// Networks of OVN that meet the fabric: pods on them reach each other, the gateway in the fabric, and nobody else.
  @Suite(
    .serialized, ClusterTrait(topology: ProviderNetworks.topology, platform: ProviderNetworks.platform),
    .enabled(if: Prerequisites.hasOVN, "needs ovn-central and ovn-host"))
  struct ProviderNetworkTests {
    /// A VLAN by every node's own bridge; given another while pods are on it.
    @Test func aVLAN() async throws {
      try await Tenant.with("vlan") { tenant in
        try await tenant.declareNetwork("net", 60, vlan: 60, attachments: ["net": "cp-ovn"])
        try await tenant.declareNetwork("other", 61, vlan: 61, attachments: ["other": "cp-ovn"])
        try await tenant.apply(
          Manifest.pod("a", on: "worker1", networks: "net"), Manifest.pod("b", on: "worker2", networks: "net"),
          Manifest.pod("c", on: "worker1", networks: "other"), Manifest.pod("d", on: "worker2", networks: "other"))
        try await tenant.waitUntilPodsReady()
        let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
        #expect(try await tenant.unreached([b, "10.60.0.1"], from: ["a"]) == [])
        #expect(try await tenant.unreached([a, "10.60.0.1"], from: ["b"]) == [])
        #expect(try await tenant.copies(ofFrameFrom: "a", at: ["b", "c", "d"]) == ["b": 1, "c": 0, "d": 0])
        #expect(try await tenant.copies(ofFrameFrom: "d", at: ["a", "b", "c"]) == ["a": 0, "b": 0, "c": 1])

        let ping = try await RunningPing(IPAddress(parsing: b), from: tenant.namespace(of: "a"))
        try await tenant.cluster.kubectl(
          "patch", "l2service", "-n", "vlan", "net", "--type=merge", "-p", #"{"spec":{"segmentationID":62}}"#
        ).succeeded()
        try await tenant.wait(for: L2Service.definition, "net", "is ready in the other VLAN") {
          $0.isReady && $0.isObserved
        }
        try await tenant.wait(for: NodeNetwork.definition, "the nodes carry VLAN 62 and not 60") { nodes in
          nodes.count == 2 && nodes.allSatisfy { $0.isReady && $0.carried == [61, 62] }
        }
        let record = try await ping.stop()
        #expect(record.lost < 100, "\(record)")
        #expect(try await tenant.unreached([b], from: ["a"]) == [])
        #expect(try await !tenant.ping("10.60.0.1", from: "a", seconds: 1), "the gateway is in VLAN 60")
        #expect(try await tenant.copies(ofFrameFrom: "a", at: ["b", "c", "d"]) == ["b": 1, "c": 0, "d": 0])
      }
    }

    /// What has no tag on the nodes' cables, which is some VLAN in the fabric.
    @Test func untagged() async throws {
      try await Tenant.with("untagged") { tenant in
        try await tenant.declareNetwork("net", 95, vlan: nil, attachments: ["net": "cp-ovn"])
        try await tenant.declareNetwork("other", 60, vlan: 60, attachments: ["other": "cp-ovn"])
        try await tenant.apply(
          Manifest.pod("a", on: "worker1", networks: "net"), Manifest.pod("b", on: "worker2", networks: "net"),
          Manifest.pod("c", on: "worker1", networks: "other"))
        try await tenant.waitUntilPodsReady()
        let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
        #expect(try await tenant.unreached([b, "10.95.0.1"], from: ["a"]) == [])
        #expect(try await tenant.unreached([a, "10.95.0.1"], from: ["b"]) == [])
        #expect(try await tenant.unreached(["10.60.0.1"], from: ["c"]) == [])
        #expect(try await tenant.copies(ofFrameFrom: "a", at: ["b", "c"]) == ["b": 1, "c": 0])
        #expect(try await tenant.copies(ofFrameFrom: "c", at: ["a", "b"]) == ["a": 0, "b": 0])
      }
    }

    @Test(arguments: [nil, 60]) func aNodeThatDoesNotReachTheNetworkRefusesPods(vlan: Int?) async throws {
      try await Tenant.with("elsewhere") { tenant in
        try await tenant.declareNetwork("net", 60, vlan: vlan, attachments: ["net": "cp-ovn"])
        try await tenant.apply(Manifest.pod("a", on: "worker3", networks: "net"))
        try await tenant.waitForEvent(
          "NotSupported", on: "a", "is on ConnectionPoint cp-ovn, which node worker3 does not have")
        #expect(try await tenant.get(Pod.definition, "a").isReady == false)
      }
    }

    /// A VLAN and an overlay are the two ends of one network; when the node between them fails, another takes over.
    @Test func aNetworkThatContinuesInTheFabric() async throws {
      try await Tenant.with("ends") { tenant in
        try await tenant.declareNetwork(
          "net", 63, vlan: 63, attachments: ["overlay": "", "classic": "cp-classic"])
        try await tenant.apply(
          Manifest.pod("v1", on: "worker1", networks: "overlay"),
          Manifest.pod("v3", on: "worker3", networks: "overlay"),
          Manifest.pod("c1", on: "worker1", networks: "classic"), Manifest.pod("c2", on: "worker2", networks: "classic")
        )
        try await tenant.waitUntilPodsReady()
        let pods = ["v1", "v3", "c1", "c2"]
        var addresses = ["10.63.0.1"]
        for pod in pods { addresses.append(try await tenant.address(of: pod)) }
        #expect(try await tenant.unreached(addresses, from: pods) == [])
        for pod in pods {
          let others = pods.filter { $0 != pod }
          let copies = try await tenant.copies(ofFrameFrom: pod, at: others)
          #expect(copies == Dictionary(uniqueKeysWithValues: others.map { ($0, 1) }), "from \(pod)")
        }
        try await tenant.wait(for: L2Service.definition, "net", "is reached by worker1") {
          $0[path: "status", "gatewayNode"]?.string == "worker1"
        }

        // The node is cut off, and comes back with what it thought before.
        let (from, to) = (try tenant.namespace(of: "v3"), try IPAddress(parsing: addresses[4]))
        let cables = ["eth1", "underlay0"].map { LinkReference.name($0) }
        let netlink = try NetlinkSocket(in: tenant.cluster.lab.namespace(of: "worker1"))
        try netlink.perform(cables.map { .setDown($0) })
        try await tenant.cluster.setReady("Unknown", "worker1")
        try await tenant.wait(for: L2Service.definition, "net", "is reached by worker2") {
          $0[path: "status", "gatewayNode"]?.string == "worker2"
        }
        #expect(try await RunningPing.answers(3, of: to, from: from))
        #expect(try await tenant.unreached(["10.63.0.1"], from: ["v3"]) == [])

        try netlink.perform(cables.map { .setUp($0) })
        try await tenant.cluster.setReady("True", "worker1")
        #expect(try await RunningPing.answers(3, of: IPAddress(parsing: addresses[1]), from: from))
        #expect(try await tenant.unreached(addresses, from: pods) == [])
        // Until it has heard of the other it sends into the VLAN, too.
        try await tenant.eventually("one node sends into the VLAN") {
          try await tenant.copies(ofFrameFrom: "v3", at: ["v1", "c1", "c2"]) == ["v1": 1, "c1": 1, "c2": 1]
        }
      }
    }

    /// Pods that were on the VLAN by their nodes' own bridges stay on it when it is continued as an overlay.
    @Test func aVLANIsContinuedAsAnOverlay() async throws {
      try await Tenant.with("more") { tenant in
        try await tenant.declareNetwork("net", 60, vlan: 60, attachments: ["net": "cp-ovn"])
        try await tenant.apply(
          Manifest.pod("a", on: "worker1", networks: "net"), Manifest.pod("b", on: "worker2", networks: "net"))
        try await tenant.waitUntilPodsReady()
        try await tenant.apply(
          Manifest.netloom("L2ServiceAttachment", "overlay", spec: ["l2Services": ["net"], "vlanType": "access"]),
          Manifest.pod("v", on: "worker3", networks: "overlay"))
        try await tenant.waitUntilPodsReady()
        try await tenant.waitUntilReady()
        let pods = ["a", "b", "v"]
        var addresses = ["10.60.0.1"]
        for pod in pods { addresses.append(try await tenant.address(of: pod)) }
        #expect(try await tenant.unreached(addresses, from: pods) == [])
        for pod in pods {
          let others = pods.filter { $0 != pod }
          let copies = try await tenant.copies(ofFrameFrom: pod, at: others)
          #expect(copies == Dictionary(uniqueKeysWithValues: others.map { ($0, 1) }), "from \(pod)")
          let link = try NetlinkSocket(in: tenant.namespace(of: pod)).link(.name("net1"))
          #expect(link.mtu == 1442, "\(pod)")
        }

        try await tenant.delete("pod", "v")
        try await tenant.delete("l2serviceattachment", "overlay")
        try await tenant.wait(for: L2ServiceAttachment.definition, "the overlay is gone") { $0.count == 1 }
        try await tenant.waitUntilReady()
        #expect(try await tenant.unreached(["10.60.0.1"], from: ["a", "b"]) == [])
        try await tenant.wait(for: L2Service.definition, "net", "is reached by every node itself") {
          $0[path: "status", "gatewayNode"] == nil
        }
      }
    }

    /// A machine that is no node gets its address of OVN, and is on an overlay by a VLAN of its own.
    @Test func aHostBehindAVLAN() async throws {
      try await Tenant.with("metal") { tenant in
        try await tenant.apply(
          Manifest.subnet("net", "10.91.0.0/24"), Manifest.netloom("L2Service", "net", spec: ["subnets": ["net"]]),
          Manifest.netloom("L2ServiceAttachment", "net", spec: ["l2Services": ["net"], "vlanType": "access"]))
        try await tenant.waitUntilReady()
        let machine = try tenant.cluster.lab.namespace(of: "metal1")
        let link = try NetlinkSocket(in: machine).link(.name("vlan30"))
        let mac = try #require(link.macAddress)
        try await tenant.apply(
          Manifest.netloom(
            "NetworkPort", "metal1",
            spec: [
              "l2Service": "net", "type": "Host", "mac": .string("\(mac)"),
              "host": ["connectionPoint": "cp-ovn", "vlan": 30],
            ]), Manifest.pod("v1", on: "worker1", networks: "net"), Manifest.pod("v3", on: "worker3", networks: "net"))
        try await tenant.waitUntilPodsReady()
        // Ready says that OVN was told of it, Bound that a node has taken it, which comes of another database.
        let port = try await tenant.wait(for: NetworkPort.definition, "metal1", "is bound by worker1") {
          $0.isReady && $0.isTrue(ConditionType.bound) && $0[path: "status", "node"]?.string == "worker1"
        }
        let told = try #require(port[path: "status", "addresses"]?.array?.first?.string)
        try await tenant.cluster.lab.takeAddress("metal1", on: "vlan30")
        let addresses = try NetlinkSocket(in: machine).addresses(of: link.index).map { "\($0.address)" }
        #expect(addresses.contains(told), "\(addresses), not \(told)")
        let address = try InterfaceAddress(parsing: told).address
        #expect(try await tenant.unreached(["\(address)"], from: ["v1", "v3"]) == [])
        // With an address that is not its own it reaches nobody.
        let target = try await tenant.address(of: "v3")
        #expect(try await RunningPing.answers(of: IPAddress(parsing: target), from: machine))
        try NetlinkSocket(in: machine).perform(
          .addAddress(InterfaceAddress(parsing: "10.91.0.250/24"), to: link.index))
        let stranger = try await NamespaceProcess.run(
          ProcessCommand(
            "ping", ["-c", "1", "-w", "1", "-n", "-I", "10.91.0.250", target],
            environment: ProcessEnvironment.current), in: machine)
        #expect(!stranger.isSuccess, "\(stranger.text)")
      }
    }
  }
}

extension JSONValue {
  /// Whether the status is that of the specification as it is now.
  fileprivate var isObserved: Bool {
    self[path: "status", "observedGeneration"] == self[path: "metadata", "generation"]
  }

  /// The VLANs that the only bridge of a NodeNetwork carries.
  fileprivate var carried: [Int64]? {
    self[path: "status", "bridges"]?.array?.first?["vlans"]?.array?.compactMap(\.integer)
  }
}

extension TestCluster {
  /// Says of a node whether it works, as Kubernetes does when a kubelet is no longer heard of.
  fileprivate func setReady(_ status: String, _ node: String) async throws {
    let condition =
      #"{"status":{"conditions":[{"type":"Ready","status":"\#(status)","reason":"NodeStatusUnknown","message":""}]}}"#
    try await kubectl("patch", "node", node, "--subresource=status", "--type=merge", "-p", condition).succeeded()
  }
}

extension Lab {
  /// A machine asks for an address by DHCP and takes it.
  fileprivate func takeAddress(_ machine: String, on interface: String) async throws {
    let script = "\(directory.path)/udhcpc.sh"
    let lines = [
      "#!/bin/sh", #"[ "$1" != bound ] || ip address add "$ip/$mask" dev "$interface""#, "exit 0", "",
    ]
    try Files.write(Array(lines.joined(separator: "\n").utf8), to: script, mode: 0o755)
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(
        "busybox", ["udhcpc", "-i", interface, "-n", "-q", "-f", "-t", "10", "-T", "1", "-s", script],
        environment: ProcessEnvironment.current), in: namespace(of: machine))
    try outcome.succeeded()
  }
}
