import APIMachinery
import JSON
import Logging

/// A part of the server that follows the store and acts on what it sees.
protocol Controller: Sendable {
  /// Its name in the log.
  var name: String { get }
  /// What it wants to see.
  var interest: WatchHub.Interest { get }

  /// Everything that is there when it starts, or when it fell behind and must look at all again.
  mutating func begin() async throws
  /// One write, in the order of the revisions.
  mutating func handle(_ event: StoreEvent) async throws
}

extension Controller {
  /// Runs until the store is closed. What fails is logged and does not stop the controller.
  mutating func run(_ registry: Registry) async {
    while !Task.isCancelled {
      let subscription = registry.store.hub.subscribe(interest, capacity: 65_536)
      await attempt(registry, "start") { try await $0.begin() }
      var last = subscription.start
      for await case .event(let event) in subscription.signals {
        last = event.revision
        await attempt(registry, "handle \(event.object.key)") { try await $0.handle(event) }
      }
      if registry.store.hub.isClosed || Task.isCancelled { return }
      registry.logger.warning(
        "A controller fell behind and starts over", metadata: ["controller": "\(name)", "revision": "\(last)"])
    }
  }

  private mutating func attempt(
    _ registry: Registry, _ what: String, _ body: (inout Self) async throws -> Void
  ) async {
    do {
      try await body(&self)
    } catch StoreError.closed {
      return
    } catch is CancellationError {
      return
    } catch {
      registry.logger.error(
        "A controller could not \(what)", metadata: ["controller": "\(name)", "error": "\(error)"])
    }
  }
}

extension Registry {
  /// Changes an object as a controller does: computed again when another write comes between; nothing when it is gone.
  ///
  /// - Parameter change: returns nil when there is nothing to do.
  func modify(_ key: StoreKey, as served: Served, _ change: @Sendable (JSONValue) throws -> JSONValue?) async throws {
    while let stored = try store.get(key) {
      let old = try served.represent(stored)
      guard let new = try change(old), new != old else { return }
      let ends = isFinished(new, served.type)
      do {
        _ = try await store.commit(
          Mutation(
            key: key, effect: ends ? .remove(old: stored) : .replace(old: stored), schema: served.schema,
            value: served.stored(ends ? old : new)))
        return
      } catch StoreError.changed, StoreError.absent {
        continue
      }
    }
  }

  /// Deletes an object as a controller does: what is gone already, or is another object by now, is left alone.
  func remove(_ key: StoreKey, as served: Served, _ options: DeleteOptions) async throws {
    do {
      _ = try await delete(
        Target(
          served: served, namespace: served.type.namespaced ? key.namespace : nil, name: key.name, subresource: nil),
        options: options)
    } catch let error as StatusError where error.code == 404 || error.code == 409 {
      logger.debug("Nothing to delete", metadata: ["object": "\(key)", "reason": "\(error)"])
    }
  }

  /// Makes an object that the server itself wants, unless it is there.
  func ensure(_ object: JSONValue, namespace: String? = nil) async throws {
    guard let apiVersion = object["apiVersion"]?.string, let kind = object["kind"]?.string,
      let served = catalog.find(apiVersion: apiVersion, kind: kind), let name = object[path: "metadata", "name"]?.string
    else { return }
    if try store.get(served.key(namespace: namespace, name: name)) != nil { return }
    do {
      _ = try await create(
        Target(served: served, namespace: namespace, name: nil, subresource: nil), body: object, options: .init())
    } catch let error as StatusError where error.code == 409 || error.code == 404 || error.code == 403 {
      // It is there, or its namespace is not there any more: nothing is wanted.
    }
  }

  /// Calls `visit` with every object of a resource.
  func forEach(_ served: Served, namespace: String? = nil, _ visit: (StoredObject) async throws -> Void) async throws {
    var after: (namespace: String, name: String)?
    while true {
      let range = ListRange(resource: served.type.storageKey, namespace: namespace, name: nil, after: after)
      let (page, _) = try await store.list(range, into: [StoredObject]()) { page, object in
        page.append(object)
        return page.count < 500
      }
      for object in page { try await visit(object) }
      guard page.count == 500, let last = page.last?.key else { return }
      after = (last.namespace, last.name)
    }
  }
}

extension DeleteOptions {
  /// The object at once, its dependents later; only the object of a uid when one is given.
  static func inBackground(uid: String? = nil) -> DeleteOptions {
    var options = DeleteOptions()
    options.propagationPolicy = .background
    options.preconditionUID = uid
    return options
  }
}
