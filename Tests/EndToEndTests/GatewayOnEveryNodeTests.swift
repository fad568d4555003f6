import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.ProviderNetworkTests {
  /// With a gateway on every node pods are seen outside by their own addresses, and what they send and get passes their
  /// own node's cable and no other's (Anuket RA2, infra.net.cfg.006). A floating address is at its pod's node.
  @Test func aGatewayOnEveryNode() async throws {
    try await Tenant.with("symmetric") { tenant in
      try await tenant.declareNetwork("outside", 60, vlan: 60, attachments: ["outside": "cp-ovn"])
      try await tenant.apply(
        Manifest.netloom("Subnet", "net", spec: ["cidr": "10.93.0.0/24", "gateway": "10.93.0.1"]),
        Manifest.netloom("L2Service", "net", spec: ["subnets": ["net"]]),
        Manifest.netloom("L2ServiceAttachment", "net", spec: ["l2Services": ["net"], "vlanType": "access"]))
      let homes = ["a": "worker1", "b": "worker2", "c": "worker1", "d": "worker2"]
      try await tenant.apply(homes.map { Manifest.pod($0, on: $1, networks: "net") })
      try await tenant.waitUntilPodsReady()
      let floating = ["c": "10.60.0.8", "d": "10.60.0.9"]
      let gateways = try await tenant.declareRouter(floating)
      #expect(gateways.keys.sorted() == ["worker1", "worker2"])
      for (pod, node) in homes {
        let gateway = try #require(gateways[node])
        if let outer = floating[pod] {
          try await tenant.eventually("the outside reaches \(pod)") {
            try await tenant.outside("ping", "-c", "1", "-w", "1", "-n", outer).isSuccess
          }
          #expect(try await tenant.outsideMAC(of: outer) == tenant.outsideMAC(of: gateway), "\(pod)")
        } else {
          try await tenant.expectOwnAddress(of: pod, by: gateway)
        }
        try await tenant.expectOwnCable(of: pod, on: node, others: gateways.keys.filter { $0 != node })
      }
    }
  }
}

extension Tenant {
  /// Declares a Router with a gateway on every node, and floating addresses by the names of their pods.
  ///
  /// - Returns: the gateways' addresses by node.
  fileprivate func declareRouter(_ floating: [String: String]) async throws -> [String: String] {
    var addresses: [JSONValue] = []
    for (pod, external) in floating {
      addresses.append(["external": .string(external), "internal": .string(try await address(of: pod))])
    }
    try await apply(
      Manifest.netloom(
        "Router", "edge",
        spec: [
          "networks": [["l2Service": "net"]],
          "gateway": ["l2Service": "outside", "mode": "perNode", "addresses": ["10.60.0.2", "10.60.0.3"]],
          "routes": [["destination": "0.0.0.0/0", "nextHops": ["10.60.0.1"]]],
          "floatingAddresses": .array(addresses),
        ]))
    let router = try await wait(for: Router.definition, "edge", "is ready") { $0.isReady }
    var gateways: [String: String] = [:]
    for gateway in router[path: "status", "gateways"]?.array ?? [] {
      gateways[gateway["node"]?.string ?? ""] = gateway["addresses"]?.array?.first?.string
    }
    return gateways
  }

  /// The outside answers a pod while it has a route to the pod's own address, and only then.
  fileprivate func expectOwnAddress(of pod: String, by gateway: String) async throws {
    let address = try await address(of: pod)
    #expect(try await !ping("10.60.0.1", from: pod, seconds: 1), "\(pod)")
    try await outside("ip", "route", "add", "\(address)/32", "via", gateway).succeeded()
    try await eventually("\(pod) reaches the outside") { try await ping("10.60.0.1", from: pod, seconds: 1) }
    try await outside("ping", "-c", "1", "-w", "10", "-n", address).succeeded()
  }

  /// What passes between a pod and the outside passes the cable of its own node, and neither others nor a tunnel.
  fileprivate func expectOwnCable(of pod: String, on node: String, others: [String]) async throws {
    let count = {
      try await (
        own: packets(on: "eth1", of: [node]), others: packets(on: "eth1", of: others),
        tunnels: packets(on: "underlay0", of: [node] + others)
      )
    }
    try await eventually("\(pod) reaches the outside") { try await ping("10.60.0.1", from: pod, seconds: 1) }
    let before = try await count()
    let pings = try await run("ping", ["-n", "-c", "50", "-i", "0.01", "10.60.0.1"], in: pod).succeeded()
    let after = try await count()
    #expect(pings.contains(" 50 received"), "\(pings)")
    #expect(after.own - before.own >= 100, "\(pod) on \(node): \(before), \(after)")
    #expect(after.others - before.others < 50, "\(pod) on \(node): \(before), \(after)")
    #expect(after.tunnels - before.tunnels < 50, "\(pod) on \(node): \(before), \(after)")
  }

  /// How many packets have passed an interface of nodes, both ways.
  fileprivate func packets(on interface: String, of nodes: [String]) async throws -> Int64 {
    var count: Int64 = 0
    for node in nodes {
      let text = try await NamespaceProcess.run(
        ProcessCommand("ip", ["-s", "-j", "link", "show", "dev", interface]), in: cluster.lab.namespace(of: node)
      ).succeeded()
      let link = try JSONValue(parsing: Array(text.utf8)).array?.first
      for direction in ["rx", "tx"] { count += link?[path: "stats64", direction, "packets"]?.integer ?? 0 }
    }
    return count
  }
}
