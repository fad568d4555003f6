import CNI
import JSON
import KubernetesModel
import NetworkAnnotations

@testable import MultiNetwork

/// Everything that a plan is made of, with a cluster network and a pod that asks for nothing to begin with.
struct PlanWorld {
  var configuration = MultiplexerConfiguration()
  var pod = PodRequest(namespace: "test", name: "p", uid: "u")
  var sandbox = CNIAttachment(
    containerID: "c1", namespacePath: "/run/netns/p", interface: "eth0", arguments: ["K8S_POD_NAME": "p"])
  var devices: [String: [String]] = [:]
  private var definitions: [NetworkReference: NetworkAttachmentDefinition] = [:]
  private var files: [NodeConfigurations.File] = []

  init(networks: String? = nil) {
    pod.networks = networks
    file(
      "10-cluster.conflist",
      [
        "cniVersion": "1.0.0", "name": "cluster",
        "plugins": [["type": "bridge", "capabilities": ["portMappings": true, "ips": true]]],
      ])
  }

  mutating func define(
    _ name: String, namespace: String = "test", text: String?, resource: String? = nil
  ) {
    definitions[NetworkReference(namespace: namespace, name: name)] = NetworkAttachmentDefinition(
      metadata: ObjectMeta(
        name: name, namespace: namespace,
        annotations: resource.map { ["k8s.v1.cni.cncf.io/resourceName": $0] }),
      spec: text.map { .init(config: $0) })
  }

  mutating func define(
    _ name: String, namespace: String = "test", _ config: JSONValue, resource: String? = nil
  ) {
    define(name, namespace: namespace, text: config.description, resource: resource)
  }

  mutating func file(_ name: String, _ json: JSONValue) {
    files.append(.init(name: name, list: Result { () throws(CNIError) in try NetworkConfigurationList(json: json) }))
    files.sort { $0.name < $1.name }
  }

  mutating func removeFiles() { files = [] }

  func delegates() throws(CNIError) -> [Delegate] {
    try SandboxPlan(
      configuration: configuration, node: NodeConfigurations(path: "/etc/cni/net.d", files: files),
      definitions: definitions, devices: devices, deviceInfo: DeviceInfo(folder: "/devinfo")
    ).delegates(for: sandbox, RequestedNetworks(pod, configuration))
  }

  /// The words of the failure; nil when there is none.
  func failure() -> String? {
    do throws(CNIError) { _ = try delegates() } catch { return "\(error)" }
    return nil
  }
}

/// A configuration with capabilities.
func plugin(_ type: String, capabilities: [String] = [], _ more: [String: JSONValue] = [:]) -> JSONValue {
  var json: [String: JSONValue] = ["cniVersion": "1.0.0", "type": .string(type)]
  if !capabilities.isEmpty {
    json["capabilities"] = .object(Dictionary(uniqueKeysWithValues: capabilities.map { ($0, true) }))
  }
  return .object(json.merging(more) { $1 })
}

let wrongAnnotation = "the pod asks for its networks in a wrong way: annotation k8s.v1.cni.cncf.io/networks, "
