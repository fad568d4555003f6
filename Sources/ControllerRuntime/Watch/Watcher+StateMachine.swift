public import KubernetesClient
import KubernetesModel

/// What a watcher tells its reader.
public enum WatcherEvent<Object: Sendable>: Sendable {
  /// The collection is read anew: what follows replaces everything known, once `initialDone` comes. A second one
  /// before that begins over.
  case initial
  /// One page of the collection.
  case initialPage([Object], undecodable: [UndecodableObject])
  /// The collection is complete: what was known before and did not come again is gone.
  case initialDone
  /// An object is new or changed.
  case applied(Object)
  /// An object is gone; this was its last state.
  case deleted(Object)
  /// An object is new, changed or gone, and could not be read.
  case undecodable(UndecodableObject, deleted: Bool)
  /// Something failed; the watcher goes on after `retryIn`. A 410 is normal after a long break.
  case failed(KubernetesAPIError, retryIn: Duration)
}

/// Decides what a watcher asks the server next, and what its reader hears. No I/O, no clock, no randomness.
///
/// ```
/// empty --page--> initPage --last page--> initListed --watch opened--> watching
///   ^                |                        |                           |
///   +----failure-----+<--------410------------+<----------410-------------+
/// ```
/// Other failures in `initListed` and `watching` go back to `initListed`: the watch is opened again where it ended.
struct WatcherStateMachine<Object: Sendable>: Sendable {
  enum State: Sendable, Equatable {
    /// Nothing is known.
    case empty
    /// A part of the pages came; the version is that of the first.
    case initPage(token: String, resourceVersion: String)
    /// All pages came, or a watch ended: one is to be opened from this version on.
    case initListed(resourceVersion: String)
    /// A watch is open; this is the last version that it told.
    case watching(resourceVersion: String)
  }

  /// What to do next.
  enum Step: Sendable, Equatable {
    /// Read a page.
    case list(continueToken: String?)
    /// Open a watch.
    case openWatch(from: String)
    /// Read the next event of the open watch.
    case receive
  }

  private(set) var state = State.empty
  private var backoff: Backoff
  /// A server that ends every watch at once is treated as one that fails.
  private let shortestWatch: Duration

  init(backoff: Backoff, shortestWatch: Duration = .seconds(1)) {
    self.backoff = backoff
    self.shortestWatch = shortestWatch
  }

  var step: Step {
    switch state {
    case .empty: .list(continueToken: nil)
    case .initPage(let token, _): .list(continueToken: token)
    case .initListed(let version): .openWatch(from: version)
    case .watching: .receive
    }
  }

  /// A page came.
  mutating func listed(_ page: ResourceList<Object>) -> [WatcherEvent<Object>] {
    var events: [WatcherEvent<Object>] = []
    var version = page.resourceVersion
    if case .initPage(_, let first) = state { version = first } else { events.append(.initial) }
    events.append(.initialPage(page.items, undecodable: page.undecodable))
    if let token = page.continueToken {
      state = .initPage(token: token, resourceVersion: version)
    } else {
      state = .initListed(resourceVersion: version)
      events.append(.initialDone)
    }
    return events
  }

  /// The watch is open.
  mutating func opened() {
    guard case .initListed(let version) = state else { preconditionFailure("a watch was opened in \(state)") }
    state = .watching(resourceVersion: version)
  }

  /// The watch told something. `version` names an object's version.
  mutating func received(
    _ event: WatchEvent<Object>, version: (Object) -> String?
  ) -> WatcherEvent<Object>? {
    backoff.reset()
    switch event {
    case .added(let object), .modified(let object):
      advance(to: version(object))
      return .applied(object)
    case .deleted(let object):
      advance(to: version(object))
      return .deleted(object)
    case .bookmark(let version):
      advance(to: version)
      return nil
    case .undecodable(let object, let deleted):
      advance(to: object.resourceVersion)
      return .undecodable(object, deleted: deleted)
    }
  }

  /// The server ended the watch. Gives how long to wait before the next.
  mutating func ended(after lasted: Duration, random: Double) -> Duration {
    resumeLater()
    guard lasted < shortestWatch else {
      backoff.reset()
      return .zero
    }
    return backoff.next(random: random)
  }

  /// A list, the opening of a watch, or a watch failed.
  mutating func failed(_ error: KubernetesAPIError, random: Double) -> (event: WatcherEvent<Object>, wait: Duration) {
    switch state {
    case .empty, .initPage: state = .empty
    case .initListed: if error.isGone { state = .empty }
    case .watching: if error.isGone { state = .empty } else { resumeLater() }
    }
    let wait = max(backoff.next(random: random), error.retryAfter ?? .zero)
    return (.failed(error, retryIn: wait), wait)
  }

  private mutating func advance(to version: String?) {
    guard case .watching = state, let version, !version.isEmpty else { return }
    state = .watching(resourceVersion: version)
  }

  private mutating func resumeLater() {
    if case .watching(let version) = state { state = .initListed(resourceVersion: version) }
  }
}
