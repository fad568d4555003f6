import KubernetesModel
import NetworkAnnotations
import Testing

@testable import NodeAgent

@Suite("Allocations from pods")
struct PodAllocationsTests {
  private let network = NetworkReference(namespace: "test", name: "vlan")

  @Test("an allocation that is there is given at once")
  func present() async throws {
    let source = PodAllocations(patience: .zero)
    await source.update(try pod(uid: "1", [.test("10.203.0.2/24")]))
    let allocation = try await source.allocation(for: identity("1"), network: network, interface: "net1")
    #expect(allocation.ips.map(\.description) == ["10.203.0.2/24"])
  }

  @Test("one that is to come is waited for; a pod of another uid does not count")
  func waited() async throws {
    let source = PodAllocations(patience: .seconds(60))
    await source.update(try pod(uid: "old", [.test("10.203.0.9/24")]))
    async let allocation = source.allocation(for: identity("1"), network: network, interface: "net1")
    await source.update(try pod(uid: "1", nil))
    await source.update(try pod(uid: "1", [.test("10.203.0.2/24")]))
    #expect(try await allocation.ips.map(\.description) == ["10.203.0.2/24"])
  }

  @Test("the wait has a bound, and the error says what is missing")
  func bound() async throws {
    let source = PodAllocations(patience: .milliseconds(20))
    for (pod, part) in [(nil, "not seen"), (try pod(uid: "2", nil), "uid"), (try pod(uid: "1", nil), "annotation")] {
      if let pod { await source.update(pod) }
      let error = await #expect(throws: AllocationError.self) {
        try await source.allocation(for: identity("1"), network: network, interface: "net1")
      }
      #expect(error?.isTemporary == true)
      #expect(error?.reason.contains(part) == true, "\(String(describing: error))")
    }
    await source.update(Pod(metadata: metadata("1", ["netloom.dev/allocations": "[{]"])))
    let malformed = await #expect(throws: AllocationError.self) {
      try await source.allocation(for: identity("1"), network: network, interface: "net1")
    }
    #expect(malformed?.isTemporary == false)
  }

  @Test("the annotations that decide about a pod's networks and its interfaces' names are kept")
  func annotations() async throws {
    let kept = [
      PodAnnotation.networks: "vlan", PodAnnotation.defaultNetwork: "other",
      PodAnnotation.networkStatus: #"[{"name": "test/vlan", "interface": "net3"}]"#,
    ]
    let source = PodAllocations(patience: .zero)
    await source.update(Pod(metadata: metadata("1", kept.merging(["somebody/else": "x"]) { $1 })))
    let found = try await source.annotations(of: identity("1"))
    #expect(found.uid == "1")
    #expect(found.annotations == kept)
  }

  @Test("cancelling ends the wait")
  func cancellation() async throws {
    let source = PodAllocations(patience: .seconds(60))
    let task = Task { try await source.allocation(for: identity("1"), network: network, interface: "net1") }
    task.cancel()
    await #expect(throws: AllocationError.self) { try await task.value }
  }

  private func identity(_ uid: String) -> PodIdentity { PodIdentity(namespace: "test", name: "a", uid: uid) }

  private func pod(uid: String, _ allocations: [Allocation]?) throws -> Pod {
    Pod(metadata: metadata(uid, allocations.map { [PodAnnotation.allocations: Allocation.text(of: $0)] }))
  }

  private func metadata(_ uid: String, _ annotations: [String: String]?) -> ObjectMeta {
    var metadata = ObjectMeta(name: "a")
    metadata.namespace = "test"
    metadata.uid = uid
    metadata.annotations = annotations
    return metadata
  }
}
