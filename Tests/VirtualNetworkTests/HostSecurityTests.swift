import NetworkTypes
import OVNModel
import OVSTestSupport
import Testing

@testable import Compiler

/// What hosts behind a VLAN may send, as a real northd translates it.
@Suite(.enabled(if: OVNCentral.isAvailable, "\(OVNCentral.requirement)"))
struct HostSecurityTests {
  /// Packets of the first of two hosts, in OVN's language, and whether they pass.
  static let packets: [(String, Bool)] = [
    ("eth.src == 02:00:00:00:00:01 && ip4.src == 10.1.0.1 && ip4.dst == 10.1.0.9 && ip.ttl == 64", true),
    ("eth.src == 02:00:00:00:00:01 && ip4.src == 10.1.0.3 && ip4.dst == 10.1.0.9 && ip.ttl == 64", true),
    ("eth.src == 02:00:00:00:00:02 && ip4.src == 10.1.0.2 && ip4.dst == 10.1.0.9 && ip.ttl == 64", true),
    ("eth.src == 02:00:00:00:00:01 && ip4.src == 10.1.0.2 && ip4.dst == 10.1.0.9 && ip.ttl == 64", false),
    ("eth.src == 02:00:00:00:00:03 && ip4.src == 10.1.0.1 && ip4.dst == 10.1.0.9 && ip.ttl == 64", false),
    ("eth.src == 02:00:00:00:00:01 && arp.op == 1 && arp.sha == 02:00:00:00:00:01 && arp.spa == 10.1.0.1", true),
    ("eth.src == 02:00:00:00:00:01 && arp.op == 2 && arp.sha == 02:00:00:00:00:01 && arp.spa == 10.1.0.9", false),
    ("eth.src == 02:00:00:00:00:01 && arp.op == 2 && arp.sha == 02:00:00:00:00:09 && arp.spa == 10.1.0.1", false),
    (
      "eth.src == 02:00:00:00:00:01 && ip4.src == 0.0.0.0 && ip4.dst == 255.255.255.255 && udp.src == 68 && udp.dst == 67 && ip.ttl == 64",
      true
    ),
    (
      "eth.src == 02:00:00:00:00:01 && ip4.src == 0.0.0.0 && ip4.dst == 10.1.0.9 && udp.dst == 5 && ip.ttl == 64", false
    ),
    ("eth.src == 02:00:00:00:00:01 && ip6.src == fd01::1 && ip6.dst == fd01::9 && tcp.dst == 5 && ip.ttl == 64", true),
    ("eth.src == 02:00:00:00:00:01 && ip6.src == fe80::ff:fe00:1 && ip6.dst == fd01::9 && ip.ttl == 64", true),
    ("eth.src == 02:00:00:00:00:01 && ip6.src == fd01::2 && ip6.dst == fd01::9 && ip.ttl == 64", false),
    (
      "eth.src == 02:00:00:00:00:01 && ip6.src == :: && ip6.dst == ff02::1 && icmp6.type == 135 && ip.ttl == 255", true
    ),
    ("eth.src == 02:00:00:00:00:01 && ip6.src == :: && ip6.dst == fd01::9 && udp.dst == 5 && ip.ttl == 64", false),
    // Without addresses the MAC address alone counts.
    ("eth.src == 02:00:00:00:00:04 && ip4.src == 10.9.0.1 && ip4.dst == 10.1.0.9 && ip.ttl == 64", true),
  ]

  @Test(.timeLimit(.minutes(2))) func aHostSendsAsItself() async throws {
    let security = HostSecurity(port: "net/host/physnet1/30", logicalSwitch: "net")
    let hosts: [(String, [String])] = [
      ("02:00:00:00:00:01", ["10.1.0.1", "10.1.0.3", "fd01::1"]), ("02:00:00:00:00:02", ["10.1.0.2"]),
      ("02:00:00:00:00:04", []),
    ]
    let rules = try hosts.map { mac, addresses in
      security.own(mac, try MACAddress(parsing: mac), try addresses.map { try IPAddress(parsing: $0) })
    }
    try await OVNCentral.with { central in
      try await central.nbctl(
        "ls-add", "net", "--", "lsp-add", "net", security.port, "--", "lsp-set-addresses", security.port, "unknown",
        "--", "lsp-set-type", security.port, "l2gateway", "--", "lsp-add", "net", "pod", "--", "lsp-set-addresses",
        "pod", "02:00:00:00:00:09 10.1.0.9 fd01::9")
      for rule in rules + [security.others] {
        try await central.nbctl(
          "acl-add", "net", rule.direction.rawValue, "\(rule.priority)", rule.match, rule.action.rawValue)
      }
      try await central.nbctl("--wait=sb", "sync")
      for (packet, passes) in Self.packets {
        let trace = try await Command.run([
          "ovn-trace", "--db=unix:\(central.southbound)", "--minimal",
          "inport == \"\(security.port)\" && eth.dst == 02:00:00:00:00:09 && \(packet)",
        ])
        #expect(trace.contains("output(\"pod\")") == passes, "\(packet): \(trace)")
      }
    }
  }
}
