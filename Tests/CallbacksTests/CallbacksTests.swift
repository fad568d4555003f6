import Logging
import Synchronization
import Testing

@testable import Callbacks

@Suite struct CallbacksTests {
  /// Takes bodies, or refuses them the first times.
  final class Receiver: CallbackPoster {
    struct Refusal: Error {}

    private let state: Mutex<(refusals: Int, bodies: [String])>

    init(refusals: Int = 0) { state = Mutex((refusals, [])) }

    func post(_ body: [UInt8], to url: String) async throws {
      try state.withLock { state in
        if state.refusals > 0 {
          state.refusals -= 1
          throw Refusal()
        }
        state.bodies.append(String(decoding: body, as: UTF8.self))
      }
    }

    var bodies: [String] { state.withLock { $0.bodies } }
  }

  private static func state(_ token: String) -> CallbackState {
    CallbackState(url: "http://127.0.0.1/", token: token, body: Array(token.utf8))
  }

  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test func deliversInOrderThoughTheReceiverIsAwayAtFirst() async {
    let receiver = Receiver(refusals: 1)
    let tokens = Mutex<[String]>([])
    let callbacks = Callbacks(poster: receiver, logger: Self.quiet) { object, token in
      tokens.withLock { $0.append("\(object) \(token)") }
    }
    await withDiscardingTaskGroup { group in
      group.addTask { await callbacks.run() }
      callbacks.changed("a", Self.state("pending"), delivered: nil)
      callbacks.changed("a", Self.state("ready"), delivered: nil)
      await callbacks.finish("a", Self.state("deleted"), delivered: nil, limit: .seconds(30))
      group.cancelAll()
    }
    #expect(receiver.bodies == ["pending", "ready", "deleted"])
    #expect(tokens.withLock { $0 } == ["a pending", "a ready", "a deleted"])
  }

  @Test func aReceiverThatIsGoneHoldsNothingForEver() async {
    let receiver = Receiver(refusals: .max)
    let callbacks = Callbacks(poster: receiver, logger: Self.quiet) { _, _ in }
    await withDiscardingTaskGroup { group in
      group.addTask { await callbacks.run() }
      await callbacks.finish("a", Self.state("deleted"), delivered: nil, limit: .milliseconds(50))
      group.cancelAll()
    }
    #expect(receiver.bodies == [])
  }
}
