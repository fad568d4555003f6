import APIMachinery
import JSON

/// A watch that was let in: what to send first, and where the rest comes from.
struct WatchSession: Sendable {
  let target: Target
  let selection: Selection
  /// The state that the watch begins with; empty when it continues from a revision.
  let initial: [StoredObject]
  /// What happened between the client's revision and the subscription.
  let missed: [StoreEvent]
  /// The client has seen everything up to here.
  let start: Revision
  let subscription: WatchHub.Subscription
  let bookmarks: Bool
  /// A bookmark ends the initial state.
  let marksInitialEnd: Bool
  let timeout: Duration
}

extension Registry {
  /// Begins a watch.
  ///
  /// - Throws: `StatusError` 410 when the history no longer reaches back; the caller sends it as an ERROR event.
  func watch(_ target: Target, options: ListOptions) async throws -> WatchSession {
    let served = target.served
    let selection = try Selection(options, type: target.type)
    guard let asked = options.resourceVersion.isEmpty ? 0 : Revision(options.resourceVersion) else {
      throw StatusError.notANumber(options.resourceVersion)
    }
    let interest = WatchHub.Interest(resource: target.type.storageKey, namespace: target.namespace)
    let subscription = store.hub.subscribe(interest)
    var session = (initial: [StoredObject](), missed: [StoreEvent](), start: asked)
    do {
      if options.sendInitialEvents ?? (asked == 0) {
        let range = ListRange(
          resource: target.type.storageKey, namespace: target.namespace,
          name: target.name ?? selection.fields.exactName)
        let listed = try await store.list(range, into: [StoredObject]()) { objects, object in
          if try selection.matches(object, as: served) { objects.append(object) }
          return true
        }
        (session.initial, session.start) = listed
      } else if asked == 0 {
        session.start = subscription.start
      } else {
        let oldest = max(store.oldestRevision, served.since)
        if asked < oldest { throw StoreError.compacted(asked: asked, oldest: oldest) }
        session.missed = try await store.events(interest, after: asked, upTo: subscription.start)
        session.start = max(asked, subscription.start)
      }
    } catch StoreError.compacted(let asked, let oldest) {
      subscription.finish()
      throw StatusError.tooOldResourceVersion(UInt64(asked), oldest: UInt64(oldest))
    } catch {
      subscription.finish()
      throw error
    }
    let seconds = options.timeoutSeconds.flatMap { $0 > 0 ? $0 : nil } ?? Int64.random(in: 1800..<3600)
    return WatchSession(
      target: target, selection: selection, initial: session.initial, missed: session.missed, start: session.start,
      subscription: subscription, bookmarks: options.allowWatchBookmarks,
      marksInitialEnd: options.sendInitialEvents == true && options.allowWatchBookmarks, timeout: .seconds(seconds))
  }
}

extension WatchSession {
  /// What this watcher is told of an event: its type and the object, nil when it does not concern it.
  ///
  /// An object that leaves the selection is deleted for the watcher, one that enters it is added.
  func seen(_ event: StoreEvent) throws -> (name: String, object: StoredObject, isWhole: Bool)? {
    let served = target.served
    if let name = target.name ?? selection.fields.exactName, name != event.object.key.name { return nil }
    if selection.isEverything || selection.onlyName != nil {
      return (event.kind.watchName, event.object, true)
    }
    let before = try event.previous.map { try selection.matches($0, as: served) } ?? false
    let now = try event.kind != .deleted && selection.matches(event.object, as: served)
    switch (before, now) {
    case (false, false): return nil
    case (false, true): return ("ADDED", event.object, event.kind == .added)
    case (true, true): return ("MODIFIED", event.object, true)
    case (true, false):
      if event.kind == .deleted { return ("DELETED", event.object, true) }
      // The last state that the watcher knew, at the revision at which it left.
      guard var last = event.previous else { return nil }
      var value = try JSONValue(parsing: last.value)
      value[path: "metadata", "resourceVersion"] = .string(String(event.revision))
      last.value = value.serialized()
      return ("DELETED", last, false)
    }
  }
}
