import CNI
import Files
import JSON
import KubernetesModel
import NetworkAnnotations
import NetworkTypes

/// Attaches a pod to its networks: the default one first, then those of the annotation
/// `k8s.v1.cni.cncf.io/networks`, in order (NPWG multi-network standard v1.3, sections 4, 6 and 7).
struct PodSandboxNetwork: Sendable {
  let configurationFolder: String
  let runtime: CNIRuntime
  let definition: @Sendable (NamespacedName) -> NetworkAttachmentDefinition?

  /// The networks that a pod is to have, in order, with the names that its status shows.
  /// - Throws: when the annotation is malformed, a network does not exist, or its configuration is wrong; nothing was
  ///   done then.
  func plan(for pod: Pod) throws -> [(name: String, attachment: Sandbox.Attachment)] {
    let (defaultName, defaultConfiguration) = try defaultNetwork()
    var plan = [
      (
        name: defaultName,
        attachment: Sandbox.Attachment(
          interface: InterfaceName.defaultNetwork, configuration: defaultConfiguration, capabilityArguments: [:])
      )
    ]
    let annotation = pod.metadata.annotations?[PodAnnotation.networks] ?? ""
    let selections = try NetworkSelection.list(parsing: annotation, namespace: pod.metadata.namespace ?? "default")
    for (selection, interface) in zip(selections, try InterfaceName.assigned(to: selections)) {
      let configuration = try self.configuration(of: selection)
      plan.append(
        (
          "\(selection.namespace)/\(selection.name)",
          Sandbox.Attachment(
            interface: interface, configuration: configuration, capabilityArguments: capabilities(of: selection))
        ))
    }
    return plan
  }

  /// Runs ADD for one network.
  func add(_ attachment: Sandbox.Attachment, to sandbox: Sandbox) async throws -> CNIResult {
    try await runtime.add(
      NetworkConfigurationList(json: attachment.configuration), sandbox.attachment(attachment))
  }

  /// Runs DEL for one network.
  func delete(_ attachment: Sandbox.Attachment, of sandbox: Sandbox) async throws {
    try await runtime.delete(
      NetworkConfigurationList(json: attachment.configuration), sandbox.attachment(attachment))
  }

  private func defaultNetwork() throws -> (String, JSONValue) {
    let endings = [".conflist", ".conf", ".json"]
    guard
      let file = Files.entries(of: configurationFolder).sorted().first(where: { name in
        endings.contains { name.hasSuffix($0) }
      })
    else {
      throw NodeError(
        "attach the pod to the default network", reason: "\(configurationFolder) holds no CNI configuration")
    }
    let json = try JSONValue(parsing: try Files.read("\(configurationFolder)/\(file)") ?? [])
    return (json["name"]?.string ?? "", json)
  }

  private func configuration(of selection: NetworkSelection) throws -> JSONValue {
    let name = NamespacedName(namespace: selection.namespace, name: selection.name)
    guard let definition = definition(name) else {
      throw NodeError(
        "attach the pod to \(name)", reason: "there is no NetworkAttachmentDefinition of that name (yet)")
    }
    var json: JSONValue
    do {
      json = try JSONValue(parsing: definition.spec?.config ?? "")
    } catch {
      throw NodeError("attach the pod to \(name)", reason: "spec.config of its definition is no JSON: \(error)")
    }
    // The standard, section 3.2: the name of the configuration, where it has none, is the definition's.
    if json["name"] == nil { json["name"] = .string(selection.name) }
    if json["cniVersion"] == nil { json["cniVersion"] = "0.3.1" }
    return json
  }

  private func capabilities(of selection: NetworkSelection) -> [String: JSONValue] {
    var arguments: [String: JSONValue] = [:]
    if !selection.ips.isEmpty { arguments["ips"] = .array(selection.ips.map { .string("\($0)") }) }
    if let mac = selection.mac { arguments["mac"] = .string("\(mac)") }
    return arguments
  }
}

extension NetworkStatus {
  /// What one network became in a pod.
  init(name: String, interface: String, isDefault: Bool, result: CNIResult) {
    let index = result.interfaces.firstIndex { $0.sandbox != nil && $0.name == interface }
    self.init(
      name: name, interface: interface,
      ips: result.ips.filter { $0.interface == nil || $0.interface == index }.map(\.address.address),
      mac: index.flatMap { result.interfaces[$0].macAddress }, isDefault: isDefault,
      dns: result.dns.nameservers.isEmpty
        ? nil : DNS(nameservers: result.dns.nameservers, domain: result.dns.domain, search: result.dns.search))
  }
}
