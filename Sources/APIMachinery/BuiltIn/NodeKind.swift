import JSON

extension BuiltInKind {
  static let node = BuiltInKind(
    kind: "Node", plural: "nodes", shortNames: ["no"], namespaced: false, subresources: ["status"],
    selectable: [SelectableField("spec.unschedulable", empty: "false")],
    setDefaults: { node in
      if let podCIDR = node[path: "spec", "podCIDR"]?.string, node[path: "spec", "podCIDRs"] == nil {
        node[path: "spec", "podCIDRs"] = [.string(podCIDR)]
      }
      guard let capacity = node[path: "status", "capacity"]?.object else { return }
      let allocatable = node[path: "status", "allocatable"]?.object ?? [:]
      node[path: "status", "allocatable"] = .object(allocatable.merging(capacity) { given, _ in given })
    },
    validateUpdate: { node, old, subresource in
      let given = old[path: "spec", "podCIDRs"]?.array ?? []
      guard subresource == nil, !given.isEmpty, node[path: "spec", "podCIDRs"] != old[path: "spec", "podCIDRs"] else {
        return []
      }
      return [.forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid")]
    },
    columns: nodeColumns)

  private static let nodeColumns: [TableColumn] = [
    .name,
    TableColumn("Status", description: "The status of the node") { node, _ in .string(status(of: node)) },
    TableColumn("Roles", description: "The roles of the node") { node, _ in .string(roles(of: node)) },
    .age,
    TableColumn("Version", description: "Kubelet Version reported by the node.") { node, _ in
      info(node, "kubeletVersion", or: "")
    },
    TableColumn("Internal-IP", priority: 1, description: "List of addresses reachable to the node.") { node, _ in
      address(of: node, "InternalIP")
    },
    TableColumn("External-IP", priority: 1, description: "List of addresses reachable to the node.") { node, _ in
      address(of: node, "ExternalIP")
    },
    TableColumn("OS-Image", priority: 1, description: "OS Image reported by the node from /etc/os-release.") {
      node, _ in info(node, "osImage")
    },
    TableColumn("Kernel-Version", priority: 1, description: "Kernel Version reported by the node from 'uname -r'.") {
      node, _ in
      let kernel = info(node, "kernelVersion")
      guard let architecture = node[path: "status", "nodeInfo", "architecture"]?.string, !architecture.isEmpty,
        let version = kernel.string
      else { return kernel }
      return .string("\(version) (\(architecture))")
    },
    TableColumn("Container-Runtime", priority: 1, description: "ContainerRuntime Version reported by the node.") {
      node, _ in
      info(node, "containerRuntimeVersion")
    },
  ]

  private static func status(of node: JSONValue) -> String {
    let ready = node[path: "status", "conditions"]?.array?.first { $0["type"]?.string == "Ready" }
    let state =
      switch ready?["status"]?.string {
      case nil: "Unknown"
      case "True"?: "Ready"
      default: "NotReady"
      }
    return node[path: "spec", "unschedulable"]?.bool == true ? "\(state),SchedulingDisabled" : state
  }

  private static func roles(of node: JSONValue) -> String {
    let prefix = "node-role.kubernetes.io/"
    let labels = node[path: "metadata", "labels"]?.stringMap ?? [:]
    var roles = labels.keys.filter { $0.hasPrefix(prefix) && $0 != prefix }.map { String($0.dropFirst(prefix.count)) }
    if let role = labels["kubernetes.io/role"], !role.isEmpty { roles.append(role) }
    return roles.isEmpty ? "<none>" : Set(roles).sorted().joined(separator: ",")
  }

  private static func info(_ node: JSONValue, _ key: String, or empty: String = "<unknown>") -> JSONValue {
    let text = node[path: "status", "nodeInfo", key]?.string ?? ""
    return .string(text.isEmpty ? empty : text)
  }

  private static func address(of node: JSONValue, _ type: String) -> JSONValue {
    node[path: "status", "addresses"]?.array?.first { $0["type"]?.string == type }?["address"] ?? "<none>"
  }
}
