import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// What changes while pods run.
  @Suite(.serialized) struct LiveChangeTests {
    /// A network that is added to a running pod is there, one that is removed is gone, and what stays does not move.
    @Test func networksComeAndGo() async throws {
      try await Tenant.with("plug") { tenant in
        try await tenant.declareTwoNetworks(250, 251)
        let (one, two) = (try VLANID(250), try VLANID(251))
        #expect(try tenant.mistakes(among: tenant.pair(one)) == [])

        for pod in ["a", "b"] { try await tenant.ask(pod, for: "one,two") }
        for pod in ["a", "b"] { try await tenant.wait(pod, has: ["net1": "plug/one", "net2": "plug/two"]) }
        let both =
          try tenant.pair(one)
          + tenant.pair(two, interface: "net2").map { point in
            DemoPoint(
              name: "\(point.name)2", interface: point.interface, namespace: point.namespace, carriage: point.carriage)
          }
        #expect(try tenant.mistakes(among: both) == [])
        let address = try #require(try await tenant.addresses(of: "b")["net2"]?.first)
        #expect(try await tenant.ping("\(address)", from: "a"))

        // The second network is the first of the list now, and keeps its interface.
        try await tenant.ask("a", for: "two")
        try await tenant.wait("a", has: ["net2": "plug/two"])
        #expect(try NetlinkSocket(in: tenant.namespace(of: "a")).findLink(.name("net1")) == nil)
        #expect(try await tenant.ping("\(address)", from: "a"))
        try await tenant.wait(for: Subnet.definition, "v4-one", "has one address less") {
          $0[path: "status", "used"]?.integer == 1
        }
        #expect(try await tenant.addresses(of: "a").keys.sorted() == ["net2"])

        // And it can come back.
        try await tenant.ask("a", for: "two,one")
        try await tenant.wait("a", has: ["net2": "plug/two", "net1": "plug/one"])
        #expect(try tenant.mistakes(among: tenant.pair(one)) == [])
      }
    }

    /// A wrong annotation changes nothing and is told; a correct one is taken afterwards.
    @Test func aWrongAnnotationChangesNothing() async throws {
      try await Tenant.with("wrong") { tenant in
        try await tenant.declareTwoNetworks(252, 253)
        let one = try VLANID(252)
        try await tenant.ask("a", for: "one,[")
        try await tenant.waitForEvent("NetworkChangeFailed", on: "a", "asks for its networks in a wrong way")
        try await tenant.ask("b", for: "one,absent")
        try await tenant.waitForEvent("NetworkChangeFailed", on: "b", "no NetworkAttachmentDefinition of this name")
        #expect(try tenant.mistakes(among: tenant.pair(one)) == [])
        for pod in ["a", "b"] {
          try await tenant.ask(pod, for: "one,two")
          try await tenant.wait(pod, has: ["net1": "wrong/one", "net2": "wrong/two"])
        }
        #expect(try tenant.mistakes(among: tenant.pair(try VLANID(253), interface: "net2")) == [])
      }
    }

    /// The VLAN of a service that pods use: the fabric and the nodes have the new one before the pods move, and drop the
    /// old one afterwards. The gateway is reached on the new one.
    @Test func podsFollowTheirServiceToAnotherVLAN() async throws {
      try await Tenant.with("move") { tenant in
        try await tenant.declareTwoNetworks(254, 255)
        let (old, new) = (try VLANID(254), try VLANID(256))
        #expect(try tenant.mistakes(among: tenant.pair(old) + [tenant.gateway([old, new])]) == [])
        let address = try #require(try await tenant.addresses(of: "b")["net1"]?.first)
        let flow = try tenant.startPing("\(address)", from: "a", interval: "0.01", count: 600)

        try await tenant.apply(Manifest.service("one", vlan: 256, subnets: ["v4-one"]))
        try await tenant.wait(for: BridgeDomain.definition, named: "the old VLAN is gone") { domains in
          domains.compactMap { $0[path: "spec", "vlan"]?.integer }.sorted() == [255, 256]
        }
        #expect(try tenant.mistakes(among: tenant.pair(new) + [tenant.gateway([old, new])]) == [])
        let lost = try await flow.value
        #expect(lost < 60, "\(lost) of 600 packets at 10 ms are lost")
        try await tenant.waitUntilReady()
      }
    }

    /// MTU, routes and what cannot be changed.
    @Test func routesReachRunningPodsAndWhatCannotIsTold() async throws {
      try await Tenant.with("routes") { tenant in
        try await tenant.declareTwoNetworks(257, 258)
        var subnet = Manifest.subnet("v4-one", "10.250.0.0/24")
        subnet[path: "spec", "routes"] = [["destination": "10.99.0.0/16", "nextHop": "10.250.0.1"]]
        try await tenant.apply(subnet)
        try await tenant.waitForEvent("NetworkChanged", on: "a", "route to 10.99.0.0/16 via 10.250.0.1 added")
        let socket = try NetlinkSocket(in: tenant.namespace(of: "a"))
        #expect(try socket.routes().contains { "\($0.destination)" == "10.99.0.0/16" })
        subnet[path: "spec", "routes"] = .array([])
        try await tenant.apply(subnet)
        try await tenant.waitForEvent("NetworkChanged", on: "a", "route to 10.99.0.0/16 via 10.250.0.1 removed")
        #expect(try !socket.routes().contains { "\($0.destination)" == "10.99.0.0/16" })

        subnet[path: "spec", "dns"] = ["nameservers": ["10.250.0.53"]]
        try await tenant.apply(subnet)
        try await tenant.waitForEvent("RestartNeeded", on: "a", "resolv.conf is the kubelet's")
      }
    }

    /// The agent is killed while networks are added and removed.
    @Test func convergesAfterACrash() async throws {
      try await Tenant.with("killed") { tenant in
        try await tenant.declareTwoNetworks(259, 260)
        for pod in ["a", "b"] { try await tenant.ask(pod, for: "one,two") }
        try await tenant.wait(for: Pod.definition, "a", "is given an address") {
          $0[path: "metadata", "annotations", PodAnnotation.allocations]?.string?.contains("net2") == true
        }
        try await tenant.cluster.crash(.agent("worker1"))
        for pod in ["a", "b"] { try await tenant.wait(pod, has: ["net1": "killed/one", "net2": "killed/two"]) }
        #expect(try tenant.mistakes(among: tenant.pair(try VLANID(260), interface: "net2")) == [])

        await tenant.cluster.cluster.kill(.agent("worker1"))
        for pod in ["a", "b"] { try await tenant.ask(pod, for: "two") }
        try await tenant.cluster.cluster.start(.agent("worker1"))
        for pod in ["a", "b"] { try await tenant.wait(pod, has: ["net2": "killed/two"]) }
        #expect(try tenant.mistakes(among: tenant.pair(try VLANID(260), interface: "net2")) == [])
      }
    }
  }
}

extension Tenant {
  /// Two services with their subnets and attachments `one` and `two`, and pods `a` and `b`, on different nodes, on `one`.
  fileprivate func declareTwoNetworks(_ one: Int, _ two: Int) async throws {
    try await apply(
      Manifest.subnet("v4-one", "10.250.0.0/24"), Manifest.service("one", vlan: one, subnets: ["v4-one"]),
      Manifest.attachment("one", ["one"], "access"), Manifest.subnet("v4-two", "10.251.0.0/24"),
      Manifest.service("two", vlan: two, subnets: ["v4-two"]), Manifest.attachment("two", ["two"], "access"))
    try await waitUntilReady()
    try await apply(
      Manifest.pod("a", on: "worker1", networks: "one"), Manifest.pod("b", on: "worker2", networks: "one"))
    try await waitUntilPodsReady()
  }

  fileprivate func pair(_ vlan: VLANID, interface: String = "net1") throws -> [DemoPoint] {
    [
      try point("a", on: "worker1", .access(vlan), interface: interface),
      try point("b", on: "worker2", .access(vlan), interface: interface),
    ]
  }

  fileprivate func gateway(_ vlans: Set<VLANID>) throws -> DemoPoint {
    DemoPoint(
      name: "dcgw1", interface: "eth1", namespace: try cluster.lab.namespace(of: "dcgw1"), carriage: .trunk(vlans))
  }

  fileprivate func ask(_ pod: String, for networks: String) async throws {
    try await cluster.kubectl(
      "annotate", "pod", "-n", namespace, pod, "--overwrite", "\(PodAnnotation.networks)=\(networks)"
    ).succeeded()
  }

  /// Waits until the pod's status tells these interfaces with their networks, beside the cluster's.
  fileprivate func wait(_ pod: String, has networks: [String: String]) async throws {
    try await wait(for: Pod.definition, pod, "has \(networks)") { pod in
      let text = pod[path: "metadata", "annotations", PodAnnotation.networkStatus]?.string
      let status = NetworkStatus.readable(text).filter { !$0.isDefault }
      return Dictionary(status.map { ($0.interface ?? "", $0.name) }) { $1 } == networks
    }
  }

  fileprivate func wait(
    for definition: ResourceDefinition, named what: String,
    until isWanted: @escaping @Sendable ([JSONValue]) -> Bool
  ) async throws {
    try await cluster.objects.wait(for: definition, what, until: isWanted)
  }

  /// Sends echo requests at an interval; how many were not answered.
  fileprivate func startPing(
    _ address: String, from pod: String, interval: String, count: Int
  ) throws -> Task<Int, any Error> {
    let namespace = try namespace(of: pod)
    return Task {
      let outcome = try await NamespaceProcess.run(
        ProcessCommand("ping", ["-c", "\(count)", "-i", interval, "-q", "-n", address]), in: namespace)
      let words = outcome.text.split(whereSeparator: { " ,\n".contains($0) })
      let received = words.firstIndex(of: "received").flatMap { Int(words[$0 - 1]) }
      return count - (received ?? 0)
    }
  }
}
