/// Lets operations with the same key through one at a time, in the order in which they came; others do not wait.
public actor KeyedLock<Key: Hashable & Sendable> {
  private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

  /// A lock that nobody holds.
  public init() {}

  /// Runs `body` when all earlier operations with `key` have ended.
  public func withLock<Success: Sendable, Failure: Error>(
    _ key: Key, _ body: @Sendable () async throws(Failure) -> Success
  ) async throws(Failure) -> Success {
    await acquire(key)
    defer { release(key) }
    return try await body()
  }

  /// The keys that an operation is under way for.
  public var heldKeys: Set<Key> { Set(waiting.keys) }

  private func acquire(_ key: Key) async {
    guard waiting[key] != nil else {
      waiting[key] = []
      return
    }
    await withCheckedContinuation { waiting[key]?.append($0) }
  }

  private func release(_ key: Key) {
    if waiting[key]?.isEmpty ?? true {
      waiting[key] = nil
    } else {
      // The lock passes on without ever being free: nobody can come in between.
      waiting[key]?.removeFirst().resume()
    }
  }
}
