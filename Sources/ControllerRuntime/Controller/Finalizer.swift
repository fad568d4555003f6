public import KubernetesClient
public import KubernetesModel

/// What became of a clean-up.
public enum CleanupResult: Sendable, Hashable {
  /// Nothing is left: the object may go.
  case finished
  /// Something still holds the object; look again as said.
  case waiting(ReconcileResult)
}

/// Keeps an object from going until what was made for it is cleaned up.
///
/// Guarantees: `apply` is called only when the finalizer is on the object in the API server; the finalizer is removed
/// only after `cleanup` said `finished`. So once an apply has begun, a clean-up must succeed before the object goes. Both
/// must be idempotent: a crash between a step and its patch repeats the step. The patches are guarded by tests, so
/// they never remove or reorder what another wrote meanwhile.
public struct Finalizer: Sendable, Hashable {
  /// The name in `metadata.finalizers`, for example `netloom.dev/cleanup`.
  public let name: String

  /// A finalizer of this name.
  public init(_ name: String) { self.name = name }

  /// Whether it is on an object.
  public func isOn(_ metadata: ObjectMeta) -> Bool { metadata.finalizers?.contains(name) ?? false }

  /// The patch that adds it; nil when it is there.
  public func adding(to metadata: ObjectMeta) -> Patch? {
    guard !isOn(metadata) else { return nil }
    guard let present = metadata.finalizers, !present.isEmpty else {
      // There is no way to test for an absent field; an unchanged version says the same and more.
      return .json([
        ["op": "test", "path": "/metadata/resourceVersion", "value": .string(metadata.resourceVersion ?? "")],
        ["op": "add", "path": "/metadata/finalizers", "value": [.string(name)]],
      ])
    }
    return .json([
      ["op": "test", "path": "/metadata/finalizers", "value": .array(present.map { .string($0) })],
      ["op": "add", "path": "/metadata/finalizers/-", "value": .string(name)],
    ])
  }

  /// The patch that removes it; nil when it is not there.
  public func removing(from metadata: ObjectMeta) -> Patch? {
    guard let index = metadata.finalizers?.firstIndex(of: name) else { return nil }
    let path = "/metadata/finalizers/\(index)"
    return .json([
      ["op": "test", "path": "/metadata/uid", "value": .string(metadata.uid ?? "")],
      ["op": "test", "path": .string(path), "value": .string(name)],
      ["op": "remove", "path": .string(path)],
    ])
  }

  /// Applies a living object and cleans up one that is being deleted.
  ///
  /// - Throws: what `apply` and `cleanup` throw; `KubernetesAPIError` when a patch fails, because somebody else changed
  ///   the object meanwhile: let the controller try again.
  nonisolated(nonsending) public func reconcile<Object: KubernetesResource>(
    _ object: Object, in api: ResourceAPI<Object>,
    apply: nonisolated(nonsending) (Object) async throws -> ReconcileResult,
    cleanup: nonisolated(nonsending) (Object) async throws -> CleanupResult
  ) async throws -> ReconcileResult {
    guard object.metadata.isBeingDeleted else {
      guard let patch = adding(to: object.metadata) else { return try await apply(object) }
      return try await apply(api.patch(object.metadata.namespacedName, patch))
    }
    guard let patch = removing(from: object.metadata) else { return .done }
    switch try await cleanup(object) {
    case .waiting(let result): return result
    case .finished:
      do {
        try await api.patch(object.metadata.namespacedName, patch)
      } catch let error as KubernetesAPIError where error.isNotFound {
        // Somebody else let it go.
      }
      return .done
    }
  }
}
