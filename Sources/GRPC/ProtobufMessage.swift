/// A message of protocol buffers, version 3, whose fields are written down by hand.
///
/// A reader takes the fields that it knows by their numbers and lets all others be:
///
///     init(from reader: inout ProtobufReader) throws(GRPCError) {
///       while let field = try reader.next() {
///         switch field.number {
///         case 1: name = try field.string()
///         case 2: devices.append(try field.message())
///         default: break
///         }
///       }
///     }
public protocol ProtobufMessage: Sendable {
  /// Reads the fields until there are none. An absent field has its default; of a field that comes twice the last counts.
  init(from reader: inout ProtobufReader) throws(GRPCError)

  /// Writes the fields; one that has its default need not be written.
  func write(to writer: inout ProtobufWriter)
}

extension ProtobufMessage {
  /// Reads a whole message. Fails with ``GRPCError/Code/internal`` when the bytes are none.
  public init(protobuf bytes: some Sequence<UInt8>) throws(GRPCError) {
    var reader = ProtobufReader(Array(bytes)[...])
    try self.init(from: &reader)
  }

  /// The message's bytes.
  public var protobuf: [UInt8] {
    var writer = ProtobufWriter()
    write(to: &writer)
    return writer.bytes
  }
}

/// The message without fields.
public struct EmptyMessage: ProtobufMessage, Hashable {
  public init() {}

  public init(from reader: inout ProtobufReader) throws(GRPCError) {
    while try reader.next() != nil {}
  }

  public func write(to writer: inout ProtobufWriter) {}
}
