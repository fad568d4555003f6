import JSON
import KubernetesClient
import KubernetesModel

/// Makes the Node object say that this node is there and ready.
struct NodeRegistration {
  let name: String
  let labels: [String: String]
  let client: KubernetesClient

  func register() async throws {
    let nodes = client.resource(Node.definition)
    let name = NamespacedName(namespace: nil, name: name)
    var all = labels
    all["kubernetes.io/hostname"] = name.name
    all["kubernetes.io/os"] = "linux"
    let metadata: JSONValue = ["name": .string(name.name), "labels": .object(all.mapValues { .string($0) })]
    do {
      try await nodes.create(["metadata": metadata])
    } catch let error as KubernetesAPIError where error.isAlreadyExists {
      try await nodes.patch(name, .merge(["metadata": metadata]))
    }
    let time = JSONValue.string(Timestamp.now().seconds)
    let ready: JSONValue = [
      "type": "Ready", "status": "True", "reason": "NodeReady", "message": "pods become network namespaces here",
      "lastTransitionTime": time, "lastHeartbeatTime": time,
    ]
    try await nodes.patch(
      name,
      .merge([
        "status": [
          "conditions": [ready], "addresses": [["type": "Hostname", "address": .string(name.name)]],
          "nodeInfo": [
            "kubeletVersion": "netloom", "operatingSystem": "linux", "architecture": "", "bootID": "", "machineID": "",
            "systemUUID": "", "kernelVersion": "", "osImage": "network namespaces",
            "containerRuntimeVersion": "netns://1",
            "kubeProxyVersion": "",
          ],
        ]
      ]), subresource: "status")
  }
}
