import KubernetesClient
import KubernetesModel
import Testing

@testable import ControllerRuntime

func pod(_ name: String, version: Int, uid: String? = nil, node: String? = nil) -> Pod {
  var pod = Pod(metadata: ObjectMeta(name: name, namespace: "n"), spec: .init(containers: [], nodeName: node))
  pod.metadata.resourceVersion = String(version)
  pod.metadata.uid = uid ?? name
  return pod
}

/// A delta in a word: `+a1`, `~a1>a2`, `-a2`, `synced`.
func word(_ delta: Delta<Pod>) -> String {
  func name(_ pod: Pod) -> String { pod.metadata.name + pod.metadata.resourceVersion! }
  return switch delta {
  case .added(let pod): "+\(name(pod))"
  case .updated(let old, let new): "~\(name(old))>\(name(new))"
  case .deleted(let pod): "-\(name(pod))"
  case .synced: "synced"
  }
}

@Suite struct StoreTests {
  private func contents() -> StoreContents<Pod> {
    StoreContents(
      identity: { ObjectIdentity($0.metadata) },
      indexers: [Indexer("node") { [$0.spec?.nodeName].compactMap { $0 } }])
  }

  @Test func `changes, indexes and what is already known`() {
    var store = contents()
    #expect(store.apply(pod("a", version: 1, node: "w1")).map(word) == ["+a1"])
    #expect(store.apply(pod("a", version: 1, node: "w1")).map(word) == [])
    #expect(store.objects("node", "w1").count == 1)
    #expect(store.apply(pod("a", version: 2, node: "w2")).map(word) == ["~a1>a2"])
    #expect(store.objects("node", "w1").isEmpty)
    #expect(store.index("node").keys.sorted() == ["w2"])
    #expect(store.delete(NamespacedName(namespace: "n", name: "a")).map(word) == ["-a2"])
    #expect(store.index("node").isEmpty)
    #expect(store.delete(NamespacedName(namespace: "n", name: "a")).isEmpty)
  }

  @Test func `a list replaces all, keeps what cannot be read, and knows a new object of an old name`() {
    var store = contents()
    for name in ["a", "b", "c", "d"] { _ = store.apply(pod(name, version: 1)) }
    let deltas = store.replace(
      with: [pod("a", version: 1), pod("b", version: 5), pod("d", version: 6, uid: "new"), pod("e", version: 7)],
      keeping: [])
    #expect(Set(deltas.map(word)) == ["-c1", "~b1>b5", "-d1", "+d6", "+e7"])
    let none = store.replace(with: [], keeping: [NamespacedName(namespace: "n", name: "a")])
    #expect(Set(none.map(word)) == ["-b5", "-d6", "-e7"])
    #expect(store.objects.count == 1)
  }
}

@Suite struct DeltaBufferTests {
  private func read(_ deltas: [Delta<Pod>]) -> [String] {
    var buffer = DeltaBuffer<Pod> { $0.metadata.namespacedName }
    for delta in deltas { buffer.push(delta) }
    var words: [String] = []
    while let delta = buffer.pop() { words.append(word(delta)) }
    return words
  }

  @Test func `several changes of one object become one`() {
    let a = (1...4).map { pod("a", version: $0) }
    let b = pod("b", version: 1)
    #expect(read([.added(a[0]), .updated(old: a[0], new: a[1]), .added(b)]) == ["+a2", "+b1"])
    #expect(read([.updated(old: a[0], new: a[1]), .updated(old: a[1], new: a[2])]) == ["~a1>a3"])
    #expect(read([.updated(old: a[0], new: a[1]), .deleted(a[2])]) == ["-a3"])
    #expect(read([.added(a[0]), .synced, .deleted(a[1])]) == ["synced"])
    #expect(read([.deleted(a[0]), .added(a[1]), .updated(old: a[1], new: a[2])]) == ["-a1", "+a3"])
    #expect(read([.deleted(a[0]), .added(a[1]), .deleted(a[2])]) == ["-a1"])
    #expect(read([.added(a[0]), .deleted(a[1]), .added(a[2]), .synced]) == ["+a3", "synced"])
  }

  /// A reader that applies what it reads ends where the store is, however late it reads.
  @Test(arguments: 0..<20) func `a slow reader sees the same world`(seed: UInt64) {
    var random = SplitMix(state: seed)
    var store = StoreContents<Pod>(identity: { ObjectIdentity($0.metadata) }, indexers: [])
    var buffer = DeltaBuffer<Pod> { $0.metadata.namespacedName }
    var world: [String: String] = [:]
    func readOne() -> Bool {
      guard let delta = buffer.pop() else { return false }
      switch delta {
      case .added(let pod):
        #expect(world.updateValue(pod.metadata.resourceVersion!, forKey: pod.metadata.name) == nil)
      case .updated(let old, let new):
        #expect(
          world.updateValue(new.metadata.resourceVersion!, forKey: new.metadata.name) == old.metadata.resourceVersion)
      case .deleted(let pod): #expect(world.removeValue(forKey: pod.metadata.name) != nil)
      case .synced: break
      }
      return true
    }
    for version in 1...1000 {
      let name = "p\(Int.random(in: 0..<6, using: &random))"
      let deltas =
        Int.random(in: 0..<3, using: &random) == 0
        ? store.delete(NamespacedName(namespace: "n", name: name))
        : store.apply(pod(name, version: version, uid: "\(Int.random(in: 0..<2, using: &random))"))
      for delta in deltas { buffer.push(delta) }
      if Int.random(in: 0..<4, using: &random) == 0 { _ = readOne() }
    }
    while readOne() {}
    #expect(
      world == Dictionary(uniqueKeysWithValues: store.objects.map { ($0.key.name, $0.value.metadata.resourceVersion!) })
    )
  }
}
