/// Splits a stream of bytes into the JSON values that stand in it back to back, however the bytes are cut into chunks.
///
/// For protocols that put no delimiter between messages, such as OVSDB (RFC 7047, section 4). Only arrays and objects
/// count as messages. After an error the stream cannot be resumed; every further call throws the same error.
public struct JSONFramer: Sendable {
  private let maximumSize: Int
  private let options: JSONValue.ParsingOptions
  private var buffer: [UInt8] = []
  private var start = 0
  private var scanned = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var failure: JSONError?

  /// - Parameters:
  ///   - maximumSize: the most bytes that one value may have.
  ///   - options: limits of the parser.
  public init(maximumSize: Int = 256 << 20, options: JSONValue.ParsingOptions = .init()) {
    self.maximumSize = maximumSize
    self.options = options
  }

  /// Whether bytes of a value that is not yet complete are held: the peer broke off within a message if it ends now.
  public var hasPartialValue: Bool { start < buffer.count }

  /// Takes the next bytes of the stream.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0, start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
      start = 0
      scanned = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next complete value, or nil when more bytes are needed.
  public mutating func next() throws(JSONError) -> JSONValue? {
    if let failure { throw failure }
    do {
      guard let end = try scan() else { return nil }
      let value = try buffer.withUnsafeBufferPointer { bytes throws(JSONError) in
        try JSONValue(parsing: UnsafeBufferPointer(rebasing: bytes[start..<end]), options: options)
      }
      start = end
      compact()
      return value
    } catch {
      failure = error
      buffer = []
      start = 0
      scanned = 0
      throw error
    }
  }

  /// Advances to the end of the first value; nil when it is not there yet.
  private mutating func scan() throws(JSONError) -> Int? {
    while scanned < buffer.count {
      let byte = buffer[scanned]
      scanned += 1
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        if depth > options.maximumDepth { throw JSONError(.tooDeep(limit: options.maximumDepth), at: scanned - start) }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return scanned }
        if depth < 0 { throw JSONError(.unexpected("a closing bracket"), at: scanned - start - 1) }
      case UInt8(ascii: "\"") where depth > 0:
        isInString = true
      default:
        if depth == 0 {
          guard byte.isJSONWhiteSpace else {
            throw JSONError(.unexpected("byte \(byte) between messages"), at: scanned - start - 1)
          }
          start = scanned
        }
      }
    }
    if scanned - start > maximumSize { throw JSONError(.tooLarge(limit: maximumSize), at: scanned - start) }
    return nil
  }

  /// Drops what was handed out once it is most of the buffer, so that a long stream costs linear time and little memory.
  private mutating func compact() {
    guard start > 64 << 10, start > buffer.count / 2 else { return }
    buffer.removeSubrange(..<start)
    scanned -= start
    start = 0
  }
}
