import NetworkTypes
import Testing

@testable import NetloomAPI

@Suite struct SubnetValidationTests {
  private static func subnet(
    _ cidr: String = "10.10.13.0/24", gateway: String? = nil, pools: [(String, String)]? = nil,
    exclude: [String]? = nil,
    routes: [(String, String)]? = nil, nameservers: [String]? = nil
  ) -> Subnet.Spec {
    Subnet.Spec(
      cidr: cidr, gateway: gateway, pools: pools?.map { .init(start: $0.0, end: $0.1) }, exclude: exclude,
      routes: routes?.map { .init(destination: $0.0, nextHop: $0.1) }, dns: nameservers.map { .init(nameservers: $0) })
  }

  private static let outside = "it is outside the subnet 10.10.13.0/24; use an address from 10.10.13.1 to 10.10.13.254"

  static let mistakes: [(Subnet.Spec, String)] = [
    (subnet("10.10.13.5/24"), #"spec.cidr: Invalid value: "10.10.13.5/24": it has host bits set; write 10.10.13.0/24"#),
    (
      subnet("fd00:13::1/64"), #"spec.cidr: Invalid value: "fd00:13::1/64": it has host bits set; write fd00:13::/64"#
    ),
    (
      subnet("10.10.13.0"),
      #"spec.cidr: Invalid value: "10.10.13.0": it has no prefix length; write a network and its prefix length, such as 10.0.0.0/24 or 2001:db8::/64"#
    ),
    (
      subnet("224.0.1.0/24"),
      #"spec.cidr: Invalid value: "224.0.1.0/24": it has multicast addresses, which no interface may have; use a unicast network such as 10.10.13.0/24 or fd00:10:10:13::/64"#
    ),
    (
      subnet("127.0.0.0/24"),
      #"spec.cidr: Invalid value: "127.0.0.0/24": it has loopback addresses, which never leave a host; use a unicast network such as 10.10.13.0/24 or fd00:10:10:13::/64"#
    ),
    (subnet(gateway: "10.10.14.1"), #"spec.gateway: Invalid value: "10.10.14.1": "# + outside),
    (
      subnet(gateway: "10.10.13.0"),
      #"spec.gateway: Invalid value: "10.10.13.0": it is the network address of 10.10.13.0/24; use an address from 10.10.13.1 to 10.10.13.254"#
    ),
    (
      subnet(gateway: "10.10.13.255"),
      #"spec.gateway: Invalid value: "10.10.13.255": it is the broadcast address of 10.10.13.0/24; use an address from 10.10.13.1 to 10.10.13.254"#
    ),
    (subnet(gateway: "fd00::1"), #"spec.gateway: Invalid value: "fd00::1": "# + outside),
    (
      subnet(pools: [("10.10.13.10", "10.10.14.20")]),
      #"spec.pools[0].end: Invalid value: "10.10.14.20": "# + outside
    ),
    (
      subnet(pools: [("10.10.12.10", "10.10.13.20")]),
      #"spec.pools[0].start: Invalid value: "10.10.12.10": "# + outside
    ),
    (
      subnet(pools: [("10.10.13.20", "10.10.13.10")]),
      #"spec.pools[0]: Invalid value: "10.10.13.20-10.10.13.10": its end lies before its start; write 10.10.13.10-10.10.13.20"#
    ),
    (
      subnet(pools: [("10.10.13.10", "10.10.13.50"), ("10.10.13.50", "10.10.13.90")]),
      #"spec.pools[1]: Invalid value: "10.10.13.50-10.10.13.90": it overlaps spec.pools[0] (10.10.13.10-10.10.13.50); let every address stand in one pool"#
    ),
    (subnet(exclude: ["10.10.14.1"]), #"spec.exclude[0]: Invalid value: "10.10.14.1": "# + outside),
    (
      subnet(exclude: ["10.10.13.7", "10.10.0.0/16"]),
      #"spec.exclude[1]: Invalid value: "10.10.0.0/16": it is not inside the subnet 10.10.13.0/24; exclude only addresses of it"#
    ),
    (
      subnet(routes: [("30.30.13.0/24", "10.10.14.1")]),
      #"spec.routes[0].nextHop: Invalid value: "10.10.14.1": "# + outside
    ),
    (
      subnet(routes: [("30.30.13.1/24", "10.10.13.1")]),
      #"spec.routes[0].destination: Invalid value: "30.30.13.1/24": it has host bits set; write 30.30.13.0/24"#
    ),
    (
      subnet(routes: [("fd00:30::/64", "10.10.13.1")]),
      #"spec.routes[0].destination: Invalid value: "fd00:30::/64": it is IPv6, the subnet is IPv4; use an IPv4 network"#
    ),
    (
      subnet(routes: [("10.10.13.128/25", "10.10.13.1")]),
      #"spec.routes[0].destination: Invalid value: "10.10.13.128/25": it lies inside the subnet 10.10.13.0/24, which pods reach without a route; leave it out"#
    ),
    (
      subnet(routes: [("30.30.13.0/24", "10.10.13.1"), ("30.30.13.0/24", "10.10.13.2")]),
      #"spec.routes[1].destination: Duplicate value: "30.30.13.0/24": another route has this destination; keep one of them"#
    ),
    (
      subnet("10.10.13.0/30", gateway: "10.10.13.1", exclude: ["10.10.13.2"]),
      #"spec.cidr: Invalid value: "10.10.13.0/30": no address is left for pods beside the gateway, next hops, name servers and exclusions; make it larger"#
    ),
  ]

  @Test(arguments: mistakes) func everyMistakeIsNamed(_ spec: Subnet.Spec, _ text: String) {
    let subnet = Subnet(metadata: .init(name: "s", namespace: "test"), spec: spec)
    #expect(subnet.validate().map(\.description) == [text])
  }

  @Test func allMistakesAreToldAtOnce() {
    let subnet = Subnet(
      metadata: .init(name: "s", namespace: "test"),
      spec: Self.subnet(
        gateway: "10.10.14.1", pools: [("a", "10.10.13.9")], routes: [("30.30.13.0/24", "10.9.9.9")], nameservers: ["x"]
      ))
    #expect(
      subnet.validate().map(\.path.description) == [
        "spec.dns.nameservers[0]", "spec.gateway", "spec.pools[0].start", "spec.routes[0].nextHop",
      ])
  }

  @Test func theAddressesForPodsLeaveOutWhatIsReserved() throws {
    let parsed = try Self.subnet(
      gateway: "10.10.13.1", exclude: ["10.10.13.128/25", "10.10.13.9"], routes: [("30.30.13.0/24", "10.10.13.2")],
      nameservers: ["10.10.13.3", "8.8.8.8"]
    ).parsed()
    #expect(parsed.allocatable.description == "10.10.13.4-10.10.13.8,10.10.13.10-10.10.13.127")
    #expect(parsed.allocatable.count == 5 + 118)
  }

  @Test func aPoolMayReachToTheEdgeButItsBroadcastAddressIsNeverGivenAway() throws {
    let parsed = try Self.subnet(pools: [("10.10.13.10", "10.10.13.255")]).parsed()
    #expect(parsed.allocatable.last == IPAddress("10.10.13.254"))
  }

  @Test func iPv6WithoutPoolsOffersAllButTheAnycastAddress() throws {
    let parsed = try Self.subnet("fd00:10:10:20::/64", gateway: "fd00:10:10:20::1").parsed()
    #expect(parsed.allocatable.first == IPAddress("fd00:10:10:20::2"))
    #expect(parsed.allocatable.count == (UInt128(1) << 64) - 2)
  }
}
