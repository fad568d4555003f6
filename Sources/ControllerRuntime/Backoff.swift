/// Waits that grow and are spread by chance, so that many clients do not return at the same moment.
///
/// Decorrelated jitter: each wait is drawn between `base` and three times the one before, and is at most `limit`.
/// Pure: the random number comes in.
public struct Backoff: Sendable, Hashable {
  /// The shortest wait.
  public let base: Duration
  /// The longest wait.
  public let limit: Duration
  private var last: Duration?

  /// Waits between `base` and `limit`.
  public init(base: Duration = .milliseconds(800), limit: Duration = .seconds(30)) {
    self.base = base
    self.limit = limit
  }

  /// The wait after one more failure; `random` is in 0..<1.
  public mutating func next(random: Double) -> Duration {
    let spread = (last ?? base) * 3 - base
    let wait = min(limit, base + spread * random)
    last = wait
    return wait
  }

  /// Begins anew after a success.
  public mutating func reset() { last = nil }
}
