/// A value whose one canonical form is its text: parsing what `description` prints gives the value back, and it is coded
/// (JSON and others) as that text.
public protocol TextualValue: LosslessStringConvertible, Codable, Hashable, Sendable {
  /// Reads the value, or says exactly what is wrong with the text.
  init(parsing text: String) throws(NetworkTypeError)
}

extension TextualValue {
  /// The value that the text stands for; nil where `init(parsing:)` throws.
  public init?(_ text: String) {
    do { self = try Self(parsing: text) } catch { return nil }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      self = try Self(parsing: container.decode(String.self))
    } catch let error as NetworkTypeError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
