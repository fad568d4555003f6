/// The clock and the randomness of everything here that waits, so that tests turn them by hand.
///
/// Moments are durations since an origin of the clock's own.
public struct TimeSource: Sendable {
  /// The present moment.
  public let now: @Sendable () -> Duration
  /// Returns at a moment, or throws `CancellationError` when the task is cancelled before.
  public let sleep: @Sendable (_ until: Duration) async throws -> Void
  /// A number from 0 up to 1.
  public let random: @Sendable () -> Double

  /// A source of these functions.
  public init(
    now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (_ until: Duration) async throws -> Void,
    random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
  ) {
    self.now = now
    self.sleep = sleep
    self.random = random
  }

  /// A source that follows a clock.
  public init<C: Clock>(
    _ clock: C, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
  ) where C.Duration == Duration {
    let origin = clock.now
    self.init(
      now: { origin.duration(to: clock.now) },
      sleep: { try await clock.sleep(until: origin.advanced(by: $0), tolerance: nil) },
      random: random)
  }

  /// The system's monotonic clock.
  public static let system = TimeSource(ContinuousClock())
}
