public import Compiler
import KubernetesModel

/// Turns what the API server says, by watches and by answers to writes, into changes of the world, each once and never
/// back in time.
///
/// An answer to a write is known before the watch tells the same; what the watch tells later is recognised by its
/// version. Versions are compared as numbers, as Kubernetes guarantees since 1.35 (KEP-5504) and has always done.
public struct WorldState: Sendable {
  private var versions: [WorldID.Kind: [WorldID: UInt64]] = [:]
  private var unreadable: Set<WorldID> = []
  private var awaited: Set<WorldID.Kind>

  /// Nothing is known yet.
  public init(kinds: Set<WorldID.Kind> = WorldFeed.kinds) { awaited = kinds }

  /// Whether every kind has been complete once.
  public var isComplete: Bool { awaited.isEmpty }

  /// The kinds that have not been complete yet, for a log.
  public var missing: [String] { awaited.map(\.name).sorted() }

  /// Takes in what a watch says.
  public mutating func changes(from event: WorldEvent) -> [Compiler.Change] {
    switch event {
    case .put(let object, let version): return put(object, version)
    case .remove(let id, let version): return remove(id, version)
    case .undecodable(let id):
      unreadable.insert(id)
      return []
    case .replace(let kind, let list):
      awaited.remove(kind)
      let present = Set(list.map(\.object.id))
      let gone = (versions[kind] ?? [:]).keys.filter { !present.contains($0) && !unreadable.contains($0) }
      return gone.sorted().flatMap { remove($0, nil) } + list.flatMap { put($0.object, $0.version) }
    }
  }

  /// Takes in the answer to a write of an object that exists, or was just made.
  public mutating func changes(fromAnswer object: WorldObject, version: String?, isNew: Bool) -> [Compiler.Change] {
    // An object that the watch said is gone stays gone, however late the answer comes.
    guard isNew || versions[object.id.kind]?[object.id] != nil else { return [] }
    return put(object, version)
  }

  /// Takes in that an object turned out not to exist.
  public mutating func changes(fromAbsenceOf id: WorldID) -> [Compiler.Change] { remove(id, nil) }

  private mutating func put(_ object: WorldObject, _ version: String?) -> [Compiler.Change] {
    let number = version.flatMap { UInt64($0) } ?? 0
    if let known = versions[object.id.kind]?[object.id], number <= known, number > 0 { return [] }
    versions[object.id.kind, default: [:]][object.id] = number
    unreadable.remove(object.id)
    return [.put(object)]
  }

  private mutating func remove(_ id: WorldID, _ version: String?) -> [Compiler.Change] {
    guard let known = versions[id.kind]?[id] else { return [] }
    if let number = version.flatMap({ UInt64($0) }), number < known { return [] }
    versions[id.kind]?[id] = nil
    unreadable.remove(id)
    return [.remove(id)]
  }
}
