/// A point in time as Kubernetes writes it: RFC 3339 in UTC, whole seconds (`Time`) or six digits (`MicroTime`).
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public var seconds: Int64
  /// Microseconds within the second.
  public var microseconds: Int64

  /// A time by its seconds since 1970.
  public init(seconds: Int64, microseconds: Int64 = 0) {
    self.seconds = seconds
    self.microseconds = microseconds
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.microseconds) < (right.seconds, right.microseconds)
  }

  /// Reads RFC 3339 with any offset and fraction; nil when `text` is none, or names no date.
  public init?(_ text: String) {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
      let day = scanner.number(2), scanner.skip("T") || scanner.skip("t"), let hour = scanner.number(2),
      scanner.skip(":"), let minute = scanner.number(2), scanner.skip(":"), let second = scanner.number(2)
    else { return nil }
    guard (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day), hour < 24, minute < 60,
      second < 60
    else { return nil }
    var fraction: Int64 = 0
    if scanner.skip(".") {
      guard let digits = scanner.fraction() else { return nil }
      fraction = digits
    }
    var offset: Int64 = 0
    if !scanner.skip("Z"), !scanner.skip("z") {
      let sign: Int64
      if scanner.skip("+") {
        sign = 1
      } else if scanner.skip("-") {
        sign = -1
      } else {
        return nil
      }
      guard let hours = scanner.number(2), scanner.skip(":"), let minutes = scanner.number(2) else { return nil }
      offset = sign * (hours * 3600 + minutes * 60)
    }
    guard scanner.isAtEnd else { return nil }
    let day0 = Self.daysSinceEpoch(year: year, month: month, day: day)
    seconds = day0 * 86_400 + hour * 3600 + minute * 60 + second - offset
    microseconds = fraction
  }

  /// `2026-01-02T03:04:05Z`.
  public static func format(_ time: Timestamp) -> String {
    let (date, clock) = parts(time.seconds)
    return "\(date)T\(clock)Z"
  }

  /// `2026-01-02T03:04:05.000006Z`.
  public static func formatMicro(_ time: Timestamp) -> String {
    let (date, clock) = parts(time.seconds)
    return "\(date)T\(clock).\(padded(time.microseconds, 6))Z"
  }

  /// `2026-01-02T03:04:05Z` of seconds since 1970.
  public static func format(secondsSince1970 seconds: Int64) -> String { format(Timestamp(seconds: seconds)) }

  /// Whole seconds since 1970 of an RFC 3339 text; nil when it is none.
  public static func parse(_ text: String) -> Int64? { Timestamp(text)?.seconds }

  /// What Go's time.Parse would say of a text that has not the layout of `Time` or `MicroTime`; nil when it has.
  static func goProblem(_ text: String, micro: Bool) -> String? {
    let layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00"
    func problem(_ rest: Substring, _ element: String) -> String {
      "parsing time \(goQuoted(text)) as \(goQuoted(layout)): cannot parse \(goQuoted(String(rest))) as \(goQuoted(element))"
    }
    let elements: [(String, Int)] = [
      ("2006", 4), ("-", 1), ("01", 2), ("-", 1), ("02", 2), ("T", 1), ("15", 2), (":", 1), ("04", 2), (":", 1),
      ("05", 2),
    ]
    var rest = text[...]
    for (element, length) in elements {
      let piece = rest.prefix(length)
      let fits =
        length == 1 ? piece == element : piece.count == length && piece.allSatisfy { $0.isASCII && $0.isNumber }
      guard fits else { return problem(rest, element) }
      rest.removeFirst(length)
    }
    if micro {
      let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard rest.first == ".", digits.count == 6 else { return problem(rest, ".000000") }
      rest.removeFirst(7)
    } else if rest.first == "." {
      rest.removeFirst()
      rest = rest.drop { $0.isASCII && $0.isNumber }
    }
    guard rest == "Z" || (rest.count == 6 && (rest.first == "+" || rest.first == "-")) else {
      return problem(rest, "Z07:00")
    }
    return nil
  }

  private static func parts(_ seconds: Int64) -> (date: String, clock: String) {
    let day = seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)
    let rest = seconds - day * 86_400
    let (year, month, date) = civil(day)
    return (
      "\(padded(year, 4))-\(padded(month, 2))-\(padded(date, 2))",
      "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
    )
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  // Both from Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
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

private struct DigitScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(_ digits: Int) -> Int64? {
    let piece = rest.prefix(digits)
    guard piece.count == digits, piece.allSatisfy({ (48...57).contains($0) }) else { return nil }
    rest.removeFirst(digits)
    return piece.reduce(0) { $0 * 10 + Int64($1 - 48) }
  }

  /// Digits after the point, as microseconds.
  mutating func fraction() -> Int64? {
    let piece = rest.prefix { (48...57).contains($0) }
    guard !piece.isEmpty else { return nil }
    rest.removeFirst(piece.count)
    let micro = Array(piece.prefix(6)) + Array(repeating: 48, count: max(0, 6 - piece.count))
    return micro.reduce(0) { $0 * 10 + Int64($1 - 48) }
  }
}

/// The length of a time span as kubectl prints ages (k8s.io/apimachinery `duration.HumanDuration`): `5s`, `3m20s`, `2d4h`.
func humanDuration(seconds: Int64) -> String {
  switch seconds {
  case ..<(-1): return "<invalid>"
  case ..<0: return "0s"
  case ..<120: return "\(seconds)s"
  default: break
  }
  func two(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
    small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
  }
  let minutes = seconds / 60
  let hours = seconds / 3600
  let days = hours / 24
  switch true {
  case minutes < 10: return two(minutes, "m", seconds % 60, "s")
  case minutes < 180: return "\(minutes)m"
  case hours < 8: return two(hours, "h", minutes % 60, "m")
  case hours < 48: return "\(hours)h"
  case hours < 24 * 8: return two(days, "d", hours % 24, "h")
  case days < 365 * 2: return "\(days)d"
  case days < 365 * 8: return two(days / 365, "y", days % 365, "d")
  default: return "\(days / 365)y"
  }
}
