import JSON
import Logging
import Testing

@testable import APIMachinery
@testable import EmbeddedKubernetes

@Suite("Registry")
struct RegistryTests {
  @Test("A watch resumes where it was, and is told 410 when the history no longer reaches back")
  func watchResumes() async throws {
    try await withRegistry(historyLimit: 20) { registry, target in
      var one = target
      one.name = "a"
      _ = try await registry.create(target, body: configMap("a", "0"), options: .init())
      let early = registry.store.revision
      for index in 1...100 {
        _ = try await registry.update(
          one, change: .mergePatch(["data": ["k": .string(String(index))]]), options: .init())
      }
      var options = ListOptions()
      options.watch = true
      options.resourceVersion = String(early)
      let error = await #expect(throws: StatusError.self) { try await registry.watch(target, options: options) }
      #expect(error?.code == 410)
      #expect(error?.reason == "Expired")

      options.resourceVersion = String(registry.store.revision - 5)
      let session = try await registry.watch(target, options: options)
      #expect(session.missed.map(\.revision) == Array(registry.store.revision - 4...registry.store.revision))
      let last = try JSONValue(parsing: try #require(session.missed.last).object.value)
      #expect(last[path: "data", "k"] == "100")
      session.subscription.finish()
    }
  }

  @Test("Many clients that change one object at once lose no change")
  func patchesMerge() async throws {
    try await withRegistry { registry, target in
      _ = try await registry.create(target, body: configMap("a", "0"), options: .init())
      let one = Target(served: target.served, namespace: target.namespace, name: "a", subresource: nil)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<50 {
          group.addTask {
            let patch: JSONValue = ["data": .object(["k\(index)": "v"])]
            _ = try await registry.update(one, change: .mergePatch(patch), options: .init())
          }
        }
        try await group.waitForAll()
      }
      let object = try target.served.represent(try await registry.require(one))
      #expect(object["data"]?.object?.count == 51)
    }
  }

  @Test("A page of a list that is too old is told 410")
  func oldPage() async throws {
    try await withRegistry(historyLimit: 20) { registry, target in
      for name in ["a", "b", "c"] {
        _ = try await registry.create(target, body: configMap(name, "0"), options: .init())
      }
      var options = ListOptions()
      options.limit = 1
      let answer = try await registry.list(target, options: options)
      guard case .list(_, let metadata) = answer.content else { return }
      var one = target
      one.name = "b"
      for index in 1...100 {
        _ = try await registry.update(
          one, change: .mergePatch(["data": ["k": .string(String(index))]]), options: .init())
      }
      options.continueToken = metadata["continue"]?.string ?? ""
      let error = await #expect(throws: StatusError.self) { try await registry.list(target, options: options) }
      #expect(error?.code == 410)
    }
  }

  private func configMap(_ name: String, _ value: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": ["k": .string(value)],
    ]
  }

  private func withRegistry(historyLimit: Int64 = 1000, _ body: (Registry, Target) async throws -> Void) async throws {
    try await withStore(historyLimit: historyLimit) { store in
      let registry = Registry(
        store: store, catalog: Catalog(), addresses: ServiceAddresses(), logger: Logger(label: "test"))
      try await registry.ensure(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "ns"]])
      let served = try #require(registry.catalog.find(apiVersion: "v1", kind: "ConfigMap"))
      try await body(registry, Target(served: served, namespace: "ns", name: nil, subresource: nil))
    }
  }
}
