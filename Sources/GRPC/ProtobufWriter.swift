/// Writes the wire format of protocol buffers (protobuf.dev, "Encoding"). As version 3 wants it, a single field that has
/// its default (0, false, empty) is left out; the elements of a repeated one are not.
public struct ProtobufWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// `uint32`, `uint64`, `bool` as 0 or 1, an enumeration.
  public mutating func unsigned(_ number: Int, _ value: UInt64) {
    guard value != 0 else { return }
    key(number, .varint)
    varint(value)
  }

  /// `int32`, `int64`: two's complement, ten bytes when negative.
  public mutating func integer(_ number: Int, _ value: some FixedWidthInteger & SignedInteger) {
    unsigned(number, UInt64(bitPattern: Int64(value)))
  }

  public mutating func bool(_ number: Int, _ value: Bool) { unsigned(number, value ? 1 : 0) }

  public mutating func string(_ number: Int, _ value: String) {
    if !value.isEmpty { element(number, value.utf8) }
  }

  public mutating func bytes(_ number: Int, _ value: some Collection<UInt8>) {
    if !value.isEmpty { element(number, value) }
  }

  /// `repeated string`.
  public mutating func strings(_ number: Int, _ values: some Sequence<String>) {
    for value in values { element(number, value.utf8) }
  }

  /// A message in a field; nil is an absent one, which is not the same as one without fields.
  public mutating func message(_ number: Int, _ value: (some ProtobufMessage)?) {
    if let value { element(number, value.protobuf) }
  }

  /// A message in a field, written in place.
  public mutating func message(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    element(number, inner.bytes)
  }

  /// `repeated` messages.
  public mutating func messages(_ number: Int, _ values: some Sequence<some ProtobufMessage>) {
    for value in values { element(number, value.protobuf) }
  }

  /// `map<string, string>`, sorted: equal maps have equal bytes.
  public mutating func map(_ number: Int, _ values: [String: String]) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      message(number) { entry in
        entry.string(1, key)
        entry.string(2, value)
      }
    }
  }

  private mutating func element(_ number: Int, _ value: some Collection<UInt8>) {
    key(number, .lengthDelimited)
    varint(UInt64(value.count))
    bytes += value
  }

  private mutating func key(_ number: Int, _ type: ProtobufWireType) {
    precondition(ProtobufWireType.fieldNumbers.contains(number), "a field's number is 1 to 2^29 - 1")
    varint(UInt64(number) << 3 | UInt64(type.rawValue))
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// How a field's value stands on the wire.
enum ProtobufWireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5

  static let fieldNumbers = 1...(1 << 29 - 1)
}
