import KubernetesModel
import NetloomAPI
import Synchronization

/// The Kubernetes side of a node's reconciler, in memory.
final class FakeCluster: Sendable {
  private struct State {
    var network: NodeNetwork?
    var generation: Int64 = 0
    var writes = 0
    var seconds = 0
  }

  private let state = Mutex(State())

  var network: NodeNetwork? { state.withLock { $0.network } }
  var status: NodeNetwork.Status? { network?.status }
  var writes: Int { state.withLock { $0.writes } }

  /// Writes the spec, as the operator does.
  func set(_ bridges: [NodeNetwork.Bridge]) {
    state.withLock { state in
      state.generation += 1
      var metadata = ObjectMeta(name: "worker1")
      metadata.generation = state.generation
      state.network = NodeNetwork(metadata: metadata, spec: .init(bridges: bridges), status: state.network?.status)
    }
  }

  func remove() { state.withLock { $0.network = nil } }

  func report(_ network: NodeNetwork) {
    state.withLock { state in
      state.network = network
      state.writes += 1
    }
  }

  /// A clock that advances by a second each time it is read.
  func tick() -> String {
    state.withLock { state in
      state.seconds += 1
      return "2026-01-01T00:00:0\(state.seconds)Z"
    }
  }
}
