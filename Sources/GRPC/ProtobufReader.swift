/// Reads the wire format of protocol buffers (protobuf.dev, "Encoding"), field by field. What is malformed is an error with
/// the code ``GRPCError/Code/internal``, whatever the bytes are.
public struct ProtobufReader: Sendable {
  private var rest: ArraySlice<UInt8>

  /// A reader of exactly these bytes.
  public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field; nil at the end. Groups, which version 3 no longer has, are passed over.
  public mutating func next() throws(GRPCError) -> ProtobufField? {
    while !rest.isEmpty {
      let (number, type) = try key()
      switch type {
      case .varint: return ProtobufField(number: number, value: .varint(try varint()))
      case .fixed64: return ProtobufField(number: number, value: .fixed64(try fixed(8)))
      case .lengthDelimited: return ProtobufField(number: number, value: .bytes(try lengthDelimited()))
      case .fixed32: return ProtobufField(number: number, value: .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
      case .startGroup: try skipGroup(number)
      case .endGroup: throw malformed("group \(number) ends that did not begin")
      }
    }
    return nil
  }

  private mutating func skipGroup(_ number: Int) throws(GRPCError) {
    var open = [number]
    while let innermost = open.last {
      let (number, type) = try key()
      switch type {
      case .varint: _ = try varint()
      case .fixed64: _ = try fixed(8)
      case .lengthDelimited: _ = try lengthDelimited()
      case .fixed32: _ = try fixed(4)
      case .startGroup: open.append(number)
      case .endGroup:
        guard number == innermost else { throw malformed("group \(innermost) ends as group \(number)") }
        open.removeLast()
      }
    }
  }

  private mutating func key() throws(GRPCError) -> (number: Int, type: ProtobufWireType) {
    let key = try varint()
    guard let number = Int(exactly: key >> 3), ProtobufWireType.fieldNumbers.contains(number) else {
      throw malformed("\(key >> 3) is no field number")
    }
    guard let type = ProtobufWireType(rawValue: UInt8(key & 7)) else {
      throw malformed("field \(number) has the unknown wire type \(key & 7)")
    }
    return (number, type)
  }

  private mutating func varint() throws(GRPCError) -> UInt64 {
    var value: UInt64 = 0
    for (position, byte) in rest.prefix(10).enumerated() {
      let bits = UInt64(byte & 0x7f)
      guard position < 9 || bits <= 1 else { throw malformed("a number has more than 64 bits") }
      value |= bits << UInt64(7 * position)
      if byte < 0x80 {
        rest = rest.dropFirst(position + 1)
        return value
      }
    }
    throw malformed(rest.count < 10 ? "it ends within a number" : "a number has more than 64 bits")
  }

  private mutating func fixed(_ count: Int) throws(GRPCError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func lengthDelimited() throws(GRPCError) -> ArraySlice<UInt8> {
    let length = try varint()
    guard let count = Int(exactly: length) else { throw malformed("a field has \(length) bytes") }
    return try take(count)
  }

  private mutating func take(_ count: Int) throws(GRPCError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw malformed("\(count) bytes are announced and \(rest.count) are left") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private func malformed(_ reason: String) -> GRPCError {
    GRPCError(.internal, attempting: "read a protobuf message", reason)
  }
}

/// A field as it stands in a message.
public struct ProtobufField: Sendable, Hashable {
  enum Value: Sendable, Hashable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  /// The number that the message's definition gives to the field.
  public let number: Int
  let value: Value

  /// `uint64` and what is encoded like it.
  public func unsigned() throws(GRPCError) -> UInt64 {
    guard case .varint(let value) = value else { throw mismatch("a number") }
    return value
  }

  /// `int32`, `int64`, an enumeration.
  public func integer() throws(GRPCError) -> Int64 { Int64(bitPattern: try unsigned()) }

  public func bool() throws(GRPCError) -> Bool { try unsigned() != 0 }

  public func bytes() throws(GRPCError) -> [UInt8] { Array(try slice()) }

  /// Text that is no UTF-8 is an error.
  public func string() throws(GRPCError) -> String {
    guard let text = String(validating: try slice(), as: UTF8.self) else { throw mismatch("UTF-8 text") }
    return text
  }

  /// A message in a field.
  public func message<Message: ProtobufMessage>(_: Message.Type = Message.self) throws(GRPCError) -> Message {
    var reader = ProtobufReader(try slice())
    return try Message(from: &reader)
  }

  /// One entry of a `map<string, string>`.
  public func entry() throws(GRPCError) -> (key: String, value: String) {
    var reader = ProtobufReader(try slice())
    var entry = (key: "", value: "")
    while let field = try reader.next() {
      switch field.number {
      case 1: entry.key = try field.string()
      case 2: entry.value = try field.string()
      default: break
      }
    }
    return entry
  }

  private func slice() throws(GRPCError) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = value else { throw mismatch("a length and bytes") }
    return bytes
  }

  private func mismatch(_ expected: String) -> GRPCError {
    GRPCError(.internal, attempting: "read field \(number) of a protobuf message", "it is not \(expected)")
  }
}
