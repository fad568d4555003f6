/// Builds the bytes of netlink messages: host byte order, everything aligned to four bytes (linux/netlink.h).
struct MessageBuilder: Sendable {
  private(set) var bytes: [UInt8] = []

  /// Appends an integer in host byte order.
  mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  /// Appends an attribute with raw contents.
  mutating func attribute(_ type: UInt16, _ contents: [UInt8]) {
    append(UInt16(4 + contents.count))
    append(type)
    bytes.append(contentsOf: contents)
    align()
  }

  /// Appends an attribute that holds one integer in host byte order.
  mutating func attribute(_ type: UInt16, _ value: UInt32) {
    attribute(type, withUnsafeBytes(of: value) { Array($0) })
  }

  /// Appends an attribute that holds a zero-terminated string.
  mutating func attribute(_ type: UInt16, _ string: String) {
    attribute(type, Array(string.utf8) + [0])
  }

  /// Appends an attribute whose contents are what `body` appends.
  mutating func nested(_ type: UInt16, _ body: (inout MessageBuilder) -> Void) {
    let start = bytes.count
    append(UInt16(0))
    append(type)
    body(&self)
    patch(UInt16(bytes.count - start), at: start)
    align()
  }

  /// `struct ifinfomsg`: `change` says which of the flags are meant.
  mutating func linkHeader(index: Int32 = 0, flags: UInt32 = 0, change: UInt32 = 0) {
    append(UInt16(0))
    append(UInt16(0))
    append(index)
    append(flags)
    append(change)
  }

  /// A whole message: `struct nlmsghdr` and the payload, padded.
  static func message(type: UInt16, flags: UInt16, sequence: UInt32, payload: [UInt8]) -> [UInt8] {
    var builder = MessageBuilder()
    builder.append(UInt32(16 + payload.count))
    builder.append(type)
    builder.append(flags)
    builder.append(sequence)
    builder.append(UInt32(0))
    builder.bytes.append(contentsOf: payload)
    builder.align()
    return builder.bytes
  }

  private mutating func align() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  private mutating func patch(_ value: UInt16, at offset: Int) {
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 2, with: $0) }
  }
}
