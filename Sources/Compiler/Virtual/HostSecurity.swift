import NetworkTypes
import OVNModel

/// What hosts behind a port of type l2gateway may send. OVN holds only interfaces of nodes to `port_security`, so here
/// rules of the switch say the same (ovn-nb(5), Logical_Switch_Port `port_security`), but of the messages by which IPv6 finds
/// neighbours: OVN lets these through before any rule.
struct HostSecurity {
  /// The name of the port.
  var port: String
  /// The switch.
  var logicalSwitch: String

  /// Above all rules of policies, which have their say where packets come out.
  private static let priority = 20_000

  /// What is none of the hosts' does not pass.
  var others: AccessRule {
    AccessRule(
      id: "\(port)/others", of: LogicalSwitch.key(logicalSwitch), .fromPort, priority: Self.priority,
      match: "inport == \"\(port)\"", action: .drop)
  }

  /// What a host sends as itself passes.
  ///
  /// - Parameters:
  ///   - id: names the rule among ours.
  ///   - addresses: none: it may have any.
  func own(_ id: String, _ mac: MACAddress, _ addresses: [IPAddress]) -> AccessRule {
    var match = "inport == \"\(port)\" && eth.src == \(mac)"
    if !addresses.isEmpty { match += " && (\(Self.senders(mac, addresses).joined(separator: " || ")))" }
    return AccessRule(
      id: id, of: LogicalSwitch.key(logicalSwitch), .fromPort, priority: Self.priority + 1, match: match, action: .allow
    )
  }

  /// The ways in which a packet can be that of somebody who has these addresses.
  private static func senders(_ mac: MACAddress, _ addresses: [IPAddress]) -> [String] {
    let four = addresses.filter { $0.family == .v4 }.map(\.description).joined(separator: ", ")
    let six = addresses.filter { $0.family == .v6 }
    var senders: [String] = []
    if !four.isEmpty {
      senders += [
        "ip4.src == {\(four)}", "(ip4.src == 0.0.0.0 && ip4.dst == 255.255.255.255 && udp.src == 68 && udp.dst == 67)",
        "(arp.sha == \(mac) && arp.spa == {\(four)})",
      ]
    }
    if !six.isEmpty {
      let own = ([.v6(IPv6Address(linkLocalOf: mac))] + six).map(\.description).joined(separator: ", ")
      senders.append("ip6.src == {\(own)}")
    }
    return senders
  }
}
