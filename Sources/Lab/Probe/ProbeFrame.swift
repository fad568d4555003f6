import NetworkTypes

/// The frame that the lab sends to see who receives it: broadcast, with a number that tells it from all others.
///
/// EtherType 0x88b5 is set aside for local experiments (IEEE 802, clause 9.2.3): no protocol stack answers it. Where only
/// the sender's own IPv4 packets pass, it is one of those: UDP to the discard port of everybody (RFC 863).
public struct ProbeFrame: Sendable, Hashable {
  /// The number that the receiver recognises.
  public var token: UInt64
  /// The tag on the wire (IEEE 802.1Q); nil: untagged.
  public var vlan: VLANID?
  /// The IPv4 address that it comes from; nil: it is no IP packet. A received frame does not tell.
  public var source: IPAddress?

  public init(token: UInt64, vlan: VLANID? = nil, source: IPAddress? = nil) {
    self.token = token
    self.vlan = vlan
    self.source = source
  }

  static let etherType: UInt16 = 0x88b5
  private static let magic = Array("netloom".utf8)

  /// The frame's bytes, padded to the shortest that Ethernet allows (60 bytes without checksum).
  public func encoded(from source: MACAddress) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xff, count: 6)
    bytes += (0..<6).map { UInt8(truncatingIfNeeded: source.rawValue >> (40 - 8 * UInt64($0))) }
    if let vlan { bytes += [0x81, 0x00, UInt8(vlan.rawValue >> 8), UInt8(vlan.rawValue & 0xff)] }
    let payload = Self.magic + (0..<8).map { UInt8(truncatingIfNeeded: token >> (56 - 8 * UInt64($0))) }
    if let sender = self.source {
      bytes += [0x08, 0x00] + Self.headers(from: sender, payload: payload.count)
    } else {
      bytes += [UInt8(Self.etherType >> 8), UInt8(Self.etherType & 0xff)]
    }
    bytes += payload
    return bytes + [UInt8](repeating: 0, count: max(0, 60 - bytes.count))
  }

  private static let headerBytes = 28

  /// The headers of IPv4 (RFC 791) and UDP (RFC 768, without a checksum).
  private static func headers(from source: IPAddress, payload: Int) -> [UInt8] {
    let octets = (0..<4).map { UInt8(truncatingIfNeeded: source.value >> (24 - 8 * UInt128($0))) }
    var header: [UInt8] = [0x45, 0, 0, UInt8(headerBytes + payload), 0, 0, 0, 0, 1, 17, 0, 0] + octets
    header += [0xff, 0xff, 0xff, 0xff]
    var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    header[10] = UInt8(~sum >> 8 & 0xff)
    header[11] = UInt8(~sum & 0xff)
    return header + [0, 9, 0, 9, 0, UInt8(8 + payload), 0, 0]
  }

  /// Reads a received frame; nil when it is none of the lab's.
  /// - Parameter strippedVLAN: the tag that the kernel took out of the frame and reports beside it.
  public init?(decoding bytes: some Collection<UInt8>, strippedVLAN: VLANID?) {
    let bytes = Array(bytes)
    var offset = 12
    var vlan = strippedVLAN
    if vlan == nil, bytes.count > 16, bytes[12] == 0x81, bytes[13] == 0 {
      vlan = VLANID(rawValue: UInt16(bytes[14] & 0xf) << 8 | UInt16(bytes[15]))
      offset = 16
    }
    guard bytes.count > offset + 2 else { return nil }
    let type = UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    let payload = offset + 2 + (type == 0x0800 ? Self.headerBytes : 0)
    guard bytes.count >= payload + Self.magic.count + 8, type == 0x0800 || type == Self.etherType,
      Array(bytes[payload..<payload + Self.magic.count]) == Self.magic
    else { return nil }
    token = bytes[(payload + Self.magic.count)...].prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    self.vlan = vlan
  }
}
