import APIMachinery
import JSON

/// The objects that every cluster has.
struct Bootstrap: Sendable {
  static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]

  let registry: Registry

  /// Makes what is not there yet, and notes the addresses of the Services that are.
  func run(port: Int) async throws {
    if let services = registry.catalog.find(apiVersion: "v1", kind: "Service") {
      try await registry.forEach(services) { registry.addresses.note(try JSONValue(parsing: $0.value)) }
    }
    for name in Self.namespaces {
      try await registry.ensure(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
    }
    try await registry.ensure(
      [
        "apiVersion": "v1", "kind": "Service",
        "metadata": [
          "name": "kubernetes", "labels": ["component": "apiserver", "provider": "kubernetes"],
        ],
        "spec": [
          "clusterIP": .string(ServiceAddresses.kubernetes),
          "ports": [
            ["name": "https", "port": 443, "protocol": "TCP", "targetPort": .integer(Int64(port))]
          ],
        ],
      ], namespace: "default")
  }
}
