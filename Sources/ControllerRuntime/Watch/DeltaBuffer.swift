import DequeModule
import KubernetesModel

/// What a subscriber has not yet read. Several changes of one object become one, so it never holds more than the
/// collection has objects, however slow the reader is.
struct DeltaBuffer<Object: Sendable>: Sendable {
  private enum Entry: Sendable {
    case object(NamespacedName)
    case synced
  }

  private var order: Deque<Entry> = []
  /// At most two a name: the end of an object and the beginning of another of its name.
  private var pending: [NamespacedName: [Delta<Object>]] = [:]
  private let name: @Sendable (Object) -> NamespacedName

  init(name: @escaping @Sendable (Object) -> NamespacedName) { self.name = name }

  var isEmpty: Bool { order.isEmpty }

  mutating func push(_ delta: Delta<Object>) {
    guard let object = delta.object else { return order.append(.synced) }
    let name = name(object)
    guard var waiting = pending[name] else {
      pending[name] = [delta]
      return order.append(.object(name))
    }
    // An empty list keeps its place in the order; it is passed over when read.
    guard let last = waiting.popLast() else {
      pending[name] = [delta]
      return
    }
    pending[name] = waiting + Self.combine(last, delta)
  }

  mutating func pop() -> Delta<Object>? {
    while let entry = order.popFirst() {
      guard case .object(let name) = entry else { return .synced }
      guard var waiting = pending.removeValue(forKey: name), !waiting.isEmpty else { continue }
      let first = waiting.removeFirst()
      if !waiting.isEmpty {
        pending[name] = waiting
        order.prepend(.object(name))
      }
      return first
    }
    return nil
  }

  private static func combine(_ first: Delta<Object>, _ second: Delta<Object>) -> [Delta<Object>] {
    switch (first, second) {
    case (.added, .updated(_, let new)): [.added(new)]
    case (.added, .deleted): []
    case (.updated(let old, _), .updated(_, let new)): [.updated(old: old, new: new)]
    case (.updated, .deleted(let last)): [.deleted(last)]
    default: [first, second]
    }
  }
}
