import Hummingbird
import JSON
import Logging
import NIOCore
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

  private let received = Mutex<[Delivery]>([])

  /// An empty receiver; see ``run(onReady:)``.
  public init() {}

  /// Everything received so far, in order.
  public var deliveries: [Delivery] { received.withLock { $0 } }

  /// Serves on a free port of loopback until the task is cancelled.
  /// - Parameter onReady: gets the URL.
  public func run(onReady: @escaping @Sendable (String) -> Void) async throws {
    let router = Router()
    router.post("/") { [self] request, _ in
      let body = try await request.body.collect(upTo: 4 << 20)
      let object = try JSONValue(parsing: Array(body.readableBytesView))
      received.withLock { $0.append(Delivery(object)) }
      return HTTPResponse.Status.ok
    }
    var logger = Logger(label: "callbacks")
    logger.logLevel = .error
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in onReady("http://127.0.0.1:\(channel.localAddress?.port ?? 0)/") }, logger: logger)
    try await application.run()
  }
}
