public import KubernetesClient
public import KubernetesModel

/// Where a watcher reads: a collection of an API server, or of a test.
public protocol WatchSource<Object>: Sendable {
  /// What the collection holds.
  associatedtype Object: Sendable
  /// The changes of an open watch.
  associatedtype Changes: AsyncSequence where Changes.Element == WatchEvent<Object>

  /// Names the version of an object.
  var identity: @Sendable (Object) -> ObjectIdentity { get }
  /// Reads one page.
  func list(continueToken: String?) async throws -> ResourceList<Object>
  /// Opens a watch.
  func watch(from resourceVersion: String) async throws -> Changes
}

/// A collection of an API server: a kind, perhaps one namespace, perhaps selected.
public struct ResourceCollection<Object: Sendable>: WatchSource {
  /// The kind.
  public var api: ResourceAPI<Object>
  /// The namespace; nil for all.
  public var namespace: String?
  /// Which labels; nil for any.
  public var labelSelector: LabelSelector?
  /// Which fields, for example `spec.nodeName=worker1`; nil for any.
  public var fieldSelector: String?
  /// How many objects are read at a time.
  public var pageSize: Int

  /// A collection.
  public init(
    _ api: ResourceAPI<Object>, namespace: String? = nil, labelSelector: LabelSelector? = nil,
    fieldSelector: String? = nil, pageSize: Int = 500
  ) {
    self.api = api
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.pageSize = pageSize
  }

  /// Names the version of an object.
  public var identity: @Sendable (Object) -> ObjectIdentity { api.identity }

  /// Reads one page.
  public func list(continueToken: String?) async throws -> ResourceList<Object> {
    try await api.list(
      namespace: namespace,
      ListOptions(
        labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize, continueToken: continueToken))
  }

  /// Opens a watch with bookmarks.
  public func watch(from resourceVersion: String) async throws -> ResourceWatch<Object> {
    try await api.watch(
      namespace: namespace, from: resourceVersion,
      WatchOptions(labelSelector: labelSelector, fieldSelector: fieldSelector))
  }
}

/// Follows a collection for ever: lists it, watches it, resumes, and lists anew when the server says 410.
///
/// Errors are told as events and the sequence goes on; it ends only when the task is cancelled. Nothing runs unless
/// the reader asks for the next event, so a slow reader slows the server down instead of filling memory. For one reader.
public struct Watcher<Source: WatchSource>: AsyncSequence, Sendable {
  /// What happened.
  public typealias Element = WatcherEvent<Source.Object>

  let source: Source
  let backoff: Backoff
  let time: TimeSource

  /// Follows a source.
  public init(_ source: Source, backoff: Backoff = Backoff(), time: TimeSource = .system) {
    self.source = source
    self.backoff = backoff
    self.time = time
  }

  /// Begins.
  public func makeAsyncIterator() -> Iterator { Iterator(source: source, backoff: backoff, time: time) }

  /// Reads event by event.
  public struct Iterator: AsyncIteratorProtocol {
    private let source: Source
    private let time: TimeSource
    private var machine: WatcherStateMachine<Source.Object>
    private var changes: Source.Changes.AsyncIterator?
    private var opened = Duration.zero
    private var pending: [WatcherEvent<Source.Object>] = []
    private var resumeAt: Duration?

    init(source: Source, backoff: Backoff, time: TimeSource) {
      self.source = source
      self.time = time
      machine = WatcherStateMachine(backoff: backoff)
    }

    /// The next event; nil when the task is cancelled.
    public mutating func next() async -> WatcherEvent<Source.Object>? {
      while !Task.isCancelled {
        if !pending.isEmpty { return pending.removeFirst() }
        do {
          if let moment = resumeAt {
            try await time.sleep(moment)
            resumeAt = nil
          }
          if let event = try await advance() { return event }
        } catch is CancellationError {
          return nil
        } catch {
          changes = nil
          let failure = machine.failed(
            error as? KubernetesAPIError
              ?? KubernetesAPIError(attempt: "watch", reason: .transport, message: "\(error)"), random: time.random())
          resumeAt = time.now() + failure.wait
          return failure.event
        }
      }
      return nil
    }

    private mutating func advance() async throws -> WatcherEvent<Source.Object>? {
      switch machine.step {
      case .list(let token):
        pending = machine.listed(try await source.list(continueToken: token))
      case .openWatch(let version):
        changes = try await source.watch(from: version).makeAsyncIterator()
        opened = time.now()
        machine.opened()
      case .receive:
        if let event = try await changes?.next() {
          let identity = source.identity
          return machine.received(event) { identity($0).resourceVersion }
        }
        changes = nil
        let wait = machine.ended(after: time.now() - opened, random: time.random())
        if wait > .zero { resumeAt = time.now() + wait }
      }
      return nil
    }
  }
}
