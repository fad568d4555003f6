import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.VirtualTests {
  /// Virtual machines beside pods: what DHCP and routers tell them, whom they reach, and who they cannot be.
  @Suite(.serialized, .enabled(if: Prerequisites.hasDHCPClients, "needs busybox and isc-dhcp-client"))
  struct NetworkPortTests {
    @Test func aMachineIsToldAllAndTalksWithPods() async throws {
      try await Tenant.with("machine") { tenant in
        try await tenant.apply(
          Self.networks(gateway: "10.93.0.1") + [Self.router, Self.port("vm", ["l2Service": "net", "type": "VM"])])
        try await tenant.apply(
          Manifest.pod("a", on: "worker1", networks: "net"), Manifest.pod("b", on: "worker2", networks: "net"),
          Manifest.pod("c", on: "worker2", networks: "other"))
        try await tenant.waitUntilReady()
        try await tenant.wait(for: Router.definition, "edge", "is ready") { $0.isReady }
        try await tenant.waitUntilPodsReady()
        let port = try await tenant.port("vm")
        try await VirtualMachine.with("vm", on: "worker1", of: tenant, port: port) {
          try await tenant.wait(for: NetworkPort.definition, "vm", "is on worker1") {
            $0[path: "status", "node"]?.string == "worker1" && $0.isTrue(ConditionType.bound)
          }
          try await tenant.switchOn("vm")
          let addresses = try await toldByDHCP(tenant, port)
          try await reachesPods(tenant, addresses)
          try await knowsNames(tenant, addresses)
          try await isNobodyElse(tenant)
          try await isGone(tenant)
        }
      }
    }

    /// - Returns: the addresses that it has then.
    private func toldByDHCP(_ tenant: Tenant, _ port: NetworkPort.Status) async throws -> [String] {
      let assigned = try #require(port.addresses).compactMap(InterfaceAddress.init(_:))
      try #require(assigned.map(\.family) == [.v4, .v6])
      let four = try await tenant.askDHCP("vm")
      #expect("\(four["ip"] ?? "")/\(four["mask"] ?? "")" == assigned[0].description)
      #expect(four["mtu"] == "\(try tenant.mtu(of: "a"))")
      #expect(four["router"] == "10.92.0.1")
      #expect(four["dns"] == "10.92.0.1")
      #expect(four["domain"] == "example.org")
      #expect(four["search"] == "example.org sub.example.org")
      // That of the Subnet, that of the Router, and the default route, which option 121 would hide (RFC 3442).
      #expect(
        four["staticroutes"] == "10.99.0.0/16 10.92.0.2 10.93.0.0/24 10.92.0.1 0.0.0.0/0 10.92.0.1")

      let six = try await tenant.askDHCPv6("vm")
      #expect(six["new_ip6_address"] == assigned[1].address.description)
      #expect(six["new_dhcp6_name_servers"] == "fd92::1")
      try await tenant.eventually("the Router advertises itself") {
        let routes = try await tenant.run("ip", ["-6", "route", "show", "dev", "eth0"], in: "vm").succeeded()
        return routes.contains("default via fe80::") && routes.contains("fd92::/64")
      }
      return assigned.map(\.address.description)
    }

    private func reachesPods(_ tenant: Tenant, _ own: [String]) async throws {
      for pod in ["a", "b"] {
        for address in try #require(try await tenant.addresses(of: pod)["net1"]) {
          #expect(try await tenant.ping("\(address)", from: "vm"), "\(pod) \(address)")
        }
        for address in own { #expect(try await tenant.ping(address, from: pod), "\(address) from \(pod)") }
      }
      // On the link, too.
      let mac = try #require(try NetlinkSocket(in: tenant.namespace(of: "b")).link(.name("net1")).macAddress)
      #expect(try await tenant.ping("\(IPv6Address(linkLocalOf: mac))%eth0", from: "vm"))
      let c = try await tenant.address(of: "c")
      #expect(try await tenant.ping(c, from: "vm"))
      #expect(try await tenant.ping(own[0], from: "c"))
      // The largest packet, whole.
      let payload = try tenant.mtu(of: "a") - 28
      let b = try await tenant.address(of: "b")
      let large = ["-c", "1", "-w", "10", "-n", "-M", "do", "-s", "\(payload)", b]
      #expect(try await tenant.run("ping", large, in: "vm").isSuccess)
    }

    private func knowsNames(_ tenant: Tenant, _ own: [String]) async throws {
      for (asker, name, addresses) in [
        ("vm", "a", try #require(try await tenant.addresses(of: "a")["net1"]).map { "\($0)" }), ("a", "vm", own),
      ] {
        for (address, type) in zip(addresses, ["a", "aaaa"]) {
          let answer = try await tenant.run(
            "busybox", ["nslookup", "-type=\(type)", "\(name).net", "10.92.0.1"], in: asker
          ).text
          #expect(answer.contains(address), "\(answer)")
          let reverse = try await tenant.run("busybox", ["nslookup", address, "10.92.0.1"], in: asker).text
          #expect(reverse.contains("name = \(name).net"), "\(reverse)")
        }
      }
    }

    /// Frames with another MAC address, and packets with other addresses, reach nobody.
    private func isNobodyElse(_ tenant: Tenant) async throws {
      let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
      try await tenant.run("ip", ["address", "add", "10.92.0.250/24", "dev", "eth0"], in: "vm").succeeded()
      try await tenant.run("ip", ["address", "add", "fd92::250/64", "dev", "eth0", "nodad"], in: "vm").succeeded()
      let six = try #require(try await tenant.addresses(of: "a")["net1"]?.last)
      #expect(try await !tenant.ping(a, from: "vm", as: "10.92.0.250", seconds: 1))
      #expect(try await !tenant.ping("\(six)", from: "vm", as: "fd92::250", seconds: 1))
      #expect(try await tenant.ping(a, from: "vm"))

      let socket = try PacketSocket(on: "eth0", in: tenant.namespace(of: "vm"))
      let own = try #require(try NetlinkSocket(in: tenant.namespace(of: "vm")).link(.name("eth0")).macAddress)
      let pods = try ["a", "b"].map { try PacketSocket(on: "net1", in: tenant.namespace(of: $0)) }
      let other = try MACAddress(parsing: "02:00:00:00:00:99")
      let address = try #require(try await tenant.port("vm").addresses?.first.flatMap(InterfaceAddress.init(_:)))
        .address
      let first = UInt64.random(in: 0...UInt64.max / 2)
      // What follows shows that the others have had their time.
      for (token, mac) in [(first, other), (first + 1, own)] {
        try socket.send(ProbeFrame(token: token, source: address).encoded(from: mac))
      }
      var tokens: [Set<UInt64>] = [[], []]
      try await tenant.eventually("both pods have the honest frame") {
        PacketSocket.wait(for: pods, milliseconds: 100)
        for (index, pod) in pods.enumerated() {
          let frames = pod.receive().compactMap { ProbeFrame(decoding: $0.bytes, strippedVLAN: $0.vlan) }
          tokens[index].formUnion(frames.map(\.token))
        }
        return tokens.allSatisfy { $0.contains(first + 1) }
      }
      #expect(tokens.allSatisfy { !$0.contains(first) })
      #expect(try await tenant.ping(b, from: "vm"))
    }

    private func isGone(_ tenant: Tenant) async throws {
      let b = try await tenant.address(of: "b")
      let used = try await tenant.used("net4")
      try await tenant.delete("networkport", "vm")
      try await tenant.waitUntilGone(NetworkPort.definition)
      try await tenant.wait(for: Subnet.definition, "net4", "has its address back") {
        $0[path: "status", "used"]?.integer == used - 1
      }
      try await tenant.eventually("the machine reaches nobody") {
        try await !tenant.ping(b, from: "vm", seconds: 1)
      }
    }

    @Test func aVLANInsideAMachineIsOnItsOwnNetwork() async throws {
      try await Tenant.with("nested") { tenant in
        try await tenant.apply(
          Self.networks(gateway: nil) + [
            Self.port("vm", ["l2Service": "net", "type": "VM"]),
            Self.port(
              "inner", ["l2Service": "other", "type": "Nested", "parent": ["networkPort": "vm", "vlan": 100]]),
          ])
        try await tenant.apply(
          Manifest.pod("a", on: "worker2", networks: "net"), Manifest.pod("c", on: "worker2", networks: "other"))
        try await tenant.waitUntilReady()
        try await tenant.waitUntilPodsReady()
        let (port, inner) = (try await tenant.port("vm"), try await tenant.port("inner"))
        let part = VirtualMachine.Inner(
          name: "inner", vlan: try VLANID(100), mac: try MACAddress(parsing: #require(inner.mac)))
        try await VirtualMachine.with("vm", on: "worker1", of: tenant, port: port, inner: [part]) {
          try await tenant.wait(for: NetworkPort.definition, "both are on worker1") {
            $0.allSatisfy { $0[path: "status", "node"]?.string == "worker1" && $0.isTrue(ConditionType.bound) }
          }
          for name in ["vm", "inner"] { try await tenant.switchOn(name) }
          for (name, status) in [("vm", port), ("inner", inner)] {
            let told = try await tenant.askDHCP(name)
            #expect("\(told["ip"] ?? "")/\(told["mask"] ?? "")" == status.addresses?.first)
            #expect(told["router"] == (name == "vm" ? "10.92.0.1" : nil))
          }
          try await pings(tenant, "vm", "a", true)
          try await pings(tenant, "inner", "c", true)
          try await broadcasts(tenant)

          try await tenant.delete("networkport", "inner")
          try await tenant.wait(for: NetworkPort.definition, "inner is gone") { $0.count == 1 }
          let c = try await tenant.address(of: "c")
          try await tenant.eventually("nobody is in the VLAN") {
            try await !tenant.ping(c, from: "inner", seconds: 1)
          }
          try await pings(tenant, "vm", "a", true)
        }
      }
    }

    private func pings(_ tenant: Tenant, _ machine: String, _ pod: String, _ expected: Bool) async throws {
      let own = try #require(try await tenant.port(machine).addresses?.first.flatMap(InterfaceAddress.init(_:)))
      let address = try await tenant.address(of: pod)
      #expect(try await tenant.ping(address, from: machine) == expected, "\(machine) to \(pod)")
      #expect(try await tenant.ping("\(own.address)", from: pod) == expected, "\(pod) to \(machine)")
    }

    /// Frames to everybody from all sides: the machine's interface also sees those of its VLAN, with their tag.
    private func broadcasts(_ tenant: Tenant) async throws {
      let names = ["vm", "inner", "a", "c"]
      var points: [ProbePoint] = []
      for (name, interface) in zip(names, ["eth0", "eth0", "net1", "net1"]) {
        let address =
          interface == "net1"
          ? try await tenant.address(of: name)
          : try await tenant.port(name).addresses?.first.flatMap(InterfaceAddress.init(_:))?.address.description
        points.append(
          ProbePoint(
            name: name, interface: interface, namespace: try tenant.namespace(of: name),
            source: address.flatMap { IPAddress($0) }))
      }
      let tag = ProbeReceipt.tagged(try VLANID(100))
      let expected: [[ProbeReceipt]] = [
        [.nothing, .nothing, .untagged, .nothing], [tag, .nothing, .nothing, .untagged],
        [.untagged, .nothing, .nothing, .nothing], [tag, .untagged, .nothing, .nothing],
        // A VLAN that is nobody's, and the machine's own frames in that of another.
        [.nothing, .nothing, .nothing, .nothing], [.nothing, .untagged, .nothing, .nothing],
      ]
      let shots: [FrameProbe.Shot] =
        points.indices.map { .init(from: $0) } + [
          .init(from: 0, vlan: try VLANID(101)), .init(from: 0, vlan: try VLANID(100)),
        ]
      let receipts = try FrameProbe(points: points).fire(shots) { expected[$0][$1] != .nothing }
      #expect(receipts == expected)
    }

    private static func port(_ name: String, _ spec: JSONValue) -> JSONValue {
      Manifest.netloom("NetworkPort", name, spec: spec)
    }

    private static let router = Manifest.netloom(
      "Router", "edge", spec: ["networks": [["l2Service": "net"], ["l2Service": "other"]]])

    /// `net` of both families, where everything is told, and `other` with IPv4 alone, with or without a gateway.
    private static func networks(gateway: String?) -> [JSONValue] {
      var other: JSONValue = ["cidr": "10.93.0.0/24"]
      other["gateway"] = gateway.map { .string($0) }
      return [
        Manifest.netloom(
          "Subnet", "net4",
          spec: [
            "cidr": "10.92.0.0/24", "gateway": "10.92.0.1",
            "routes": [["destination": "10.99.0.0/16", "nextHop": "10.92.0.2"]],
            "dns": [
              "nameservers": ["10.92.0.1"], "domain": "example.org", "search": ["example.org", "sub.example.org"],
            ],
          ]),
        Manifest.netloom(
          "Subnet", "net6", spec: ["cidr": "fd92::/64", "gateway": "fd92::1", "dns": ["nameservers": ["fd92::1"]]]),
        Manifest.netloom("Subnet", "other", spec: other),
        Manifest.netloom("L2Service", "net", spec: ["subnets": ["net4", "net6"]]),
        Manifest.netloom("L2Service", "other", spec: ["subnets": ["other"]]),
        Manifest.netloom("L2ServiceAttachment", "net", spec: ["l2Services": ["net"], "vlanType": "access"]),
        Manifest.netloom("L2ServiceAttachment", "other", spec: ["l2Services": ["other"], "vlanType": "access"]),
      ]
    }
  }
}

extension Tenant {
  /// How many addresses of a Subnet are used.
  fileprivate func used(_ subnet: String) async throws -> Int64 {
    try #require(try await get(Subnet.definition, subnet)[path: "status", "used"]?.integer)
  }

  /// The largest packet of a pod's net1 in bytes.
  fileprivate func mtu(of pod: String) throws -> Int {
    Int(try NetlinkSocket(in: namespace(of: pod)).link(.name("net1")).mtu)
  }
}
