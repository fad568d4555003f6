import JSON
import Synchronization

/// The objects that a wait saw last, so that its failure can say what was missing.
final class LastSeen: Sendable {
  private let objects = Mutex<[JSONValue]>([])

  func set(_ value: [JSONValue]) { objects.withLock { $0 = value } }

  /// What each object says of itself, the ready ones left out.
  var summary: String {
    let open = objects.withLock { $0 }.filter { !$0.isReady }
    let texts = open.sorted { $0.name < $1.name }.map { object in
      let message = object.condition("Ready")?["message"]?.string
      return "\(object.name) is \(object.phase ?? "not reported on")\(message.map { " (\($0))" } ?? "")"
    }
    return texts.isEmpty ? "nothing to see" : texts.joined(separator: ", ")
  }
}
