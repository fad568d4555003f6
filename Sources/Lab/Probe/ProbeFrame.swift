import NetworkTypes

/// The frame that the lab sends to see who receives it: broadcast, with a number that tells it from all others.
///
/// EtherType 0x88b5 is set aside for local experiments (IEEE 802, clause 9.2.3): no protocol stack answers it.
public struct ProbeFrame: Sendable, Hashable {
  /// The number that the receiver recognises.
  public var token: UInt64
  /// The tag on the wire (IEEE 802.1Q); nil: untagged.
  public var vlan: VLANID?

  public init(token: UInt64, vlan: VLANID? = nil) {
    self.token = token
    self.vlan = vlan
  }

  static let etherType: UInt16 = 0x88b5
  private static let magic = Array("netloom".utf8)

  /// The frame's bytes, padded to the shortest that Ethernet allows (60 bytes without checksum).
  public func encoded(from source: MACAddress) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xff, count: 6)
    bytes += (0..<6).map { UInt8(truncatingIfNeeded: source.rawValue >> (40 - 8 * UInt64($0))) }
    if let vlan { bytes += [0x81, 0x00, UInt8(vlan.rawValue >> 8), UInt8(vlan.rawValue & 0xff)] }
    bytes += [UInt8(Self.etherType >> 8), UInt8(Self.etherType & 0xff)] + Self.magic
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: token >> (56 - 8 * UInt64($0))) }
    return bytes + [UInt8](repeating: 0, count: max(0, 60 - bytes.count))
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
    let payload = offset + 2
    guard bytes.count >= payload + Self.magic.count + 8, bytes[offset] == 0x88, bytes[offset + 1] == 0xb5,
      Array(bytes[payload..<payload + Self.magic.count]) == Self.magic
    else { return nil }
    token = bytes[(payload + Self.magic.count)...].prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    self.vlan = vlan
  }
}
