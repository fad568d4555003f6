/// Why a text is not the JSON that was wanted.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of mistake.
  public enum Reason: Sendable, Hashable {
    /// The text ended within a value.
    case truncated
    /// A byte that cannot stand there.
    case unexpected(String)
    /// Arrays and objects nested deeper than allowed.
    case tooDeep(limit: Int)
    /// More bytes in one value than allowed.
    case tooLarge(limit: Int)
    /// An object with one key twice, where that was to be refused.
    case duplicateKey(String)
    /// A number that 64-bit floating point cannot hold.
    case numberOutOfRange(String)
    /// Bytes that are not UTF-8.
    case invalidUTF8
  }

  /// What is wrong.
  public let reason: Reason
  /// Where, as a count of bytes from the start of the text.
  public let offset: Int

  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String {
    let what =
      switch reason {
      case .truncated: "the text ends within a value"
      case .unexpected(let found): "\(found) cannot stand here"
      case .tooDeep(let limit): "nested deeper than \(limit) levels"
      case .tooLarge(let limit): "one value is larger than \(limit) bytes"
      case .duplicateKey(let key): "the key \"\(key)\" stands twice in one object"
      case .numberOutOfRange(let text): "the number \(text) is out of range"
      case .invalidUTF8: "the bytes are not UTF-8"
      }
    return "malformed JSON at byte \(offset): \(what)"
  }
}
