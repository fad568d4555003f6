import Glibc
import NetworkTypes

/// A packet socket (packet(7)) on one interface of one network namespace: sends and receives whole Ethernet frames, with
/// the VLAN tags that were on the wire. What is sent from this machine it does not receive.
public final class PacketSocket: Sendable {
  /// A frame that was received.
  public struct Frame: Sendable {
    /// From the destination address on; without the tag that ``vlan`` is.
    public var bytes: ArraySlice<UInt8>
    /// The outer tag (IEEE 802.1Q); nil: untagged.
    public var vlan: VLANID?

    /// A frame of these parts.
    public init(bytes: ArraySlice<UInt8>, vlan: VLANID? = nil) {
      self.bytes = bytes
      self.vlan = vlan
    }
  }

  private let descriptor: Descriptor
  private let interface: Int32

  /// - Parameter protocols: only frames with these EtherTypes are received, whatever their tags; nil: all. The kernel
  ///   drops the others, so that a busy interface does not fill the socket.
  /// - Throws: `NetlinkError` when there is no such interface or the process may not open packet sockets.
  public init(
    on interface: String, in namespace: NetworkNamespace?, protocols: [UInt16]? = nil
  ) throws(NetlinkError) {
    let index = try NetlinkSocket(in: namespace).link(.name(interface)).index
    descriptor = try .socket(AF_PACKET, SOCK_RAW, in: namespace, "a packet socket")
    self.interface = index
    try set(Option.auxiliaryData, to: Int32(1), interface)
    try set(Option.ignoreOutgoing, to: Int32(1), interface)
    if let protocols { try attach(Self.filter(protocols), interface) }
    try check("bind a packet socket to", interface) {
      Self.address(of: index).withUnsafeBytes { raw in
        guard let base = raw.baseAddress else { return -1 }
        return Int(bind(descriptor.rawValue, base.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count)))
      }
    }
  }

  /// Also receives what is addressed to others, as long as the socket lives.
  public func receiveAll() throws(NetlinkError) {
    // struct packet_mreq: ifindex, type PACKET_MR_PROMISC, no address.
    var request = [UInt8](repeating: 0, count: 16)
    request.withUnsafeMutableBytes { raw in
      raw.storeBytes(of: interface, toByteOffset: 0, as: Int32.self)
      raw.storeBytes(of: UInt16(1), toByteOffset: 4, as: UInt16.self)
    }
    try check("receive all frames of", "interface \(interface)") {
      Int(
        setsockopt(
          descriptor.rawValue, Option.level, Option.addMembership, request, socklen_t(request.count)))
    }
  }

  /// Sends one frame as it is.
  public func send(_ frame: [UInt8]) throws(NetlinkError) {
    try check("send a frame on", "interface \(interface)") {
      Glibc.send(descriptor.rawValue, frame, frame.count, 0)
    }
  }

  /// All frames that wait, the oldest first. Never blocks.
  public func receive() -> [Frame] {
    var frames: [Frame] = []
    var buffer = [UInt8](repeating: 0, count: 2048)
    var control = [UInt8](repeating: 0, count: 128)
    while true {
      let (count, vlan) = buffer.withUnsafeMutableBytes { data in
        control.withUnsafeMutableBytes { ancillary in receive(data, ancillary) }
      }
      guard count > 0 else { return frames }
      frames.append(Frame(Array(buffer[..<count]), strippedVLAN: vlan))
    }
  }

  private func receive(
    _ data: UnsafeMutableRawBufferPointer, _ ancillary: UnsafeMutableRawBufferPointer
  ) -> (Int, VLANID?) {
    var part = iovec(iov_base: data.baseAddress, iov_len: data.count)
    return withUnsafeMutablePointer(to: &part) { parts in
      var message = msghdr()
      message.msg_iov = parts
      message.msg_iovlen = 1
      message.msg_control = ancillary.baseAddress
      message.msg_controllen = ancillary.count
      let count = recvmsg(descriptor.rawValue, &message, Int32(MSG_DONTWAIT))
      guard count > 0, message.msg_controllen >= 16 + 20 else { return (count, nil) }
      // cmsghdr is 16 bytes; struct tpacket_auxdata: status u32, len u32, snaplen u32, mac u16, net u16, tci u16, tpid.
      let auxiliary = UnsafeRawBufferPointer(rebasing: ancillary[16...])
      let status = auxiliary.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
      let tag = auxiliary.loadUnaligned(fromByteOffset: 16, as: UInt16.self)
      let isTagged = status & 0x10 != 0  // TP_STATUS_VLAN_VALID
      return (count, isTagged ? VLANID(rawValue: tag & 0xfff) : nil)
    }
  }

  /// Waits until one of the sockets has something to read, at most so long.
  public static func wait(for sockets: [PacketSocket], milliseconds: Int32) {
    var descriptors = sockets.map { pollfd(fd: $0.descriptor.rawValue, events: Int16(POLLIN), revents: 0) }
    poll(&descriptors, nfds_t(descriptors.count), milliseconds)
  }

  // MARK: - Options

  /// linux/if_packet.h; SO_ATTACH_FILTER of asm-generic/socket.h.
  private enum Option {
    static let level: Int32 = 263
    static let addMembership: Int32 = 1
    static let auxiliaryData: Int32 = 8
    static let ignoreOutgoing: Int32 = 23
    static let attachFilter: Int32 = 26
  }

  private func set(_ option: Int32, to value: Int32, _ interface: String) throws(NetlinkError) {
    try check("set options of a packet socket on", interface) {
      withUnsafeBytes(of: value) {
        Int(setsockopt(descriptor.rawValue, Option.level, option, $0.baseAddress, socklen_t($0.count)))
      }
    }
  }

  /// An instruction of the classic packet filter (linux/filter.h, struct sock_filter).
  private struct Instruction {
    var code: UInt16
    var jumpIfTrue: UInt8 = 0
    var jumpIfFalse: UInt8 = 0
    var operand: UInt32
  }

  /// A program that lets the EtherTypes through, and tags: that which a frame came with is not in the data any more.
  private static func filter(_ protocols: [UInt16]) -> [Instruction] {
    let accepted = protocols + [0x8100]
    let load = Instruction(code: 0x28, operand: 12)  // the half-word at 12
    let compare = accepted.enumerated().map { position, etherType in
      // Equal: to the last instruction.
      Instruction(code: 0x15, jumpIfTrue: UInt8(accepted.count - position), operand: UInt32(etherType))
    }
    return [load] + compare + [Instruction(code: 0x06, operand: 0), Instruction(code: 0x06, operand: 0x4_0000)]
  }

  private func attach(_ program: [Instruction], _ interface: String) throws(NetlinkError) {
    try check("filter the frames of", interface) {
      program.withUnsafeBytes { instructions in
        // struct sock_fprog: their number and where they are.
        var filter = [UInt8](repeating: 0, count: 16)
        return filter.withUnsafeMutableBytes { raw in
          raw.storeBytes(of: UInt16(program.count), toByteOffset: 0, as: UInt16.self)
          raw.storeBytes(of: UInt(bitPattern: instructions.baseAddress), toByteOffset: 8, as: UInt.self)
          return Int(
            setsockopt(
              descriptor.rawValue, SOL_SOCKET, Option.attachFilter, raw.baseAddress, socklen_t(raw.count)))
        }
      }
    }
  }

  /// struct sockaddr_ll (packet(7)), 20 bytes.
  private static func address(of interface: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 20)
    bytes.withUnsafeMutableBytes { raw in
      raw.storeBytes(of: UInt16(AF_PACKET), toByteOffset: 0, as: UInt16.self)
      raw.storeBytes(of: UInt16(0x0003).bigEndian, toByteOffset: 2, as: UInt16.self)  // ETH_P_ALL
      raw.storeBytes(of: interface, toByteOffset: 4, as: Int32.self)
    }
    return bytes
  }
}

extension PacketSocket.Frame {
  /// - Parameter strippedVLAN: the tag that the kernel took out of the frame and reports beside it.
  init(_ bytes: [UInt8], strippedVLAN: VLANID?) {
    guard strippedVLAN == nil, bytes.count > 17, bytes[12] == 0x81, bytes[13] == 0 else {
      self.init(bytes: bytes[...], vlan: strippedVLAN)
      return
    }
    let vlan = VLANID(rawValue: UInt16(bytes[14] & 0xf) << 8 | UInt16(bytes[15]))
    self.init(bytes: (bytes[..<12] + bytes[16...])[...], vlan: vlan)
  }

  /// A frame of an EtherType, with its tag in place.
  public static func encoded(
    to destination: MACAddress, from source: MACAddress, vlan: VLANID?, etherType: UInt16, payload: [UInt8]
  ) -> [UInt8] {
    var bytes = destination.bytes + source.bytes
    if let vlan { bytes += [0x81, 0x00, UInt8(vlan.rawValue >> 8), UInt8(vlan.rawValue & 0xff)] }
    bytes += [UInt8(etherType >> 8), UInt8(etherType & 0xff)] + payload
    // The shortest that Ethernet allows, without the checksum.
    return bytes + [UInt8](repeating: 0, count: max(0, 60 - bytes.count))
  }
}
