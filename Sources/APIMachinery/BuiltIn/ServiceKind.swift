import JSON

extension BuiltInKind {
  static let service = BuiltInKind(
    kind: "Service", plural: "services", shortNames: ["svc"], categories: ["all"], subresources: ["status"],
    nameErrors: Names.dns1035Label,
    selectable: [SelectableField("spec.clusterIP"), SelectableField("spec.type")],
    setDefaults: { service in
      var ports = service[path: "spec", "ports"]?.array ?? []
      for index in ports.indices where ports[index]["targetPort"] == nil {
        ports[index]["targetPort"] = ports[index]["port"]
      }
      if !ports.isEmpty { service[path: "spec", "ports"] = .array(ports) }
      let isExternalName = service[path: "spec", "type"]?.string == "ExternalName"
      if !isExternalName, service[path: "spec", "internalTrafficPolicy"] == nil {
        service[path: "spec", "internalTrafficPolicy"] = "Cluster"
      }
      if isExternal(service), service[path: "spec", "externalTrafficPolicy"] == nil {
        service[path: "spec", "externalTrafficPolicy"] = "Cluster"
      }
      guard !isExternalName, let address = service[path: "spec", "clusterIP"]?.string else { return }
      if service[path: "spec", "clusterIPs"] == nil { service[path: "spec", "clusterIPs"] = [.string(address)] }
    },
    prepareForCreate: { service in
      service["status"] = ["loadBalancer": .object([:])]
      completeAddresses(&service)
    },
    prepareForUpdate: { service, old, subresource in
      keepOtherHalf(of: &service, old: old, subresource: subresource)
      // An update that leaves out what was allocated keeps it.
      for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"]
      where service[path: "spec", key] == nil && service[path: "spec", "type"]?.string != "ExternalName" {
        service[path: "spec", key] = old[path: "spec", key]
      }
    },
    validate: validateService,
    validateUpdate: { service, old, subresource in
      guard subresource == nil else { return [] }
      let former = old[path: "spec", "clusterIPs"]?.array ?? []
      let current = service[path: "spec", "clusterIPs"]?.array ?? []
      let types = [service, old].map { $0[path: "spec", "type"]?.string }
      guard !types.contains("ExternalName"), let first = former.first, first != "", current.first != first else {
        return validateService(service)
      }
      return [.invalid("spec.clusterIPs[0]", .array(current), "may not change once set")]
    },
    columns: serviceColumns)

  private static func isExternal(_ service: JSONValue) -> Bool {
    ["NodePort", "LoadBalancer"].contains(service[path: "spec", "type"]?.string)
  }

  /// What follows from the cluster address.
  private static func completeAddresses(_ service: inout JSONValue) {
    guard service[path: "spec", "type"]?.string != "ExternalName",
      let address = service[path: "spec", "clusterIP"]?.string,
      !address.isEmpty
    else { return }
    if service[path: "spec", "clusterIPs"] == nil { service[path: "spec", "clusterIPs"] = [.string(address)] }
    if service[path: "spec", "ipFamilies"] == nil {
      service[path: "spec", "ipFamilies"] = [address.contains(":") ? "IPv6" : "IPv4"]
    }
    if service[path: "spec", "ipFamilyPolicy"] == nil { service[path: "spec", "ipFamilyPolicy"] = "SingleStack" }
  }

  @Sendable private static func validateService(_ service: JSONValue) -> [FieldError] {
    var errors: [FieldError] = []
    let type = service[path: "spec", "type"]?.string
    let address = service[path: "spec", "clusterIP"]?.string ?? ""
    let ports = service[path: "spec", "ports"]?.array ?? []
    if ports.isEmpty, address != "None", type != "ExternalName" { errors.append(.required("spec.ports")) }
    if type == "ExternalName", (service[path: "spec", "externalName"]?.string ?? "").isEmpty {
      errors.append(.required("spec.externalName"))
    }
    if !address.isEmpty, address != "None", !Formats.isIPv4(address), !Formats.isIPv6(address) {
      errors.append(
        .invalid(
          "spec.clusterIPs[0]", .string(address), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"))
    }
    var names: Set<String> = []
    for (index, port) in ports.enumerated() {
      let path = "spec.ports[\(index)]"
      let name = port["name"]?.string ?? ""
      if name.isEmpty {
        if ports.count > 1 { errors.append(.required("\(path).name")) }
      } else {
        errors += Names.dns1123Label(name).map { .invalid("\(path).name", .string(name), $0) }
        if !names.insert(name).inserted { errors.append(.duplicate("\(path).name", .string(name))) }
      }
      errors += validatePort(port["port"], "\(path).port")
      if port["targetPort"]?.integer != nil { errors += validatePort(port["targetPort"], "\(path).targetPort") }
    }
    return errors
  }

  /// The errors of a port number.
  static func validatePort(_ port: JSONValue?, _ path: String) -> [FieldError] {
    guard let number = port?.integer, !(1...65_535).contains(number) else { return [] }
    return [.invalid(path, .integer(number), "must be between 1 and 65535, inclusive")]
  }

  private static let serviceColumns: [TableColumn] = [
    .name,
    TableColumn("Type", description: "Type determines how the Service is exposed.") { service, _ in
      service[path: "spec", "type"] ?? ""
    },
    TableColumn("Cluster-IP", description: "clusterIP is the IP address of the service.") { service, _ in
      orNone(service[path: "spec", "clusterIP"]?.string)
    },
    TableColumn("External-IP", description: "externalIPs of the service.") { service, _ in
      if service[path: "spec", "type"]?.string == "ExternalName" {
        return orNone(service[path: "spec", "externalName"]?.string)
      }
      let ingress = service[path: "status", "loadBalancer", "ingress"]?.array ?? []
      let addresses =
        ingress.compactMap { ($0["ip"] ?? $0["hostname"])?.string }
        + (service[path: "spec", "externalIPs"]?.array ?? []).compactMap(\.string)
      if addresses.isEmpty, service[path: "spec", "type"]?.string == "LoadBalancer" { return "<pending>" }
      return orNone(addresses.joined(separator: ","))
    },
    TableColumn("Port(s)", description: "The list of ports that are exposed by this service.") { service, _ in
      let ports = (service[path: "spec", "ports"]?.array ?? []).map { port in
        let node = port["nodePort"]?.integer.map { ":\($0)" } ?? ""
        return "\(port["port"]?.integer ?? 0)\(node)/\(port["protocol"]?.string ?? "TCP")"
      }
      return orNone(ports.joined(separator: ","))
    },
    .age,
    TableColumn(
      "Selector", priority: 1, description: "Route service traffic to pods with labels matching this selector."
    ) { service, _ in
      let selector = service[path: "spec", "selector"]?.stringMap ?? [:]
      return orNone(selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
    },
  ]

  /// The text, or `<none>` for nothing.
  static func orNone(_ text: String?) -> JSONValue { .string(text.flatMap { $0.isEmpty ? nil : $0 } ?? "<none>") }
}
