import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import ServiceLifecycle
import Synchronization
import Testing

private struct Failure: Error {}

@Suite(.timeLimit(.minutes(1))) struct ControllerTests {
  @Test func `tries failures again, requeues, and leaves terminal errors`() async throws {
    let attempts = Mutex<[String: Int]>([:])
    let finished = AsyncStream<Void>.makeStream()
    let reconciler = ClosureReconciler<String> { key in
      let attempt = attempts.withLock { attempts in
        attempts[key, default: 0] += 1
        return attempts[key]!
      }
      switch key {
      case "failing" where attempt < 4: throw Failure()
      case "terminal": throw TerminalError(Failure())
      case "again" where attempt < 3: return .requeue(after: .milliseconds(1))
      default:
        finished.continuation.yield()
        return .done
      }
    }
    let controller = Controller(name: "test", reconciler: reconciler, workers: 2, logger: Logger(label: "test"))
    try await withThrowingTaskGroup { group in
      group.addTask { try await controller.run() }
      for key in ["terminal", "failing", "again"] { controller.enqueue(key) }
      var iterator = finished.stream.makeAsyncIterator()
      for _ in 0..<2 { await iterator.next() }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(attempts.withLock { $0 } == ["failing": 4, "terminal": 1, "again": 3])
  }

  @Test func `a graceful shutdown lets the running reconcile end`() async throws {
    let started = AsyncStream<Void>.makeStream()
    let ended = Mutex(false)
    let reconciler = ClosureReconciler<String> { _ in
      started.continuation.yield()
      try await gracefulShutdown()
      await Task.yield()
      #expect(!Task.isCancelled)
      ended.withLock { $0 = true }
      return .done
    }
    let controller = Controller(name: "test", reconciler: reconciler, logger: Logger(label: "test"))
    let services = ServiceGroup(services: [controller], logger: Logger(label: "test"))
    try await withThrowingTaskGroup { group in
      group.addTask { try await services.run() }
      controller.enqueue("a")
      controller.enqueue("b")
      for await _ in started.stream { break }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
    }
    #expect(ended.withLock { $0 } == true)
  }
}

@Suite struct OwnerReferenceTests {
  @Test func `owners by kind, and one controller only`() throws {
    var node = Node(metadata: ObjectMeta(name: "w1"))
    #expect(node.ownerReference() == nil)
    node.metadata.uid = "u1"
    var other = node
    other.metadata.uid = "u2"
    var pod = ObjectMeta(name: "p", namespace: "n")
    let mine = try #require(node.ownerReference())
    let theirs = try #require(other.ownerReference())
    #expect(pod.setOwner(mine) == true)
    #expect(pod.setOwner(mine) == true)
    #expect(pod.ownerReferences?.count == 1)
    #expect(pod.setOwner(theirs) == false)
    #expect(pod.setOwner(try #require(other.ownerReference(controller: false))) == true)
    #expect(
      pod.ownerNames(of: Node.definition) == Array(repeating: NamespacedName(namespace: nil, name: "w1"), count: 2))
    #expect(pod.ownerNames(of: Pod.definition).isEmpty)
    #expect(pod.isOwned(by: node) && pod.controllerReference?.uid == "u1")
  }
}

@Suite struct FinalizerTests {
  private let finalizer = Finalizer("netloom.dev/cleanup")

  @Test func `adds guarded by the version or by the list`() {
    var metadata = ObjectMeta(name: "a")
    metadata.resourceVersion = "7"
    #expect(
      finalizer.adding(to: metadata)
        == .json([
          ["op": "test", "path": "/metadata/resourceVersion", "value": "7"],
          ["op": "add", "path": "/metadata/finalizers", "value": ["netloom.dev/cleanup"]],
        ]))
    metadata.finalizers = ["x"]
    #expect(
      finalizer.adding(to: metadata)
        == .json([
          ["op": "test", "path": "/metadata/finalizers", "value": ["x"]],
          ["op": "add", "path": "/metadata/finalizers/-", "value": "netloom.dev/cleanup"],
        ]))
    #expect(finalizer.removing(from: metadata) == nil)
  }

  @Test func `removes only itself`() {
    var metadata = ObjectMeta(name: "a", finalizers: ["x", "netloom.dev/cleanup"])
    metadata.uid = "u"
    #expect(finalizer.adding(to: metadata) == nil)
    #expect(
      finalizer.removing(from: metadata)
        == .json([
          ["op": "test", "path": "/metadata/uid", "value": "u"],
          ["op": "test", "path": "/metadata/finalizers/1", "value": "netloom.dev/cleanup"],
          ["op": "remove", "path": "/metadata/finalizers/1"],
        ]))
  }
}
