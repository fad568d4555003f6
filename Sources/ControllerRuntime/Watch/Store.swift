import KubernetesClient
public import KubernetesModel
import Synchronization

/// What happened to an object in a store.
public enum Delta<Object: Sendable>: Sendable {
  /// The object is new.
  case added(Object)
  /// The object changed.
  case updated(old: Object, new: Object)
  /// The object is gone; this was its last state.
  case deleted(Object)
  /// Every object that existed at the beginning has been told. Comes once.
  case synced

  /// The object as it is now (or was last); nil for `synced`.
  public var object: Object? {
    switch self {
    case .added(let object), .updated(_, let object), .deleted(let object): object
    case .synced: nil
    }
  }
}

/// A further way to find objects: by the values that a closure takes from each.
public struct Indexer<Object: Sendable>: Sendable {
  /// The name by which the index is asked.
  public let name: String
  /// The values under which an object is found.
  public let values: @Sendable (Object) -> [String]

  /// An index.
  public init(_ name: String, _ values: @escaping @Sendable (Object) -> [String]) {
    self.name = name
    self.values = values
  }
}

/// A copy of a collection, by name and by indexes. Readers on any task always see a complete state.
public final class Store<Object: Sendable>: Sendable {
  private let contents: Mutex<StoreContents<Object>>

  init(identity: @escaping @Sendable (Object) -> ObjectIdentity, indexers: [Indexer<Object>]) {
    contents = Mutex(StoreContents(identity: identity, indexers: indexers))
  }

  /// The object of a name.
  public subscript(name: NamespacedName) -> Object? { contents.withLock { $0.objects[name] } }

  /// How many objects there are.
  public var count: Int { contents.withLock { $0.objects.count } }

  /// Every object, in no order.
  public var all: [Object] { contents.withLock { Array($0.objects.values) } }

  /// The names of all objects, in no order.
  public var names: [NamespacedName] { contents.withLock { Array($0.objects.keys) } }

  /// The objects that an index has under a value, in no order. Traps when there is no such index.
  public func objects(index: String, value: String) -> [Object] { contents.withLock { $0.objects(index, value) } }

  /// The values of an index, in no order. Traps when there is no such index.
  public func values(index: String) -> [String] { contents.withLock { Array($0.index(index).keys) } }

  func withContents<Result>(_ body: (inout StoreContents<Object>) -> sending Result) -> sending Result {
    contents.withLock(body)
  }
}

/// The contents of a store and the rules by which they change. Every change gives its deltas.
struct StoreContents<Object: Sendable>: Sendable {
  private(set) var objects: [NamespacedName: Object] = [:]
  let identity: @Sendable (Object) -> ObjectIdentity
  private let indexers: [Indexer<Object>]
  private var indexes: [[String: Set<NamespacedName>]]

  init(identity: @escaping @Sendable (Object) -> ObjectIdentity, indexers: [Indexer<Object>]) {
    self.identity = identity
    self.indexers = indexers
    indexes = Array(repeating: [:], count: indexers.count)
  }

  func index(_ name: String) -> [String: Set<NamespacedName>] {
    guard let position = indexers.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the store has no index \(name); it has \(indexers.map(\.name))")
    }
    return indexes[position]
  }

  func objects(_ name: String, _ value: String) -> [Object] {
    (index(name)[value] ?? []).map { objects[$0]! }
  }

  /// An object is new or changed. A version that is known already changes nothing.
  mutating func apply(_ object: Object) -> [Delta<Object>] {
    let new = identity(object)
    guard let old = objects[new.name] else {
      put(object, new.name)
      return [.added(object)]
    }
    let known = identity(old)
    if let version = new.resourceVersion, known.resourceVersion == version { return [] }
    remove(old, new.name)
    put(object, new.name)
    // Deleted and created again while nobody watched: another object, though of the same name.
    return known.uid == new.uid ? [.updated(old: old, new: object)] : [.deleted(old), .added(object)]
  }

  /// An object is gone. Tells its last state.
  mutating func delete(_ name: NamespacedName, last: Object? = nil) -> [Delta<Object>] {
    guard let old = objects[name] else { return [] }
    remove(old, name)
    return [.deleted(last ?? old)]
  }

  /// The collection is exactly this, but for objects that exist and cannot be read: those stay as they were.
  mutating func replace(with list: [Object], keeping undecodable: Set<NamespacedName>) -> [Delta<Object>] {
    let present = Set(list.map { identity($0).name })
    var deltas: [Delta<Object>] = []
    for name in objects.keys.filter({ !present.contains($0) && !undecodable.contains($0) }) {
      deltas += delete(name)
    }
    for object in list { deltas += apply(object) }
    return deltas
  }

  private mutating func put(_ object: Object, _ name: NamespacedName) {
    objects[name] = object
    for position in indexers.indices {
      for value in indexers[position].values(object) { indexes[position][value, default: []].insert(name) }
    }
  }

  private mutating func remove(_ object: Object, _ name: NamespacedName) {
    objects[name] = nil
    for position in indexers.indices {
      for value in indexers[position].values(object) {
        indexes[position][value]?.remove(name)
        if indexes[position][value]?.isEmpty == true { indexes[position][value] = nil }
      }
    }
  }
}
