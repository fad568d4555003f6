/// Objects by name, each in memory of its own: a dictionary has places for more objects than it holds, and these objects
/// take about a kilobyte each.
struct Shelf<Name: Hashable & Sendable, Object: Sendable>: Sendable {
  private final class Box: Sendable {
    let object: Object

    init(_ object: Object) { self.object = object }
  }

  private var boxes: [Name: Box] = [:]

  /// The object of a name; nil: there is none.
  subscript(name: Name) -> Object? {
    get { boxes[name]?.object }
    set { boxes[name] = newValue.map(Box.init) }
  }

  /// The names, in no order.
  var keys: some Collection<Name> { boxes.keys }

  /// The objects, in no order.
  var values: some Collection<Object> { boxes.values.lazy.map(\.object) }
}
