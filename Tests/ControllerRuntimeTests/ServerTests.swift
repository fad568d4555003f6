import ControllerRuntime
import JSON
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization
import Testing

private let logger = Logger(label: "test")

@Suite(.timeLimit(.minutes(1))) struct InformerServerTests {
  @Test func `follows a server through pages, events, 410 and a broken connection`() async throws {
    @Sendable func object(_ name: String, _ version: Int) -> String {
      #"{"metadata":{"name":"\#(name)","namespace":"n","uid":"\#(name)","resourceVersion":"\#(version)"}}"#
    }
    let lists = Mutex(0)
    try await ScriptedServer.run { request in
      if request.uri.contains("watch=true") {
        if request.uri.contains("resourceVersion=5&") {
          return [
            .head(200), .chunk(#"{"type":"ADDED","object":"# + object("c", 6)), .chunk("}\n"),
            .chunk(#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}"# + "\n{"), .drop,
          ]
        }
        // What came just before the connection broke may have been lost with it.
        if ["resourceVersion=6&", "resourceVersion=7&"].contains(where: { request.uri.contains($0) }) {
          return [.head(200), .chunk(#"{"type":"ERROR","object":{"kind":"Status","code":410}}"# + "\n"), .hold]
        }
        return [.head(200), .hold]
      }
      if request.uri.contains("continue=t") {
        return ScriptedServer.json(#"{"metadata":{"resourceVersion":"5"},"items":[\#(object("b", 2))]}"#)
      }
      let first = lists.withLock { lists in
        lists += 1
        return lists == 1
      }
      return first
        ? ScriptedServer.json(
          #"{"metadata":{"resourceVersion":"5","continue":"t"},"items":[\#(object("a", 1))]}"#)
        : ScriptedServer.json(
          #"{"metadata":{"resourceVersion":"20"},"items":[\#(object("b", 2)),\#(object("c", 19))]}"#)
    } _: { server, configuration in
      try await withClient(configuration) { client in
        let informer = Informer(
          ResourceCollection(client.resource(Pod.self)), backoff: Backoff(base: .milliseconds(1)), logger: logger)
        let deltas = informer.deltas()
        try await withThrowingTaskGroup { group in
          group.addTask { try await informer.run() }
          var words: [String] = []
          for await delta in deltas {
            words.append(word(delta))
            if words.contains("-a1"), words.contains("~c6>c19") || words.contains("+c19") { break }
          }
          #expect(words.contains("synced") && words.contains("+b2"))
          group.cancelAll()
          try await group.waitForAll()
        }
        #expect(Set(informer.store.names.map(\.name)) == ["b", "c"])
      }
      let watches = server.requests.filter { $0.uri.contains("watch=true") }
      #expect(watches.contains { $0.uri.contains("resourceVersion=6&") || $0.uri.contains("resourceVersion=7&") })
    }
  }
}

/// A server that keeps one lease, as the API server would.
private final class LeaseServer: Sendable {
  private let lease = Mutex<JSONValue?>(nil)
  private let version = Mutex(0)
  let isDown = Mutex(false)

  var holder: String? { lease.withLock { $0?[path: "spec", "holderIdentity"]?.string } }

  func answer(_ request: ScriptedServer.Request) throws -> [ScriptedServer.Step] {
    if isDown.withLock({ $0 }) { return ScriptedServer.status(503, "ServiceUnavailable") }
    return try lease.withLock { lease in
      if request.method == "GET" {
        return lease.map { ScriptedServer.json("\($0)") } ?? ScriptedServer.status(404, "NotFound")
      }
      var new = try JSONValue(parsing: request.body)
      if request.method == "POST" && lease != nil { return ScriptedServer.status(409, "AlreadyExists") }
      if request.method == "PUT",
        new[path: "metadata", "resourceVersion"] != lease?[path: "metadata", "resourceVersion"]
      {
        return ScriptedServer.status(409, "Conflict")
      }
      let next = version.withLock { version in
        version += 1
        return version
      }
      new[path: "metadata", "resourceVersion"] = .string("\(next)")
      new[path: "metadata", "uid"] = "u"
      lease = new
      return ScriptedServer.json("\(new)")
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct LeaderElectorTests {
  private func election(_ identity: String) -> LeaderElection {
    LeaderElection(
      namespace: "n", name: "l", identity: identity, leaseDuration: .seconds(2), renewDeadline: .milliseconds(600),
      retryPeriod: .milliseconds(50))
  }

  @Test func `leads, hands over when it ends, and stops when it cannot renew`() async throws {
    let leases = LeaseServer()
    try await ScriptedServer.run {
      try leases.answer($0)
    } _: { _, configuration in
      try await withClient(configuration) { client in
        let events = AsyncStream<String>.makeStream()
        @Sendable func elector(_ name: String) -> LeaderElector {
          LeaderElector(client: client, election: election(name), logger: logger) {
            events.continuation.yield("\(name) leads")
            do { try await Task.sleep(for: .seconds(3600)) } catch {
              events.continuation.yield("\(name) stops")
              throw error
            }
          }
        }
        var heard = events.stream.makeAsyncIterator()
        let first = Task { try await elector("a").run() }
        #expect(await heard.next() == "a leads")
        let second = Task { try await elector("b").run() }
        let start = ContinuousClock.now
        first.cancel()
        try await first.value
        #expect(await heard.next() == "a stops")
        #expect(await heard.next() == "b leads")
        #expect(ContinuousClock.now - start < .seconds(2), "the lease was not let go")
        #expect(leases.holder == "b")
        leases.isDown.withLock { $0 = true }
        #expect(await heard.next() == "b stops")
        leases.isDown.withLock { $0 = false }
        #expect(await heard.next() == "b leads")
        second.cancel()
        try await second.value
        #expect(leases.holder == "")
      }
    }
  }

  @Test func `ends as what it leads ends`() async throws {
    struct Failure: Error {}
    let leases = LeaseServer()
    try await ScriptedServer.run {
      try leases.answer($0)
    } _: { _, configuration in
      try await withClient(configuration) { client in
        let seen = Mutex<[String]>([])
        let elector = LeaderElector(
          client: client, election: election("a"), logger: logger,
          onNewLeader: { leader in seen.withLock { $0.append(leader) } }, lead: { throw Failure() })
        await #expect(throws: Failure.self) { try await elector.run() }
        #expect(leases.holder == "")
        #expect(seen.withLock { $0 } == ["a"])
        try await LeaderElector(client: client, election: election("b"), logger: logger, lead: {}).run()
      }
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct FinalizerServerTests {
  @Test func `applies with the finalizer on, cleans up before it goes`() async throws {
    @Sendable func answer(finalizers: String) -> [ScriptedServer.Step] {
      ScriptedServer.json(#"{"metadata":{"name":"a","namespace":"n","uid":"u","finalizers":\#(finalizers)}}"#)
    }
    try await ScriptedServer.run { request in
      request.body.contains("remove") ? answer(finalizers: "[]") : answer(finalizers: #"["f"]"#)
    } _: { server, configuration in
      try await withClient(configuration) { client in
        let api = client.resource(Pod.self)
        var object = Pod(metadata: ObjectMeta(name: "a", namespace: "n"))
        object.metadata.resourceVersion = "1"
        let applied = try await Finalizer("f").reconcile(object, in: api) { object in
          #expect(object.metadata.finalizers == ["f"])
          return .requeue(after: .seconds(5))
        } cleanup: { _ in
          .finished
        }
        #expect(applied == .requeue(after: .seconds(5)))
        object.metadata.finalizers = ["f"]
        object.metadata.deletionTimestamp = "2026-01-01T00:00:00Z"
        let held = try await Finalizer("f").reconcile(object, in: api) { _ in
          .done
        } cleanup: { _ in
          .waiting(.done)
        }
        #expect(held == .done && server.requests.count == 1)
        _ = try await Finalizer("f").reconcile(object, in: api) { _ in
          .done
        } cleanup: { _ in
          .finished
        }
        #expect(server.requests.count == 2 && server.requests[1].body.contains("remove"))
      }
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct EventRecorderTests {
  @Test func `writes, counts, and writes again what expired`() async throws {
    let done = AsyncStream<Void>.makeStream()
    let patches = Mutex(0)
    try await ScriptedServer.run { request in
      defer { done.continuation.yield() }
      if request.method == "PATCH" {
        let count = patches.withLock { patches in
          patches += 1
          return patches
        }
        if count == 2 { return ScriptedServer.status(404, "NotFound") }
      }
      return ScriptedServer.json(#"{"metadata":{"name":"e"},"involvedObject":{}}"#)
    } _: { server, configuration in
      try await withClient(configuration) { client in
        let recorder = EventRecorder(client: client, component: "test", instance: "i", logger: logger)
        let running = Task { try await recorder.run() }
        for _ in 0..<3 { recorder.record(.warning, on: pod("a", version: 1), reason: "Held", message: "by b") }
        var iterator = done.stream.makeAsyncIterator()
        for _ in 0..<4 { await iterator.next() }
        running.cancel()
        try await running.value
      }
      #expect(server.requests.map(\.method) == ["POST", "PATCH", "PATCH", "POST"])
      let last = try JSONValue(parsing: server.requests[3].body)
      #expect(last["count"] == 3 && last["reason"] == "Held" && last[path: "involvedObject", "name"] == "a")
      #expect(server.requests[0].path == "/api/v1/namespaces/n/events")
    }
  }
}
