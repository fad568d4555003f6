import Synchronization

/// What an engine tells, piece by piece.
protocol News: Sendable {
  /// Nothing.
  init()
  /// Whether nothing has changed.
  var isEmpty: Bool { get }
  /// Adds what is newer.
  mutating func merge(_ newer: Self)
}

/// Where news gather until they are all taken at once. One reader.
final class Outbox<Content: News>: Sendable {
  private let content = Mutex(Content())
  private let (tellings, teller) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// Adds news; never waits.
  func tell(_ news: Content) {
    guard !news.isEmpty else { return }
    content.withLock { $0.merge(news) }
    teller.yield()
  }

  /// What has come since the last time; waits until something has. Nil: the task was cancelled.
  func next() async -> Content? {
    for await _ in tellings {
      let news = content.withLock { content in
        defer { content = Content() }
        return content
      }
      if !news.isEmpty { return news }
    }
    return nil
  }
}
