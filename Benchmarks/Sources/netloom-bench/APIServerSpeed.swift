import JSON
import KubernetesClient
import KubernetesModel
import Netlink

/// What the embedded API server can take, over TLS, from clients in one other process.
struct APIServerSpeed {
  let laboratory: Laboratory
  let writes: Int
  let watchers = 50

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, process in
      var section = Section(
        title: "The embedded API server",
        method:
          "ConfigMaps of 100 bytes over TLS; the clients are one process on the same machine. SQLite by itself: one "
          + "row a transaction by Python's `sqlite3`, the same settings.")
      var sequential = Measurements()
      for number in 0..<(writes / 5) {
        sequential.append(try await time { try await client.create(Self.map("a-\(number)")) }.milliseconds)
      }
      section.figures.append(Figure("a create, one after the other", sequential, "ms"))
      let created = try await time {
        try await inParallel(writes) { number in try await client.create(Self.map("b-\(number)")) }
      }
      section.figures.append(
        Figure("creates, 32 at a time", Double(writes) / created.seconds, "/s", peer: "SQLite by itself, commits"))
      section.figures.append(Figure("SQLite by itself, commits", try await commits(), "/s"))
      let read = try await time {
        try await inParallel(writes) { number in
          _ = try await client.get(ConfigMap.self, name: "b-\(number)", namespace: "test")
        }
      }
      section.figures.append(Figure("reads, 32 at a time", Double(writes) / read.seconds, "/s"))
      let listed = try await time { _ = try await client.list(ConfigMap.self, namespace: "test") }
      section.figures.append(
        Figure("objects listed in pages", Double(writes + writes / 5) / listed.seconds, "/s"))
      let (latency, throughput) = try await fanOut(client)
      section.figures.append(Figure("a create until \(watchers) watchers have it", latency, "ms"))
      section.figures.append(Figure("events to \(watchers) watchers", throughput, "/s"))
      section.figures.append(Figure("its memory", ProcessMemory(of: process)))
      return section
    }
  }

  private static func map(_ name: String) -> ConfigMap {
    ConfigMap(
      metadata: ObjectMeta(name: name, namespace: "test"), data: ["value": String(repeating: "x", count: 100)])
  }

  // MARK: - Watches

  /// Every watcher reports the events that it gets; a create is done when all have it.
  private func fanOut(_ client: KubernetesClient) async throws -> (latency: Measurements, eventsPerSecond: Double) {
    let maps = client.resource(ConfigMap.self)
    let version = try await maps.list(namespace: "test").resourceVersion
    let (heard, continuation) = AsyncStream.makeStream(of: Void.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for _ in 0..<watchers {
        group.addTask {
          for try await event in try await maps.watch(namespace: "test", from: version) {
            if case .added = event { continuation.yield() }
          }
        }
      }
      var events = heard.makeAsyncIterator()
      func hear(_ count: Int) async { for _ in 0..<count { _ = await events.next() } }
      var latency = Measurements()
      for number in 0..<(writes / 20) {
        let taken = try await time {
          try await client.create(Self.map("c-\(number)"))
          await hear(watchers)
        }
        // The first also waits for the watches to be opened.
        if number > 0 { latency.append(taken.milliseconds) }
      }
      let burst = writes / 2
      let taken = try await time {
        try await inParallel(burst) { number in try await client.create(Self.map("d-\(number)")) }
        await hear(burst * watchers)
      }
      return (latency, Double(burst * watchers) / taken.seconds)
    }
  }

  // MARK: - The floor

  /// Commits a second of the database below, with nothing above it.
  private func commits() async throws -> Double {
    let script = """
      import sqlite3, sys, time
      db = sqlite3.connect(sys.argv[1], isolation_level=None)
      db.execute('PRAGMA journal_mode=WAL'); db.execute('PRAGMA synchronous=NORMAL')
      db.execute('CREATE TABLE v (r INTEGER PRIMARY KEY, n TEXT, b BLOB)')
      start = time.perf_counter()
      for i in range(5000): db.execute('INSERT INTO v VALUES (?, ?, ?)', (i, 'n%d' % i, b'x' * 500))
      print(5000 / (time.perf_counter() - start))
      """
    let outcome = try await NamespaceProcess.run(
      ProcessCommand("python3", ["-c", script, "\(laboratory.directory.path)/floor.sqlite"]))
    guard let rate = outcome.text.split(separator: "\n").first.flatMap({ Double($0) }) else {
      throw BenchmarkError("python3: \(outcome.errorText)")
    }
    return rate
  }
}

/// Does work for every number below `count`, so many at a time.
func inParallel(
  _ count: Int, width: Int = 32, _ work: @escaping @Sendable (Int) async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for number in 0..<count {
      if number >= width { try await group.next() }
      group.addTask { try await work(number) }
    }
    try await group.waitForAll()
  }
}
