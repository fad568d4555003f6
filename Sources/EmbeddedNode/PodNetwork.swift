import CNI
import JSON
import Netlink

/// The network of this node's pods: the first configuration of a folder, run as a container runtime runs it.
struct PodNetwork: Sendable {
  let folder: ConfigurationFolder
  let runtime: CNIRuntime

  /// What new pods are attached to.
  func current() throws -> NetworkConfigurationList {
    guard let file = folder.files.first else {
      throw NodeError("attach the pod to a network", reason: "\(folder.path) holds no CNI configuration")
    }
    return try folder.configuration(inFile: file)
  }

  /// Attaches a pod.
  func add(_ sandbox: Sandbox) async throws -> CNIResult {
    try await runtime.add(NetworkConfigurationList(json: sandbox.network), sandbox.attachment)
  }

  /// Detaches a pod from the network that it was attached to.
  func delete(_ sandbox: Sandbox) async throws {
    try await runtime.delete(NetworkConfigurationList(json: sandbox.network), sandbox.attachment)
  }

  /// Tells the plugins which pods there are, so that they remove what is left of others.
  func collect(keeping sandboxes: [Sandbox]) async throws {
    try await runtime.collect(try current(), keeping: Set(sandboxes.map(\.attachment.key)))
  }
}
