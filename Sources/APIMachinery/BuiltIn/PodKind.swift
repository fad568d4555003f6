import JSON

extension BuiltInKind {
  static let pod = BuiltInKind(
    kind: "Pod", plural: "pods", shortNames: ["po"], categories: ["all"],
    subresources: ["binding", "eviction", "status"],
    hasGeneration: true,
    selectable: [
      SelectableField("spec.nodeName"), SelectableField("spec.restartPolicy"), SelectableField("spec.schedulerName"),
      SelectableField("spec.serviceAccountName"), SelectableField("spec.hostNetwork", empty: "false"),
      SelectableField("status.phase"), SelectableField("status.podIP"),
      SelectableField("status.podIPs") { pod in
        (pod[path: "status", "podIPs"]?.array ?? []).compactMap { $0["ip"]?.string }.joined(separator: ",")
      },
      SelectableField("status.nominatedNodeName"),
    ],
    setDefaults: setPodDefaults,
    prepareForCreate: { pod in
      admit(&pod)
      pod["status"] = ["phase": "Pending", "qosClass": .string(qosClass(of: pod))]
    },
    validate: validatePod,
    validateUpdate: { pod, old, subresource in subresource == nil ? validatePodUpdate(pod, old: old) : [] },
    columns: podColumns)

  private static let containerLists = ["initContainers", "containers"]

  @Sendable private static func setPodDefaults(_ pod: inout JSONValue) {
    for list in containerLists {
      guard var containers = pod[path: "spec", list]?.array else { continue }
      pod[path: "spec", list] = .null
      for index in containers.indices { setContainerDefaults(&containers[index]) }
      pod[path: "spec", list] = .array(containers)
    }
    // serviceAccount is the deprecated name of serviceAccountName: they are kept equal.
    if let account = pod[path: "spec", "serviceAccountName"] ?? pod[path: "spec", "serviceAccount"] {
      pod[path: "spec", "serviceAccountName"] = account
      pod[path: "spec", "serviceAccount"] = account
    }
  }

  private static func setContainerDefaults(_ container: inout JSONValue) {
    if container["imagePullPolicy"] == nil {
      container["imagePullPolicy"] = .string(pullPolicy(image: container["image"]?.string ?? ""))
    }
    if let limits = container[path: "resources", "limits"]?.object {
      let requests = container[path: "resources", "requests"]?.object ?? [:]
      container[path: "resources", "requests"] = .object(requests.merging(limits) { given, _ in given })
    }
  }

  private static func pullPolicy(image: String) -> String {
    let name = image.split(separator: "/").last ?? ""
    if name.contains("@") { return "IfNotPresent" }
    let tag = name.split(separator: ":").dropFirst().last
    return tag == nil || tag == "latest" ? "Always" : "IfNotPresent"
  }

  /// What the admission plugins of a real server add to every new Pod.
  private static func admit(_ pod: inout JSONValue) {
    if pod[path: "spec", "serviceAccountName"] == nil {
      pod[path: "spec", "serviceAccountName"] = "default"
      pod[path: "spec", "serviceAccount"] = "default"
    }
    var tolerations = pod[path: "spec", "tolerations"]?.array ?? []
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
      let isTolerated = tolerations.contains { toleration in
        let given = toleration["key"]?.string ?? ""
        return (given == key || given.isEmpty) && ["NoExecute", nil].contains(toleration["effect"]?.string)
      }
      guard !isTolerated else { continue }
      tolerations.append(["key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300])
    }
    pod[path: "spec", "tolerations"] = .array(tolerations)
  }

  private static func qosClass(of pod: JSONValue) -> String {
    let containers = containerLists.flatMap { pod[path: "spec", $0]?.array ?? [] }
    let resources = containers.map {
      ($0[path: "resources", "requests"]?.stringMap ?? [:], $0[path: "resources", "limits"]?.stringMap ?? [:])
    }
    if resources.allSatisfy({ $0.0.isEmpty && $0.1.isEmpty }) { return "BestEffort" }
    let isGuaranteed = resources.allSatisfy { requests, limits in
      ["cpu", "memory"].allSatisfy { limits[$0] != nil && requests[$0] == limits[$0] }
    }
    return isGuaranteed ? "Guaranteed" : "Burstable"
  }
}
