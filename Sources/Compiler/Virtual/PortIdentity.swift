import NetworkTypes

/// Who is behind a port.
struct PortIdentity: Hashable, Sendable {
  /// Its MAC address.
  var mac: MACAddress
  /// Its addresses.
  var addresses: [IPAddress]

  /// As OVN writes it (ovn-nb(5), `addresses`).
  var text: String { Self.text(mac, addresses) }

  /// Who it may be (ovn-nb(5), `port_security`). OVN lets it send from its link-local address, and does not let it say that
  /// it has it (RFC 4861 section 4.4), so that nobody finds it: unless the address is listed.
  var permitted: String {
    let hasIPv6 = addresses.contains { $0.family == .v6 }
    return Self.text(mac, addresses + (hasIPv6 ? [.v6(IPv6Address(linkLocalOf: mac))] : []))
  }

  private static func text(_ mac: MACAddress, _ addresses: [IPAddress]) -> String {
    ([mac.description] + addresses.map(\.description)).joined(separator: " ")
  }
}
