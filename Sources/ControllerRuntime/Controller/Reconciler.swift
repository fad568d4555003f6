/// Makes the world be as the object of a key wants it.
///
/// Level-based: it is told which object, never what happened; it reads the present state and may be called at any time
/// and any number of times. Never twice at once for one key.
public protocol Reconciler<Key>: Sendable {
  /// What names the unit of work.
  associatedtype Key: Hashable & Sendable

  /// Does the work for one key. An error is logged and the key tried again after a growing wait, but for
  /// `TerminalError`, which waits for the next change.
  func reconcile(_ key: Key) async throws -> ReconcileResult
}

/// When a key that was reconciled is to be looked at again.
public enum ReconcileResult: Sendable, Hashable {
  /// When something changes.
  case done
  /// When something changes, and at the latest after this long.
  case requeue(after: Duration)
}

/// An error that trying again cannot mend, for example a mistake in a manifest.
public struct TerminalError: Error, CustomStringConvertible {
  /// What is wrong.
  public let cause: any Error

  /// Says of an error that trying again cannot mend it.
  public init(_ cause: any Error) { self.cause = cause }

  /// What is wrong.
  public var description: String { "\(cause)" }
}

/// A reconciler that is a function.
public struct ClosureReconciler<Key: Hashable & Sendable>: Reconciler {
  private let body: @Sendable (Key) async throws -> ReconcileResult

  /// A reconciler of this function.
  public init(_ body: @escaping @Sendable (Key) async throws -> ReconcileResult) { self.body = body }

  /// Calls the function.
  public func reconcile(_ key: Key) async throws -> ReconcileResult { try await body(key) }
}
