/// A VLAN identifier that a network can have: 1...4094 (IEEE 802.1Q; 0 means "no VLAN", 4095 is reserved). Coded as an
/// integer.
public struct VLANID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// The lowest identifier, 1.
  public static let first = VLANID(unchecked: 1)
  /// The highest identifier, 4094.
  public static let last = VLANID(unchecked: 4094)

  /// The number, 1...4094.
  public let rawValue: UInt16

  /// Nil outside 1...4094.
  public init?(rawValue: UInt16) {
    guard (1...4094).contains(rawValue) else { return nil }
    self.rawValue = rawValue
  }

  private init(unchecked rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// An error outside 1...4094 that names the number.
  public init(_ number: some BinaryInteger) throws(NetworkTypeError) {
    guard let exact = UInt16(exactly: number), let id = VLANID(rawValue: exact) else {
      throw NetworkTypeError(
        kind: "a VLAN ID", text: "\(number)", reason: Self.reason(number), remedy: "use 1-4094")
    }
    self = id
  }

  private static func reason(_ number: some BinaryInteger) -> String {
    switch number {
    case 0: "0 stands for untagged frames (IEEE 802.1Q)"
    case 4095: "4095 is reserved (IEEE 802.1Q)"
    case ..<0: "it is negative"
    default: "it is more than 4094"
    }
  }

  /// Reads a decimal number without sign or leading zeros.
  public init(parsing text: String) throws(NetworkTypeError) {
    let parsed = ParsedText(kind: "a VLAN ID", text: text, remedy: "use 1-4094")
    try self.init(parsed.decimal(text[...], "the number", upTo: 4095))
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      self = try VLANID(container.decode(Int.self))
    } catch let error as NetworkTypeError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// The number.
  public var description: String { String(rawValue) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
