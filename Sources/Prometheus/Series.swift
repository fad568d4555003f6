import Metrics
import Synchronization

/// The values of one name and one set of labels.
protocol Series: AnyObject, Sendable {
  /// Appends its lines.
  func print(_ name: String, _ labels: Labels, to text: inout String)
}

/// One number: a counter or a gauge.
final class Scalar: Series, CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
  private let value = Mutex(0.0)

  func increment(by amount: Int64) { increment(by: Double(amount)) }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
  func reset() { set(0.0) }

  func print(_ name: String, _ labels: Labels, to text: inout String) {
    text += "\(name)\(labels.suffix) \(value.withLock { $0 }.prometheusText)\n"
  }
}

/// How often values came, by size.
final class Histogram: Series, TimerHandler, RecorderHandler {
  /// From half a millisecond to a minute.
  static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  /// Powers of ten.
  static let magnitudes = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

  private let bounds: [Double]
  private let state: Mutex<State>

  private struct State {
    /// How many values are at most as large as each bound and larger than the one before; last: larger than all.
    var counts: [UInt64]
    var sum = 0.0
  }

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock {
      $0.counts[bucket] += 1
      $0.sum += value
    }
  }

  func print(_ name: String, _ labels: Labels, to text: inout String) {
    let state = self.state.withLock { $0 }
    var count: UInt64 = 0
    for (bound, more) in zip(bounds + [.infinity], state.counts) {
      count += more
      text += "\(name)_bucket\(labels.adding("le", bound.prometheusText)) \(count)\n"
    }
    text += "\(name)_sum\(labels.suffix) \(state.sum.prometheusText)\n"
    text += "\(name)_count\(labels.suffix) \(count)\n"
  }
}

extension Double {
  /// As Go reads it.
  var prometheusText: String {
    if isNaN { return "NaN" }
    if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
    return Int64(exactly: self).map(\.description) ?? description
  }
}
