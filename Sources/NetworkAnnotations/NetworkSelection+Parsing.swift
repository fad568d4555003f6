import JSON
import NetworkTypes

extension NetworkSelection {
  /// Reads the `k8s.v1.cni.cncf.io/networks` annotation of a pod in `namespace`, in either of its forms:
  /// `name, other/name, name@interface` or a JSON list of objects. An annotation without any text asks for no network.
  ///
  /// Nothing is taken from an annotation with a mistake in it. Unknown members are ignored, as the standard reserves
  /// them; those with a dot in their name are kept in `extensions`.
  ///
  /// - Parameter annotation: the key, for errors; others have the same form.
  public static func list(
    parsing text: String, annotation: String = PodAnnotation.networks, namespace: String
  ) throws(NetworkAnnotationError) -> [NetworkSelection] {
    // As Multus tells them apart: none of these can stand in the comma form.
    guard text.contains(where: { "[{\"".contains($0) }) else {
      return try list(parsingCommaForm: text, annotation: annotation, namespace: namespace)
    }
    let list = try Field(annotation: annotation, parsing: text)
    var selections: [NetworkSelection] = []
    for element in try list.elements() {
      let selection = try NetworkSelection(element, namespace: namespace)
      if selection.defaultRoute != nil, let other = selections.firstIndex(where: { $0.defaultRoute != nil }) {
        throw element["default-route"]!.error(
          "element [\(other)] has a default route already", "keep default-route on one network only")
      }
      selections.append(selection)
    }
    return selections
  }

  /// Reads an annotation of the same form that names exactly one network; nil when it has no text.
  public static func one(
    parsing text: String, annotation: String, namespace: String
  ) throws(NetworkAnnotationError) -> NetworkSelection? {
    let selections = try list(parsing: text, annotation: annotation, namespace: namespace)
    guard selections.count <= 1 else {
      throw NetworkAnnotationError(
        annotation: annotation, field: "", value: text, reason: "it names \(selections.count) networks",
        remedy: "name one")
    }
    return selections.first
  }

  // MARK: - Comma form

  private static func list(
    parsingCommaForm text: String, annotation: String, namespace: String
  ) throws(NetworkAnnotationError) -> [NetworkSelection] {
    guard text.contains(where: { !$0.isWhitespace }) else { return [] }
    var selections: [NetworkSelection] = []
    for (index, item) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
      selections.append(try NetworkSelection(commaItem: item, index: index, annotation, namespace: namespace))
    }
    return selections
  }

  private init(
    commaItem: Substring, index: Int, _ annotation: String, namespace: String
  ) throws(NetworkAnnotationError) {
    let item = commaItem.trimmingWhitespace
    func error(_ reason: String, _ remedy: String) -> NetworkAnnotationError {
      NetworkAnnotationError(
        annotation: annotation, field: "[\(index)]", value: String(item), reason: reason, remedy: remedy)
    }
    guard !item.isEmpty else { throw error("it is empty", "write one network's name between two commas") }
    let atParts = item.split(separator: "@", omittingEmptySubsequences: false)
    let nameParts = atParts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard atParts.count <= 2, nameParts.count <= 2 else {
      throw error("it has too many parts", "write name, namespace/name or namespace/name@interface")
    }
    let network = NetworkReference(
      namespace: nameParts.count == 2 ? String(nameParts[0]) : namespace, name: String(nameParts[nameParts.count - 1]))
    if let (part, problem) = network.problem {
      throw error("its \(part) \(problem)", ObjectName.remedy)
    }
    let interface = atParts.count == 2 ? String(atParts[1]) : nil
    if let problem = interface.flatMap(InterfaceName.problem) {
      throw error("its interface name \(problem)", InterfaceName.remedy)
    }
    self.init(network: network, interface: interface)
  }

  // MARK: - JSON form

  private init(_ element: Field, namespace: String) throws(NetworkAnnotationError) {
    let members = try element.object()
    let name = try element.required("name")
    let ownNamespace = try element["namespace"]?.string() ?? ""
    self.init(
      network: NetworkReference(namespace: ownNamespace.isEmpty ? namespace : ownNamespace, name: try name.string()))
    if let (part, problem) = network.problem {
      throw (element[part] ?? name).error("it \(problem)", ObjectName.remedy)
    }
    interface = try element["interface"]?.interfaceName()
    ips = try element["ips"]?.requestedAddresses() ?? []
    mac = try element["mac"]?.interfaceMAC()
    defaultRoute = try element["default-route"]?.gateways()
    cniArguments = try element["cni-args"]?.object() ?? [:]
    portMappings = try element["portMappings"]?.portMappings() ?? []
    bandwidth = try element["bandwidth"]?.bandwidth()
    infinibandGUID = try element["infiniband-guid"]?.infinibandGUID()
    ipamClaimReference = try element["ipam-claim-reference"]?.objectName()
    deviceID = try element["deviceID"]?.nonEmptyString()
    extensions = members.filter { $0.key.contains(".") }
    if let claim = element["ipam-claim-reference"], element["ips"] != nil {
      throw claim.error("it stands beside \"ips\"", "keep one: the claim says the addresses")
    }
  }
}

extension Substring {
  fileprivate var trimmingWhitespace: Substring {
    guard let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return self[...last].drop(while: \.isWhitespace)
  }
}
