/// What repeated runs of the same thing gave, all in one unit.
struct Measurements: Sendable {
  private(set) var values: [Double] = []

  mutating func append(_ value: Double) { values.append(value) }

  /// The value below which that share of the runs lies; 0 when nothing was measured.
  func quantile(_ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }

  var median: Double { quantile(0.5) }
}

extension Duration {
  var milliseconds: Double { self / .milliseconds(1) }
  var microseconds: Double { self / .microseconds(1) }
  var seconds: Double { self / .seconds(1) }
}

/// How long work takes.
func time(_ work: () throws -> Void) rethrows -> Duration { try ContinuousClock().measure(work) }

/// How long work takes that suspends.
func time(_ work: () async throws -> Void) async rethrows -> Duration { try await ContinuousClock().measure(work) }

/// A number for people: three digits that count.
func short(_ value: Double) -> String {
  let magnitude = abs(value)
  let decimals = magnitude >= 100 || magnitude == 0 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3
  let scale = [1.0, 10, 100, 1000][decimals]
  let scaled = Int((magnitude * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  var whole = String(scaled / Int(scale))
  if magnitude >= 10_000 {
    // Thousands apart.
    let digits = Array(whole)
    whole = digits.indices.reduce(into: "") { text, index in
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digits[index])
    }
  }
  guard decimals > 0 else { return sign + whole }
  let fraction = String(scaled % Int(scale))
  return sign + whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
}
