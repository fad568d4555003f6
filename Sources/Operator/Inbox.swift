import Compiler
import FabricEngines
import KubernetesClient
import KubernetesEngine
import OVNEngine
import Synchronization

/// Everything that the operator has to deal with.
enum Message: Sendable {
  /// The API server says something.
  case world(WorldEvent)
  /// A piece of work has ended.
  case finished(Work, [ActionWriter.Answer])
  /// A piece of work has failed.
  case failed(Work, KubernetesAPIError)
  /// It is time to try a piece of work again.
  case retry(Work)
  /// A fabric is not as it was.
  case fabric(String, FabricStatus)
  /// The credentials of a fabric's switches were read, by switch.
  case credentials(fabric: String, [String: FabricCredentials])
  /// The engine of OVN's northbound database says something.
  case northbound(NorthboundNews)
  /// The observer of OVN's southbound database says something.
  case southbound(SouthboundNews)
  /// The last word about an object has been said to its callback, and the engines have let go of it.
  case released(WorldID, uid: String?)
  /// It is time to look at what changes by time alone.
  case tick
  /// A state of an object was delivered to its callback.
  case delivered(WorldID, uid: String?, token: String)
}

/// A piece of work: of each only one is done at a time.
enum Work: Hashable, Sendable {
  /// Bring an object, or its status, to what the compiler wants.
  case object(WorldID)
  /// Write what the driver reports of a bridge domain.
  case report(WorldID)
  /// Note on an object which state was delivered to its callback.
  case note(WorldID)

  /// The object.
  var id: WorldID {
    switch self {
    case .object(let id), .report(let id), .note(let id): id
    }
  }

  /// What the network needs goes before what people are told: a status that is overtaken is then never written.
  var isUrgent: Bool {
    switch self {
    case .report: true
    case .note: false
    case .object(let id): [.bridgeDomain, .nodeNetwork, .definition, .pod].contains(id.kind)
    }
  }
}

/// Where messages wait until they are all taken at once. One reader.
final class Inbox: Sendable {
  fileprivate struct State {
    var messages: [Message] = []
    var reader: CheckedContinuation<[Message], Never>?
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Adds a message.
  func push(_ message: Message) {
    let resume = state.withLock { state -> (CheckedContinuation<[Message], Never>, [Message])? in
      guard !state.isClosed else { return nil }
      state.messages.append(message)
      return state.take()
    }
    if let (reader, messages) = resume { reader.resume(returning: messages) }
  }

  /// Ends the reading: what waits is not read any more.
  func close() {
    let reader = state.withLock { state in
      state.isClosed = true
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: [])
  }

  /// All messages that wait, at least one; none when the inbox is closed.
  func next() async -> [Message] {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let messages = state.withLock { state -> [Message]? in
          if state.isClosed { return [] }
          state.reader = continuation
          return state.take()?.1
        }
        if let messages { continuation.resume(returning: messages) }
      }
    } onCancel: {
      close()
    }
  }
}

extension Inbox.State {
  /// The reader and all messages, when there are both.
  fileprivate mutating func take() -> (CheckedContinuation<[Message], Never>, [Message])? {
    guard let reader, !messages.isEmpty else { return nil }
    defer {
      self.reader = nil
      messages = []
    }
    return (reader, messages)
  }
}
