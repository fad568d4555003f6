import Glibc
import Netlink
import NetworkTypes

/// A packet socket (packet(7)) on one interface of one network namespace: sends and receives whole Ethernet frames,
/// with the VLAN tags that were on the wire.
final class FrameSocket: Sendable {
  private let descriptor: Int32
  private let interface: Int32

  /// - Throws: `NetlinkError` when there is no such interface or the process may not open packet sockets.
  init(on interface: String, in namespace: NetworkNamespace) throws {
    let index = try NetlinkSocket(in: namespace).link(.name(interface)).index
    descriptor = try namespace.run {
      let family = Int32(AF_PACKET)
      let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let descriptor = socket(family, type, Int32(UInt16(0x0003).bigEndian))  // ETH_P_ALL
      guard descriptor >= 0 else {
        throw NetlinkError("open a packet socket on", on: interface, errno: errno)
      }
      var on: Int32 = 1
      setsockopt(descriptor, 263, 8, &on, socklen_t(MemoryLayout<Int32>.size))  // SOL_PACKET, PACKET_AUXDATA
      var address = Self.address(of: index)
      guard Self.bind(descriptor, &address) == 0 else {
        let code = errno
        close(descriptor)
        throw NetlinkError("bind a packet socket to", on: interface, errno: code)
      }
      return descriptor
    }
    self.interface = index
  }

  deinit { close(descriptor) }

  /// Sends one frame as it is.
  func send(_ frame: [UInt8]) throws(NetlinkError) {
    guard Glibc.send(descriptor, frame, frame.count, 0) == frame.count else {
      throw NetlinkError("send a probe on", on: "interface \(interface)", errno: errno)
    }
  }

  /// All probes that wait on a socket; frames of others are passed over.
  func receive() -> [ProbeFrame] {
    var frames: [ProbeFrame] = []
    var buffer = [UInt8](repeating: 0, count: 2048)
    var control = [UInt8](repeating: 0, count: 128)
    while true {
      let (count, vlan) = buffer.withUnsafeMutableBytes { data in
        control.withUnsafeMutableBytes { ancillary in receive(data, ancillary) }
      }
      guard count > 0 else { return frames }
      if let frame = ProbeFrame(decoding: buffer[..<count], strippedVLAN: vlan) { frames.append(frame) }
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
      let count = recvmsg(descriptor, &message, 0)
      guard count > 0, message.msg_controllen >= 16 + 20 else { return (count, nil) }
      // cmsghdr is 16 bytes; struct tpacket_auxdata: status u32, len u32, snaplen u32, mac u16, net u16, tci u16, tpid.
      let auxiliary = UnsafeRawBufferPointer(rebasing: ancillary[16...])
      let status = auxiliary.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
      let tag = auxiliary.loadUnaligned(fromByteOffset: 16, as: UInt16.self)
      let isTagged = status & 0x10 != 0  // TP_STATUS_VLAN_VALID
      return (count, isTagged ? VLANID(rawValue: tag & 0xfff) : nil)
    }
  }

  /// struct sockaddr_ll (packet(7)), 20 bytes.
  private static func address(of interface: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 20)
    bytes.withUnsafeMutableBytes { raw in
      raw.storeBytes(of: UInt16(AF_PACKET), toByteOffset: 0, as: UInt16.self)
      raw.storeBytes(of: UInt16(0x0003).bigEndian, toByteOffset: 2, as: UInt16.self)
      raw.storeBytes(of: interface, toByteOffset: 4, as: Int32.self)
    }
    return bytes
  }

  private static func bind(_ descriptor: Int32, _ address: inout [UInt8]) -> Int32 {
    address.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return -1 }
      return Glibc.bind(descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
    }
  }

  /// Waits until one of the sockets has something to read, at most so long.
  static func wait(for sockets: [FrameSocket], milliseconds: Int32) {
    var descriptors = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    poll(&descriptors, nfds_t(descriptors.count), milliseconds)
  }
}
