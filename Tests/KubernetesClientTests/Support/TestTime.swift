import KubernetesModel
import Synchronization

/// A time of day that tests set; begins at 2026-01-01T00:00:00Z.
final class TestTime: Sendable {
  private let moment = Mutex(Timestamp("2026-01-01T00:00:00Z")!)
  var now: Timestamp { moment.withLock { $0 } }
  func advance(by duration: Duration) { moment.withLock { $0 = $0.advanced(by: duration) } }
}
