import Netlink
import NetworkTypes

/// The frames that ask whether somebody has an address, and those that say so.
enum ConflictProbeFrames {
  private static let arp: UInt16 = 0x0806
  private static let ipv6: UInt16 = 0x86dd
  private static let neighbourSolicitation: UInt8 = 135
  private static let neighbourAdvertisement: UInt8 = 136

  /// The EtherTypes that matter.
  static let protocols = [arp, ipv6]

  // MARK: - Asking

  /// An ARP Probe (RFC 5227 section 2.1.1) or the Neighbor Solicitation of duplicate address detection (RFC 4862
  /// section 5.4.2) for `address`, from the interface that is to have it.
  static func probe(_ address: IPAddress, from source: MACAddress, vlan: VLANID) -> [UInt8] {
    switch address.family {
    case .v4:
      let unspecified: [UInt8] = [0, 0, 0, 0]
      let nobody = [UInt8](repeating: 0, count: 6)
      return PacketSocket.Frame.encoded(
        to: .broadcast, from: source, vlan: vlan, etherType: arp,
        // Ethernet, IPv4, their lengths, request (RFC 826).
        payload: [0, 1, 8, 0, 6, 4, 0, 1] + source.bytes + unspecified + nobody + address.bytes)
    case .v6:
      // The solicited-node multicast address ff02::1:ffXX:XXXX (RFC 4291 section 2.7.1), and its group (RFC 2464).
      let lowest = address.bytes.suffix(3)
      let group: [UInt8] = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff] + lowest
      let unspecified = [UInt8](repeating: 0, count: 16)
      var message: [UInt8] = [neighbourSolicitation, 0, 0, 0, 0, 0, 0, 0] + address.bytes
      let checksum = checksum(message, from: unspecified, to: group)
      message[2] = UInt8(checksum >> 8)
      message[3] = UInt8(checksum & 0xff)
      let header: [UInt8] = [0x60, 0, 0, 0, 0, UInt8(message.count), icmpv6, 255]
      return PacketSocket.Frame.encoded(
        to: MACAddress(bytes: [0x33, 0x33, 0xff] + lowest) ?? .broadcast, from: source, vlan: vlan, etherType: ipv6,
        payload: header + unspecified + group + message)
    }
  }

  /// The checksum of ICMPv6 with its pseudo-header (RFC 4443 section 2.3).
  static func checksum(_ message: [UInt8], from source: [UInt8], to destination: [UInt8]) -> UInt16 {
    let bytes = source + destination + [0, 0, 0, UInt8(message.count), 0, 0, 0, icmpv6] + message
    var sum: UInt32 = 0
    for pair in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[pair]) << 8 | UInt32(pair + 1 < bytes.count ? bytes[pair + 1] : 0)
    }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return ~UInt16(sum)
  }

  private static let icmpv6: UInt8 = 58

  // MARK: - Being answered

  /// Who says by a frame that it has `address`, or is about to take it: the sender's MAC address; nil for any other frame.
  static func claimant(of address: IPAddress, in frame: PacketSocket.Frame, vlan: VLANID) -> MACAddress? {
    let bytes = Array(frame.bytes)
    guard frame.vlan == vlan, bytes.count >= 14, let source = MACAddress(bytes: bytes[6..<12]) else { return nil }
    let payload = Array(bytes[14...])
    switch (address.family, UInt16(bytes[12]) << 8 | UInt16(bytes[13])) {
    case (.v4, arp): return isClaim(of: address, arp: payload) ? MACAddress(bytes: payload[8..<14]) : nil
    case (.v6, ipv6): return isClaim(of: address, ipv6: payload) ? source : nil
    default: return nil
    }
  }

  /// A packet whose sender has the address, or a probe for it (RFC 5227 section 2.1.1, last but two paragraphs).
  private static func isClaim(of address: IPAddress, arp packet: [UInt8]) -> Bool {
    guard packet.count >= 28, packet.starts(with: [0, 1, 8, 0, 6, 4]) else { return false }
    let sender = packet[14..<18]
    let isProbe = packet[6] == 0 && packet[7] == 1 && sender.allSatisfy { $0 == 0 }
    return sender.elementsEqual(address.bytes) || (isProbe && packet[24..<28].elementsEqual(address.bytes))
  }

  /// An advertisement of the address, or a solicitation of somebody who is looking for others that have it (RFC 4862
  /// sections 5.4.3 and 5.4.4).
  private static func isClaim(of address: IPAddress, ipv6 packet: [UInt8]) -> Bool {
    // The hop limit shows that no router passed it on (RFC 4861 section 7.1).
    guard packet.count >= 64, packet[6] == icmpv6, packet[7] == 255, packet[41] == 0,
      packet[48..<64].elementsEqual(address.bytes)
    else { return false }
    let isFromNobody = packet[8..<24].allSatisfy { $0 == 0 }
    return packet[40] == neighbourAdvertisement || (packet[40] == neighbourSolicitation && isFromNobody)
  }
}

extension MACAddress {
  fileprivate static let broadcast = MACAddress(rawValue: 0xffff_ffff_ffff)!
}
