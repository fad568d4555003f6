import CNI
import Files
import JSON
import KubernetesModel

/// What was made for one pod: enough to take it down when the pod does not exist any more.
struct Sandbox: Codable, Sendable, Hashable {
  var namespace: String
  var name: String
  var uid: String
  /// Where the pod's network namespace is bound.
  var path: String
  /// The CNI configuration that the pod was attached with.
  var network: JSONValue

  var namespacedName: NamespacedName { NamespacedName(namespace: namespace, name: name) }

  /// What CNI plugins are told. The container ID is the pod's uid without dashes.
  var attachment: CNIAttachment {
    let containerID = uid.filter { $0 != "-" }
    return CNIAttachment(
      containerID: containerID, namespacePath: path, interface: "eth0",
      arguments: [
        "IgnoreUnknown": "1", "K8S_POD_NAMESPACE": namespace, "K8S_POD_NAME": name,
        "K8S_POD_INFRA_CONTAINER_ID": containerID, "K8S_POD_UID": uid,
      ])
  }
}

/// The sandboxes of a node, a file each: written before anything is made, removed after everything is gone.
struct SandboxStore: Sendable {
  let folder: String

  func load(_ name: NamespacedName) throws -> Sandbox? {
    guard let bytes = try Files.read(path(name)) else { return nil }
    return try JSONValue(parsing: bytes).decode()
  }

  func save(_ sandbox: Sandbox) throws {
    try Files.makeFolder(folder)
    try Files.write(try JSONValue(encoding: sandbox).serialized(), to: path(sandbox.namespacedName), mode: 0o600)
  }

  func remove(_ name: NamespacedName) throws {
    try Files.remove(path(name))
  }

  func all() throws -> [Sandbox] { try names().compactMap(load) }

  /// The pods that have one.
  func names() -> [NamespacedName] {
    Files.entries(of: folder).filter { $0.hasSuffix(".json") }.map { file in
      let parts = file.dropLast(5).split(separator: ".", maxSplits: 1)
      return NamespacedName(namespace: String(parts[0]), name: parts.count > 1 ? String(parts[1]) : "")
    }
  }

  private func path(_ name: NamespacedName) -> String { "\(folder)/\(name.namespace ?? "").\(name.name).json" }
}
