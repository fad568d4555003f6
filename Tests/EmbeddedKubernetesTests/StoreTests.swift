import Files
import Glibc
import JSON
import Logging
import Testing

@testable import EmbeddedKubernetes

@Suite("Store")
struct StoreTests {
  private func mutation(_ name: String, _ effect: Mutation.Effect, namespace: String = "ns", size: String = "1")
    -> Mutation
  {
    Mutation(
      key: StoreKey(resource: "configmaps", namespace: namespace, name: name), effect: effect, schema: 0,
      value: { [UInt8]("{\"metadata\":{\"resourceVersion\":\"\($0)\"},\"size\":\(size)}".utf8) })
  }

  @Test("Revisions grow by one over all writes, and a write from an old version is refused")
  func concurrency() async throws {
    try await withStore { store in
      let first = try await store.commit(mutation("a", .create)).object
      let second = try await store.commit(mutation("b", .create)).object
      #expect(second.revision == first.revision + 1)
      await #expect(throws: StoreError.self) { try await store.commit(mutation("a", .create)) }
      let newer = try await store.commit(mutation("a", .replace(old: first))).object
      #expect(newer.revision == second.revision + 1)
      await #expect(throws: StoreError.self) { try await store.commit(mutation("a", .replace(old: first))) }
      await #expect(throws: StoreError.self) { try await store.commit(mutation("a", .remove(old: first))) }
      _ = try await store.commit(mutation("a", .remove(old: newer)))
      #expect(try store.get(newer.key) == nil)
      await #expect(throws: StoreError.self) { try await store.commit(mutation("a", .remove(old: newer))) }
    }
  }

  @Test("A list at a revision shows the state of then, whatever was written after it")
  func snapshot() async throws {
    try await withStore { store in
      let a = try await store.commit(mutation("a", .create)).object
      let b = try await store.commit(mutation("b", .create)).object
      let then = store.revision
      _ = try await store.commit(mutation("a", .remove(old: a)))
      _ = try await store.commit(mutation("b", .replace(old: b)))
      _ = try await store.commit(mutation("c", .create))
      let range = ListRange(resource: "configmaps", namespace: "ns")
      let old = try await store.list(range, at: then, into: [Revision]()) {
        $0.append($1.revision); return true
      }
      #expect(old.result == [a.revision, b.revision])
      #expect(old.revision == then)
      let new = try await store.list(range, into: [String]()) {
        $0.append($1.key.name); return true
      }
      #expect(new.result == ["b", "c"])
      #expect(new.revision == store.revision)
      #expect(try await store.count(range, at: then) == 2)
    }
  }

  @Test("Compaction forgets the past: older watches and lists are refused, newer ones still see everything")
  func compaction() async throws {
    try await withStore(historyLimit: 20) { store in
      var last = try await store.commit(mutation("a", .create)).object
      _ = try await store.commit(mutation("still", .create))
      let early = store.revision
      for _ in 0..<100 { last = try await store.commit(mutation("a", .replace(old: last))).object }
      #expect(store.oldestRevision > early)
      let interest = WatchHub.Interest(resource: "configmaps")
      await #expect(throws: StoreError.self) { try await store.events(interest, after: early, upTo: store.revision) }
      let range = ListRange(resource: "configmaps")
      await #expect(throws: StoreError.self) {
        try await store.list(range, at: early, into: 0) { count, _ in
          count += 1; return true
        }
      }
      let events = try await store.events(interest, after: store.revision - 10, upTo: store.revision)
      #expect(events.map(\.revision) == Array(store.revision - 9...store.revision))
      #expect(events.allSatisfy { $0.previous?.revision == $0.revision - 1 })
      #expect(try await store.count(range) == 2)
    }
  }

  @Test("What was committed is there after the process died at any moment")
  func durability() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let store = try Store(path: folder.path + "/state.db", historyLimit: 1000, logger: Logger(label: "test"))
    for index in 0..<50 { _ = try await store.commit(mutation("n\(index)", .create)) }
    // The files as they are now are what a process that is killed here leaves behind.
    let copy = try TemporaryFolder()
    defer { copy.remove() }
    for suffix in ["", "-wal"] {
      let bytes = try #require(try Files.read(folder.path + "/state.db" + suffix))
      try Files.write(bytes, to: copy.path + "/state.db" + suffix)
    }
    let revision = store.revision
    try store.close()
    let again = try Store(path: copy.path + "/state.db", historyLimit: 1000, logger: Logger(label: "test"))
    #expect(again.revision == revision)
    #expect(try await again.count(ListRange(resource: "configmaps")) == 50)
    let next = try await again.commit(mutation("next", .create)).object
    #expect(next.revision == revision + 1)
    try again.close()
  }

  @Test("A subscription sees every write after its start once and in order, and ends when its reader is too slow")
  func subscriptions() async throws {
    try await withStore { store in
      _ = try await store.commit(mutation("before", .create))
      let quick = store.hub.subscribe(.init(resource: "configmaps", namespace: "ns"))
      let slow = store.hub.subscribe(.init(), capacity: 5)
      #expect(quick.start == store.revision)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<40 {
          group.addTask { _ = try await store.commit(mutation("n\(index)", .create)) }
          group.addTask { _ = try await store.commit(mutation("n\(index)", .create, namespace: "other")) }
        }
        try await group.waitForAll()
      }
      quick.finish()
      var seen: [Revision] = []
      for await case .event(let event) in quick.signals { seen.append(event.revision) }
      #expect(seen.count == 40)
      #expect(seen == seen.sorted())
      var count = 0
      for await _ in slow.signals { count += 1 }
      #expect(count == 5)
    }
  }
}

/// A store of its own, closed and removed afterwards.
func withStore(historyLimit: Int64 = 1000, _ body: (Store) async throws -> Void) async throws {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  let store = try Store(path: folder.path + "/state.db", historyLimit: historyLimit, logger: Logger(label: "test"))
  do {
    try await body(store)
  } catch {
    try store.close()
    throw error
  }
  try store.close()
}

/// A folder under /tmp that a test removes when it is done.
struct TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = "/tmp/netloom-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try Files.makeFolder(path)
  }

  func remove() {
    Files.removeTree(path)
  }
}
