/// Lets operations with the same key through one at a time, in the order in which they came; others do not wait.
actor KeyedLock<Key: Hashable & Sendable> {
  private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

  /// Runs `body` when all earlier operations with `key` have ended.
  func withLock<Success: Sendable>(_ key: Key, _ body: @Sendable () async -> Success) async -> Success {
    await acquire(key)
    defer { release(key) }
    return await body()
  }

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
