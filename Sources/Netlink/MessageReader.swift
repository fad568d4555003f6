/// One netlink message as received: the header's fields and the payload.
struct ReceivedMessage: Sendable, Equatable {
  var type: UInt16
  var flags: UInt16
  var sequence: UInt32
  var payload: ArraySlice<UInt8>
}

/// Splits received bytes into messages and attributes. Lengths that lie end the reading; nothing traps.
enum MessageReader {
  /// The messages in one datagram; what follows a malformed length is dropped.
  static func messages(in datagram: ArraySlice<UInt8>) -> [ReceivedMessage] {
    var messages: [ReceivedMessage] = []
    var rest = datagram
    while let length: UInt32 = rest.integer(at: 0), length >= 16, Int(length) <= rest.count,
      let type: UInt16 = rest.integer(at: 4), let flags: UInt16 = rest.integer(at: 6),
      let sequence: UInt32 = rest.integer(at: 8)
    {
      let end = rest.startIndex + Int(length)
      messages.append(
        ReceivedMessage(type: type, flags: flags, sequence: sequence, payload: rest[rest.startIndex + 16..<end]))
      rest = rest.dropFirst((Int(length) + 3) & ~3)
    }
    return messages
  }

  /// The attributes that follow a fixed header of `offset` bytes, by type (flags of the type masked off). Of several with
  /// one type the last counts.
  static func attributes(in payload: ArraySlice<UInt8>, after offset: Int) -> [UInt16: ArraySlice<UInt8>] {
    var attributes: [UInt16: ArraySlice<UInt8>] = [:]
    var rest = payload.dropFirst(offset)
    while let length: UInt16 = rest.integer(at: 0), length >= 4, Int(length) <= rest.count,
      let type: UInt16 = rest.integer(at: 2)
    {
      attributes[type & 0x3fff] = rest[rest.startIndex + 4..<rest.startIndex + Int(length)]
      rest = rest.dropFirst((Int(length) + 3) & ~3)
    }
    return attributes
  }

  /// The error number and the kernel's text of an `NLMSG_ERROR` message; 0 is an acknowledgement. Nil when malformed.
  static func acknowledgement(_ message: ReceivedMessage) -> (errno: Int32, text: String?)? {
    guard let code: Int32 = message.payload.integer(at: 0), code <= 0, code > -4096 else { return nil }
    guard message.flags & MessageFlags.acknowledgementAttributes != 0,
      let requestLength: UInt32 = message.payload.integer(at: 4), requestLength >= 16
    else { return (-code, nil) }
    // What follows the error code is the request's header and, unless capped, the rest of the request.
    let echoed = message.flags & MessageFlags.capped != 0 ? 16 : (Int(requestLength) + 3) & ~3
    return (-code, attributes(in: message.payload, after: 4 + echoed)[1]?.string)
  }
}

extension ArraySlice<UInt8> {
  /// The integer in host byte order `offset` bytes after the start, whatever its alignment; nil when it does not fit.
  func integer<T: FixedWidthInteger>(at offset: Int) -> T? {
    guard offset >= 0, count >= offset + MemoryLayout<T>.size else { return nil }
    return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) }
  }

  /// The text up to the first zero byte.
  var string: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
