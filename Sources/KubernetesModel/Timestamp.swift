/// A moment in UTC with a resolution of a microsecond, read from and written to the two forms of Kubernetes.
///
/// `metav1.Time` has whole seconds (`2026-01-02T03:04:05Z`), `metav1.MicroTime` six decimals
/// (`2026-01-02T03:04:05.000006Z`); both are RFC 3339. It reads no clock.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public var microseconds: Int64

  /// A moment, as microseconds since 1970-01-01T00:00:00Z.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Reads an RFC 3339 date and time; digits after the microsecond are cut off. Nil when malformed.
  public init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    func number(_ digits: Int) -> Int64? {
      guard rest.count >= digits else { return nil }
      var value: Int64 = 0
      for byte in rest.prefix(digits) {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      rest = rest.dropFirst(digits)
      return value
    }
    func skip(_ characters: String) -> Bool {
      guard let first = rest.first, characters.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt "),
      let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction: Int64 = 0
    if skip(".") {
      var digits = 0
      while let digit = number(1) {
        if digits < 6 { fraction = fraction * 10 + digit }
        digits += 1
      }
      guard digits > 0 else { return nil }
      for _ in min(digits, 6)..<6 { fraction *= 10 }
    }
    var offset: Int64 = 0
    if !skip("Zz") {
      let sign: Int64 = rest.first == UInt8(ascii: "-") ? -1 : 1
      guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2) else { return nil }
      offset = sign * (hours * 60 + minutes) * 60
    }
    guard rest.isEmpty else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    microseconds = (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
  }

  /// The form of `metav1.Time`: whole seconds.
  public var seconds: String { "\(dateAndTime)Z" }

  /// The form of `metav1.MicroTime`: six decimals.
  public var micro: String {
    let fraction = String(microseconds - wholeSeconds * 1_000_000)
    return "\(dateAndTime).\(String(repeating: "0", count: 6 - fraction.utf8.count))\(fraction)Z"
  }

  /// The moment later by a duration (cut to microseconds).
  public func advanced(by duration: Duration) -> Timestamp {
    Timestamp(
      microseconds: microseconds + duration.components.seconds * 1_000_000
        + duration.components.attoseconds / 1_000_000_000_000)
  }

  /// The duration from this moment to another.
  public func duration(to other: Timestamp) -> Duration { .microseconds(other.microseconds - microseconds) }

  /// Earlier first.
  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.microseconds < rhs.microseconds }

  private var wholeSeconds: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  private var dateAndTime: String {
    let day = (wholeSeconds - (wholeSeconds % 86_400 + 86_400) % 86_400) / 86_400
    let second = wholeSeconds - day * 86_400
    let date = Self.date(days: day)
    func pad(_ value: Int64, _ width: Int = 2) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return "\(pad(date.year, 4))-\(pad(date.month))-\(pad(date.day))"
      + "T\(pad(second / 3600)):\(pad(second / 60 % 60)):\(pad(second % 60))"
  }

  // Both by https://howardhinnant.github.io/date_algorithms.html: the year begins in March, eras have 400 years.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
