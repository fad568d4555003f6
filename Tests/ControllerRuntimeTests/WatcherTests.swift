import KubernetesClient
import KubernetesModel
import Logging
import Synchronization
import Testing

@testable import ControllerRuntime

private let gone = KubernetesAPIError(attempt: "watch", code: 410, reason: .expired, message: "too old")
private let broken = KubernetesAPIError(attempt: "watch", reason: .transport, message: "broken")

private func page(_ pods: [Pod], version: String, token: String? = nil) -> ResourceList<Pod> {
  ResourceList(items: pods, resourceVersion: version, continueToken: token)
}

@Suite struct WatcherStateMachineTests {
  private typealias Machine = WatcherStateMachine<Pod>

  private func watching() -> Machine {
    var machine = Machine(backoff: Backoff(base: .seconds(1), limit: .seconds(30)))
    _ = machine.listed(page([], version: "5"))
    machine.opened()
    return machine
  }

  @Test func `pages, then a watch from the version of the first`() {
    var machine = Machine(backoff: Backoff())
    #expect(machine.step == .list(continueToken: nil))
    guard case .initial? = machine.listed(page([], version: "5", token: "t")).first else {
      Issue.record("no beginning")
      return
    }
    #expect(machine.step == .list(continueToken: "t"))
    guard case .initialDone? = machine.listed(page([], version: "9")).last else {
      Issue.record("no end")
      return
    }
    #expect(machine.step == .openWatch(from: "5"))
    machine.opened()
    #expect(machine.step == .receive)
  }

  @Test func `resumes after the last version that was told`() {
    var machine = watching()
    _ = machine.received(.modified(pod("a", version: 8))) { $0.metadata.resourceVersion }
    #expect(machine.ended(after: .seconds(290), random: 0.5) == .zero)
    #expect(machine.step == .openWatch(from: "8"))
    machine.opened()
    #expect(machine.received(.bookmark(resourceVersion: "12")) { $0.metadata.resourceVersion } == nil)
    _ = machine.received(
      .undecodable(.init(name: .init(namespace: nil, name: "x"), resourceVersion: "14", problem: ""), deleted: false)
    ) { $0.metadata.resourceVersion }
    _ = machine.failed(broken, random: 0)
    #expect(machine.step == .openWatch(from: "14"))
  }

  @Test func `410 begins anew, also between the pages`() {
    var machine = watching()
    _ = machine.failed(gone, random: 0)
    #expect(machine.step == .list(continueToken: nil))
    _ = machine.listed(page([], version: "5", token: "t"))
    _ = machine.failed(gone, random: 0)
    #expect(machine.step == .list(continueToken: nil))
    _ = machine.listed(page([], version: "5"))
    _ = machine.failed(broken, random: 0)
    #expect(machine.step == .openWatch(from: "5"))
    _ = machine.failed(gone, random: 0)
    #expect(machine.step == .list(continueToken: nil))
  }

  @Test func `waits grow, obey the server, and begin anew after a success`() {
    var machine = watching()
    #expect(machine.failed(broken, random: 0.999).wait > .milliseconds(2900))
    #expect(machine.failed(broken, random: 0.999).wait > .seconds(8))
    var busy = broken
    busy.retryAfter = .seconds(77)
    #expect(machine.failed(busy, random: 0).wait == .seconds(77))
    machine.opened()
    _ = machine.received(.bookmark(resourceVersion: "6")) { $0.metadata.resourceVersion }
    #expect(machine.failed(broken, random: 0).wait == .seconds(1))
  }

  @Test func `a server that ends every watch at once is not asked all the time`() {
    var machine = watching()
    #expect(machine.ended(after: .zero, random: 0) == .seconds(1))
    machine.opened()
    #expect(machine.ended(after: .milliseconds(10), random: 0.9) > .seconds(2))
  }

  @Test(arguments: [0.0, 0.3, 0.999]) func `backoff stays between its limits`(random: Double) {
    var backoff = Backoff(base: .milliseconds(800), limit: .seconds(30))
    for _ in 0..<100 {
      let wait = backoff.next(random: random)
      #expect(wait >= .milliseconds(800) && wait <= .seconds(30))
    }
  }
}

/// A collection that a test plays: each list and each watch is the next of its script.
private final class ScriptedSource: WatchSource {
  let identity: @Sendable (Pod) -> ObjectIdentity = { ObjectIdentity($0.metadata) }
  private let lists: Mutex<[Result<ResourceList<Pod>, any Error>]>
  private let watches: Mutex<[[Result<WatchEvent<Pod>, any Error>]]>
  let asked = Mutex<[String]>([])

  init(lists: [Result<ResourceList<Pod>, any Error>], watches: [[Result<WatchEvent<Pod>, any Error>]]) {
    self.lists = Mutex(lists)
    self.watches = Mutex(watches)
  }

  func list(continueToken: String?) async throws -> ResourceList<Pod> {
    asked.withLock { $0.append("list \(continueToken ?? "")") }
    return try lists.withLock { $0.removeFirst() }.get()
  }

  func watch(from resourceVersion: String) async throws -> AsyncThrowingStream<WatchEvent<Pod>, any Error> {
    asked.withLock { $0.append("watch \(resourceVersion)") }
    let script = watches.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    return AsyncThrowingStream { continuation in
      // Without a script the watch stays open.
      guard let script else { return }
      for result in script {
        switch result {
        case .success(let event): continuation.yield(event)
        case .failure(let error): continuation.finish(throwing: error)
        }
      }
      continuation.finish()
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct InformerTests {
  private let fast = Backoff(base: .milliseconds(1), limit: .milliseconds(5))
  private func informer(_ source: some WatchSource<Pod>) -> Informer<Pod> {
    Informer(
      source, name: "pods", indexers: [Indexer("node") { [$0.spec?.nodeName].compactMap { $0 } }], backoff: fast,
      logger: Logger(label: "test"))
  }

  @Test func `lists, watches, relists after 410, and goes on after errors`() async throws {
    let source = ScriptedSource(
      lists: [
        .failure(broken), .success(page([pod("a", version: 1)], version: "5", token: "t")),
        .success(page([pod("b", version: 2, node: "w1")], version: "5")),
        .success(page([pod("b", version: 9, node: "w2"), pod("c", version: 8)], version: "10")),
      ],
      watches: [
        [.success(.added(pod("d", version: 6))), .failure(broken)],
        [.success(.deleted(pod("d", version: 7))), .failure(gone)],
      ])
    let informer = informer(source)
    let deltas = informer.deltas()
    try await withThrowingTaskGroup { group in
      group.addTask { try await informer.run() }
      try await informer.waitUntilSynced()
      var seen: Set<String> = []
      for await delta in deltas {
        seen.insert(word(delta))
        if informer.store.count == 2, informer.store[.init(namespace: "n", name: "c")] != nil, seen.contains("+c8"),
          seen.contains("-a1")
        {
          break
        }
      }
      #expect(seen.contains("synced"))
      #expect(informer.store.objects(index: "node", value: "w2").map(\.metadata.name) == ["b"])
      #expect(informer.store.values(index: "node") == ["w2"])
      group.cancelAll()
    }
    #expect(
      source.asked.withLock { $0 }.prefix(6)
        == ["list ", "list ", "list t", "watch 5", "watch 6", "list "])
  }

  @Test func `late subscribers hear everything, and the end`() async throws {
    let source = ScriptedSource(lists: [.success(page([pod("a", version: 1)], version: "5"))], watches: [])
    let informer = informer(source)
    try await withThrowingTaskGroup { group in
      group.addTask { try await informer.run() }
      try await informer.waitUntilSynced()
      var first = informer.deltas().makeAsyncIterator()
      var second = informer.deltas().makeAsyncIterator()
      for _ in 0..<1 {
        #expect(await first.next().map(word) == "+a1")
        #expect(await second.next().map(word) == "+a1")
        #expect(await first.next().map(word) == "synced")
      }
      group.cancelAll()
      try await group.waitForAll()
      #expect(await second.next().map(word) == "synced")
      #expect(await first.next() == nil)
      #expect(await second.next() == nil)
    }
    try await informer.waitUntilSynced()
  }

  @Test func `waiting for the first list ends with the informer`() async throws {
    let source = ScriptedSource(lists: Array(repeating: .failure(broken), count: 10_000), watches: [])
    let informer = informer(source)
    let running = Task { try await informer.run() }
    let waiting = Task { try await informer.waitUntilSynced() }
    running.cancel()
    try await running.value
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }
}
