/// Lets through a number of things a second, and some at once. Pure: the moment comes in.
public struct TokenBucket: Sendable, Hashable {
  /// How many a second in the long run.
  public let rate: Double
  /// How many at once after a rest.
  public let burst: Double
  private var tokens: Double
  private var updated: Duration?

  /// A full bucket.
  public init(rate: Double, burst: Int) {
    precondition(rate > 0 && burst > 0, "a token bucket needs a positive rate and burst, not \(rate) and \(burst)")
    self.rate = rate
    self.burst = Double(burst)
    tokens = Double(burst)
  }

  /// Takes a token, perhaps one of the future: gives how long to wait for it.
  public mutating func reserve(now: Duration) -> Duration {
    refill(now)
    tokens -= 1
    return tokens >= 0 ? .zero : .seconds(-tokens / rate)
  }

  /// Takes a token if there is one.
  public mutating func take(now: Duration) -> Bool {
    refill(now)
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  private mutating func refill(_ now: Duration) {
    if let updated, now > updated { tokens = min(burst, tokens + (now - updated) / .seconds(1) * rate) }
    updated = max(updated ?? now, now)
  }
}

/// How failed keys are tried again.
public struct RetryPolicy: Sendable, Hashable {
  /// The wait after the first failure of a key; it doubles with each further one.
  public var base: Duration
  /// The longest wait of a key.
  public var limit: Duration
  /// How many retries a second there are over all keys in the long run.
  public var rate: Double
  /// How many retries there are at once over all keys.
  public var burst: Int

  /// client-go's per-key waits (5 ms doubling) up to a minute; 50 retries a second, 200 at once.
  public init(
    base: Duration = .milliseconds(5), limit: Duration = .seconds(60), rate: Double = 50, burst: Int = 200
  ) {
    self.base = base
    self.limit = limit
    self.rate = rate
    self.burst = burst
  }

  /// The wait of a key after so many failures (from 1).
  func wait(failures: Int) -> Duration { min(limit, base * (1 << min(failures - 1, 40))) }
}
