/// A state of an object that has a callback.
public struct CallbackState: Sendable, Hashable {
  /// Where it is POSTed.
  public var url: String
  /// What tells this state from others: two states of the same token are delivered as one.
  public var token: String
  /// The whole object, JSON.
  public var body: [UInt8]

  /// A state.
  public init(url: String, token: String, body: [UInt8]) {
    self.url = url
    self.token = token
    self.body = body
  }
}

/// The states of one object that are still to be delivered, in order, one at a time. Pure.
///
/// Every state is tried until it is taken. When many wait (the receiver is away), those in the middle are left out: the
/// oldest is on its way already, the newest say what is.
struct CallbackQueue: Sendable {
  /// How many states wait at most.
  static let limit = 32

  /// What is to be done.
  enum Action: Hashable, Sendable {
    case none
    /// POST this state.
    case post(CallbackState)
    /// Try again after so long.
    case wait(Duration)
  }

  private var waiting: [CallbackState] = []
  private var lastToken: String?
  private var isBusy = false
  private var failures = 0

  /// - Parameter delivered: the token of the last state that was delivered, also before a restart.
  init(delivered: String?) { lastToken = delivered }

  /// Whether nothing is left to be delivered.
  var isEmpty: Bool { waiting.isEmpty && !isBusy }

  /// The object is in a state.
  mutating func changed(_ state: CallbackState) -> Action {
    guard state.token != lastToken else { return .none }
    lastToken = state.token
    waiting.append(state)
    if waiting.count > Self.limit { waiting.remove(at: isBusy ? 1 : 0) }
    guard !isBusy else { return .none }
    isBusy = true
    return .post(waiting[0])
  }

  /// The first state was taken by its receiver.
  mutating func succeeded() -> Action {
    waiting.removeFirst()
    failures = 0
    isBusy = !waiting.isEmpty
    return waiting.first.map(Action.post) ?? .none
  }

  /// The first state was not taken. Waits 0.5 s, 1 s, 2 s, ... up to a minute, less a random part of up to a half.
  mutating func failed(random: Double) -> Action {
    failures += 1
    let longest = min(60, 0.5 * Double(1 << min(failures - 1, 10)))
    return .wait(.milliseconds(Int(longest * 1000 * (1 - random / 2))))
  }

  /// The time to wait is over.
  mutating func retry() -> Action { waiting.first.map(Action.post) ?? .none }
}
