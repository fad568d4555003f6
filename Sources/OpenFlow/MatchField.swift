public import NetworkTypes

/// One condition on a packet: an OXM TLV (OpenFlow 1.3.5, section 7.2.3). A field has to stand beside those that it
/// presupposes (table 13: `arpSenderAddress` beside `etherType(.arp)`), or the switch refuses the flow.
public struct MatchField: Sendable, Hashable {
  let oxmClass: UInt16
  let field: UInt8
  let value: [UInt8]
  let mask: [UInt8]?

  init(oxmClass: UInt16, field: UInt8, value: [UInt8], mask: [UInt8]? = nil) {
    self.oxmClass = oxmClass
    self.field = field
    self.value = value
    self.mask = mask
  }

  private init(_ field: UInt8, _ value: [UInt8]) { self.init(oxmClass: 0x8000, field: field, value: value) }

  private init(_ field: UInt8, _ value: some FixedWidthInteger) {
    var bytes: [UInt8] = []
    bytes.append(integer: value)
    self.init(field, bytes)
  }

  /// The OpenFlow port at which the packet came in.
  public static func inPort(_ port: UInt32) -> Self { Self(0, port) }
  /// The sender of the Ethernet frame.
  public static func ethernetSource(_ address: MACAddress) -> Self { Self(4, address.bytes) }
  /// The Ethernet type, after VLAN tags.
  public static func etherType(_ type: EtherType) -> Self { Self(5, type.rawValue) }
  /// The protocol in an IPv4 header, or the last one in IPv6 headers (IANA protocol numbers).
  public static func ipProtocol(_ number: UInt8) -> Self { Self(10, number) }
  /// The source of an IP packet, of either family.
  public static func ipSource(_ address: IPAddress) -> Self { Self(address.family == .v4 ? 11 : 26, address.bytes) }
  /// The destination of an IP packet, of either family.
  public static func ipDestination(_ address: IPAddress) -> Self {
    Self(address.family == .v4 ? 12 : 27, address.bytes)
  }
  /// The source port of UDP.
  public static func udpSource(_ port: UInt16) -> Self { Self(15, port) }
  /// The destination port of UDP.
  public static func udpDestination(_ port: UInt16) -> Self { Self(16, port) }
  /// Whose IPv4 address the sender of an ARP message says it is (`ar$spa`).
  public static func arpSenderAddress(_ address: IPv4Address) -> Self { Self(22, address.rawValue) }
  /// Which Ethernet address the sender of an ARP message says it has (`ar$sha`).
  public static func arpSenderHardware(_ address: MACAddress) -> Self { Self(24, address.bytes) }
  /// The type of an ICMPv6 message.
  public static func icmpv6Type(_ type: UInt8) -> Self { Self(29, type) }
  /// The target of a neighbour solicitation or advertisement (RFC 4861 section 4.3).
  public static func ndTarget(_ address: IPv6Address) -> Self { Self(31, address.rawValue) }
  /// The source link-layer address option of a neighbour solicitation; nil: there is none. (Open vSwitch reads zero then.)
  public static func ndSourceHardware(_ address: MACAddress?) -> Self {
    Self(32, address?.bytes ?? [UInt8](repeating: 0, count: 6))
  }
  /// The target link-layer address option of a neighbour advertisement; nil: there is none.
  public static func ndTargetHardware(_ address: MACAddress?) -> Self {
    Self(33, address?.bytes ?? [UInt8](repeating: 0, count: 6))
  }
  /// Bits that are set in a register of Open vSwitch, 0 to 15 (ovs-fields(7), `NXM_NX_REG0` and following).
  public static func register(_ number: UInt8, has bits: UInt32) -> Self {
    var value: [UInt8] = []
    value.append(integer: bits)
    return Self(oxmClass: 0x0001, field: number, value: value, mask: value)
  }

  /// Ethernet types (IANA, IEEE 802 numbers).
  public enum EtherType: UInt16, Sendable, Hashable {
    case ipv4 = 0x0800
    case arp = 0x0806
    case rarp = 0x8035
    case ipv6 = 0x86dd
    /// A customer VLAN tag where the switch looks for no further tag (IEEE 802.1Q).
    case vlan = 0x8100
    /// A service VLAN tag, likewise (IEEE 802.1ad).
    case serviceVLAN = 0x88a8
  }
}

extension MatchField {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(integer: oxmClass)
    bytes.append(field << 1 | (mask == nil ? 0 : 1))
    bytes.append(UInt8(value.count + (mask?.count ?? 0)))
    bytes += value + (mask ?? [])
  }

  init?(_ reader: inout ByteReader) {
    guard let oxmClass: UInt16 = reader.integer(), let head: UInt8 = reader.integer(),
      let length: UInt8 = reader.integer(), let payload = reader.take(Int(length))
    else { return nil }
    let hasMask = head & 1 == 1
    let count = hasMask ? payload.count / 2 : payload.count
    self.init(
      oxmClass: oxmClass, field: head >> 1, value: Array(payload.prefix(count)),
      mask: hasMask ? Array(payload.dropFirst(count)) : nil)
  }

  /// An `ofp_match` with its padding.
  static func encode(_ match: Set<MatchField>, into bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(integer: UInt16(1))
    bytes.append(integer: UInt16(0))
    // The order is free but for what a field presupposes, which has a lower number in the basic class.
    for field in match.sorted(by: { ($0.oxmClass, $0.field) < ($1.oxmClass, $1.field) }) { field.encode(into: &bytes) }
    bytes.set(length: bytes.count - start, at: start + 2)
    bytes.pad(from: start)
  }

  /// Reads an `ofp_match` with its padding.
  static func decode(_ reader: inout ByteReader) -> Set<MatchField>? {
    guard let type: UInt16 = reader.integer(), let length: UInt16 = reader.integer(), type == 1, length >= 4,
      let payload = reader.take(Int(length) - 4), reader.take((8 - Int(length) % 8) % 8) != nil
    else { return nil }
    var fields: Set<MatchField> = []
    var inner = ByteReader(payload)
    while !inner.rest.isEmpty {
      guard let field = MatchField(&inner) else { return nil }
      fields.insert(field)
    }
    return fields
  }
}
