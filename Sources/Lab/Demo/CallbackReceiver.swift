import Hummingbird
import JSON
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// What a management system would run: an HTTP server that takes every state change that Netloom POSTs to a
/// `callbackURL`, and remembers them in order.
public final class CallbackReceiver: Sendable {
  /// One delivery.
  public struct Delivery: Sendable, Hashable {
    public let kind: String
    public let name: String
    public let phase: String
    /// The reason and message of the condition that matters most.
    public let message: String

    init(_ object: JSONValue) {
      kind = object["kind"]?.string ?? "?"
      name = object[path: "metadata", "name"]?.string ?? "?"
      phase = object[path: "status", "phase"]?.string ?? "?"
      let conditions = object[path: "status", "conditions"]?.array ?? []
      let ready =
        conditions.first { $0["type"] == "Blocked" && $0["status"] == "True" }
        ?? conditions.first { $0["type"] == "Ready" }
      message = ready?["message"]?.string ?? ""
    }
  }

  private struct State {
    var deliveries: [Delivery] = []
    var readers: [Int: AsyncStream<[Delivery]>.Continuation] = [:]
  }

  private let state = Mutex(State())

  /// An empty receiver; see ``run(onReady:)``.
  public init() {}

  /// Everything received so far, in order.
  public var deliveries: [Delivery] { state.withLock { $0.deliveries } }

  /// Everything received so far, now and again after each delivery.
  public func updates() -> AsyncStream<[Delivery]> {
    let (stream, continuation) = AsyncStream.makeStream(of: [Delivery].self)
    let number = state.withLock { state in
      let number = (state.readers.keys.max() ?? 0) + 1
      state.readers[number] = continuation
      continuation.yield(state.deliveries)
      return number
    }
    continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.readers[number] = nil } }
    return stream
  }

  private func receive(_ delivery: Delivery) {
    let (readers, deliveries) = state.withLock { state in
      state.deliveries.append(delivery)
      return (Array(state.readers.values), state.deliveries)
    }
    for reader in readers { reader.yield(deliveries) }
  }

  /// Serves on loopback until the task is cancelled.
  /// - Parameters:
  ///   - port: 0 takes a free one.
  ///   - onReady: gets the URL.
  public func run(port: Int = 0, onReady: @escaping @Sendable (String) -> Void) async throws {
    let router = Router()
    router.post("/") { [self] request, _ in
      let body = try await request.body.collect(upTo: 4 << 20)
      let object = try JSONValue(parsing: Array(body.readableBytesView))
      receive(Delivery(object))
      return HTTPResponse.Status.ok
    }
    var logger = Logger(label: "callbacks")
    logger.logLevel = .critical
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { channel in onReady("http://127.0.0.1:\(channel.localAddress?.port ?? 0)/") }, logger: logger)
    let services = ServiceGroup(configuration: .init(services: [application], logger: logger))
    // Cancelled in the middle of taking a connection, SwiftNIO ends the process (`NIOAsyncWriter` without `finish`); a
    // graceful shutdown takes every connection to its end.
    let serving = Task { try await services.run() }
    try await withTaskCancellationHandler {
      try await serving.value
    } onCancel: {
      Task { await services.triggerGracefulShutdown() }
    }
  }
}
