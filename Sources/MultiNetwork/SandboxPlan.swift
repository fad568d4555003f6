import CNI
import JSON
import KubernetesModel
import NetworkAnnotations

/// Decides what a sandbox is attached to: a pure function of what the pod, the cluster and the node say (NPWG multi-network
/// standard v1.3, sections 3, 4, 6 and 7).
struct SandboxPlan {
  let configuration: MultiplexerConfiguration
  let node: NodeConfigurations
  let definitions: [NetworkReference: NetworkAttachmentDefinition]
  /// What kubelet gave to the pod: devices by the name of their resource.
  let devices: [String: [String]]
  let deviceInfo: DeviceInfo

  /// The attachments of a sandbox in order, the default network first. Fails without a part of it when any cannot be made.
  func delegates(
    for sandbox: CNIAttachment, _ requested: RequestedNetworks
  ) throws(CNIError) -> [Delegate] {
    let names = try interfaces(of: requested, default: sandbox.interface)
    var unused = devices
    var delegates = [try firstDelegate(requested.first, sandbox, &unused)]
    for (selection, interface) in zip(requested.additional, names) {
      delegates.append(try delegate(selection, interface: interface, sandbox, &unused))
    }
    return delegates
  }

  func interfaces(
    of requested: RequestedNetworks, default interface: String
  ) throws(CNIError) -> [String] {
    do {
      return try InterfaceName.assigned(to: requested.additional, besides: interface, having: requested.present)
    } catch {
      throw CNIError(.invalidConfiguration, "the pod asks for its networks in a wrong way", details: "\(error)")
    }
  }

  // MARK: - The default network

  private func firstDelegate(
    _ selection: NetworkSelection?, _ sandbox: CNIAttachment, _ unused: inout [String: [String]]
  ) throws(CNIError) -> Delegate {
    var delegate: Delegate
    if let selection {
      delegate = try self.delegate(selection, interface: sandbox.interface, sandbox, &unused)
    } else if case .definition(let reference) = configuration.clusterNetwork {
      delegate = try self.delegate(
        NetworkSelection(network: reference), interface: sandbox.interface, sandbox, &unused)
    } else {
      let list = try clusterConfiguration()
      try refuseMultiplexer(list, of: list.name)
      delegate = Delegate(network: list.name, interface: sandbox.interface, configuration: list.json)
    }
    delegate.isDefault = true
    // The runtime's own wishes (the pod's ports and bandwidth) are for the default network alone.
    delegate.capabilityArguments.merge(sandbox.capabilityArguments) { requested, _ in requested }
    return delegate
  }

  /// The cluster's network where it is a configuration on disk.
  private func clusterConfiguration() throws(CNIError) -> NetworkConfigurationList {
    switch configuration.clusterNetwork {
    case .file(let path):
      let slash = path.lastIndex(of: "/") ?? path.startIndex
      let folder = ConfigurationFolder(String(path[..<slash]))
      return try folder.configuration(inFile: String(path[path.index(after: slash)...]))
    case .named(let name):
      guard let list = node.named(name) else {
        throw .cannotAttach(
          name, "no configuration in \(node.path) has this name\(node.unreadable)",
          "install the cluster's network, or correct multiplexer.clusterNetwork", code: .tryAgainLater)
      }
      return list
    case .next, .definition: return try node.first()
    }
  }

  // MARK: - A network with a definition

  func delegate(
    _ selection: NetworkSelection, interface: String, _ sandbox: CNIAttachment, _ unused: inout [String: [String]]
  ) throws(CNIError) -> Delegate {
    let network = "\(selection.network)"
    guard let definition = definitions[selection.network] else {
      throw .cannotAttach(
        network, "there is no NetworkAttachmentDefinition of this name",
        "create it, or correct the pod's annotation", code: .tryAgainLater)
    }
    let resource = definition.metadata.annotations?[PodAnnotation.resourceName]
    let device = selection.deviceID ?? resource.flatMap { Self.takeDevice(of: $0, from: &unused) }
    var delegate = Delegate(
      network: network, interface: interface, configuration: try configuration(of: definition, network),
      defaultRoute: selection.defaultRoute)
    delegate.arguments = selection.cniArguments
    let capabilities = try delegate.list().plugins.reduce(into: Set()) { $0.formUnion($1.offeredCapabilities) }
    for (name, field, value) in selection.capabilityArguments {
      guard capabilities.contains(name) else {
        throw .cannotAttach(
          network, "the pod asks for \"\(field)\", and no plugin of the network has the capability \"\(name)\"",
          "take \"\(field)\" out of the annotation, or declare the capability where a plugin has it")
      }
      delegate.capabilityArguments[name] = value
    }
    if let device { delegate.use(device: device, capabilities: capabilities) }
    if device != nil || capabilities.contains("CNIDeviceInfoFile") {
      let key = AttachmentKey(containerID: sandbox.containerID, interface: interface)
      let file = deviceInfo.file(of: key, resource: resource, device: device)
      delegate.deviceInfo = file
      if capabilities.contains("CNIDeviceInfoFile") {
        delegate.capabilityArguments["CNIDeviceInfoFile"] = .string(file.path)
      }
    }
    return delegate
  }

  /// In the order of the standard, section 3.4: the definition's own text, then the node's files by the definition's name.
  private func configuration(
    of definition: NetworkAttachmentDefinition, _ network: String
  ) throws(CNIError) -> JSONValue {
    var json: JSONValue
    if let text = definition.spec?.config, text.contains(where: { !$0.isWhitespace }) {
      do { json = try JSONValue(parsing: text) } catch {
        throw .cannotAttach(network, "spec.config of its definition is not JSON (\(error))", "correct the definition")
      }
      guard json.object != nil else {
        throw .cannotAttach(
          network, "spec.config of its definition is of type \(json.typeName)", "write a CNI configuration")
      }
    } else if let list = node.named(definition.metadata.name) {
      json = list.json
    } else {
      throw .cannotAttach(
        network,
        "its definition has no spec.config, and no configuration in \(node.path) is named "
          + "\"\(definition.metadata.name)\"\(node.unreadable)",
        "write spec.config, or install the configuration on the node", code: .tryAgainLater)
    }
    if json["name"] == nil { json["name"] = .string(definition.metadata.name) }
    if json["cniVersion"] == nil, json["cniVersions"] == nil { json["cniVersion"] = "0.3.1" }
    do throws(CNIError) { try refuseMultiplexer(NetworkConfigurationList(json: json), of: network) } catch {
      throw CNIError("cannot attach the pod to \(network)", error)
    }
    return json
  }

  private func refuseMultiplexer(_ list: NetworkConfigurationList, of network: String) throws(CNIError) {
    if list.isMultiplexer {
      throw .cannotAttach(network, "its configuration is the multiplexer's own", "name another network")
    }
  }

  private static func takeDevice(of resource: String, from unused: inout [String: [String]]) -> String? {
    guard let devices = unused[resource], !devices.isEmpty else { return nil }
    return unused[resource]?.removeFirst()
  }
}

extension NetworkConfiguration {
  /// The capabilities that the plugin declares, and the addresses that the operator has assigned as the pod asked for, where
  /// the plugin takes its own from there.
  fileprivate var offeredCapabilities: Set<String> {
    json[path: "ipam", "type"] == "netloom-ipam" ? capabilities.union(["ips"]) : capabilities
  }
}

extension Delegate {
  /// Tells the plugins which device to use: by the capability, or as the members that plugins without it read.
  fileprivate mutating func use(device: String, capabilities: Set<String>) {
    if capabilities.contains("deviceID") {
      capabilityArguments["deviceID"] = .string(device)
    } else if var plugins = configuration["plugins"]?.array, !plugins.isEmpty {
      plugins[0].addMembers(naming: device)
      configuration["plugins"] = .array(plugins)
    } else {
      configuration.addMembers(naming: device)
    }
  }
}

extension JSONValue {
  /// The members that `sriov` and `host-device` read.
  fileprivate mutating func addMembers(naming device: String) {
    self["deviceID"] = .string(device)
    self["pciBusID"] = .string(device)
  }
}

extension NetworkSelection {
  /// What plugins must have a capability for: the capability, the member of the annotation that asks for it, the value.
  fileprivate var capabilityArguments: [(capability: String, field: String, value: JSONValue)] {
    var arguments: [(String, String, JSONValue)] = []
    if !ips.isEmpty { arguments.append(("ips", "ips", .array(ips.map { .string("\($0)") }))) }
    if let mac { arguments.append(("mac", "mac", .string("\(mac)"))) }
    if !portMappings.isEmpty {
      arguments.append(("portMappings", "portMappings", .array(portMappings.map(\.json))))
    }
    if let bandwidth { arguments.append(("bandwidth", "bandwidth", bandwidth.json)) }
    if let infinibandGUID { arguments.append(("infinibandGUID", "infiniband-guid", .string(infinibandGUID))) }
    return arguments
  }
}
