import JSON
public import KubernetesModel
import NetworkTypes

extension NetworkPort: ReferringResource {
  /// The L2Service that it names.
  public var serviceName: NamespacedName { NamespacedName(reference: spec.l2Service, from: metadata.namespace) }

  /// The port that it is inside of, if any.
  public var parentName: NamespacedName? {
    (spec.parent?.networkPort).map { NamespacedName(namespace: metadata.namespace, name: $0) }
  }

  public func validate() -> [FieldError] {
    var validator = Validator()
    checkType(&validator)
    if let text = spec.mac {
      let path = FieldPath.spec.child("mac")
      if let mac = validator.parse(text, at: path, as: MACAddress.self) {
        if mac.isMulticast {
          validator.add(
            .invalid(
              path, .string(text),
              "it is a group address, which no interface may have; use one such as 02:00:00:00:00:01"))
        } else if mac.rawValue == 0 {
          validator.add(
            .invalid(path, .string(text), "it is no address of an interface; use one such as 02:00:00:00:00:01"))
        }
      }
    }
    let path = FieldPath.spec.child("addresses")
    let addresses = (spec.addresses ?? []).enumerated().map { index, text in
      validator.parse(text, at: path[index], as: IPAddress.self)
    }
    for (index, address) in addresses.enumerated() {
      if let address, addresses[..<index].contains(address) {
        validator.add(.duplicate(path[index], .string(spec.addresses?[index] ?? ""), "list it once"))
      }
    }
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  /// The fields that each type needs, and those that mean nothing to it.
  private func checkType(_ validator: inout Validator) {
    let type = spec.type.rawValue
    if let parent = spec.parent {
      let path = FieldPath.spec.child("parent")
      if spec.type != .nested {
        validator.add(.forbidden(path, nil, "it has no effect with type \(type); leave it out, or use type Nested"))
      } else if parent.networkPort == metadata.name {
        validator.add(
          .invalid(
            path.child("networkPort"), .string(parent.networkPort),
            "it is this port itself; name the port of the machine"))
      }
      validator.vlan(parent.vlan, at: path.child("vlan"))
    } else if spec.type == .nested {
      validator.add(
        .required(FieldPath.spec.child("parent"), "type Nested needs the port that it is inside of, and a VLAN"))
    }
    if let host = spec.host {
      let path = FieldPath.spec.child("host")
      if spec.type != .host {
        validator.add(.forbidden(path, nil, "it has no effect with type \(type); leave it out, or use type Host"))
      }
      validator.vlan(host.vlan, at: path.child("vlan"))
    } else if spec.type == .host {
      validator.add(.required(FieldPath.spec.child("host"), "type Host needs the ConnectionPoint where the host is"))
    }
    if let node = spec.node, spec.type == .nested {
      validator.add(
        .forbidden(FieldPath.spec.child("node"), .string(node), "a nested port is where its parent is; leave it out"))
    }
  }

  public func validate(in references: some References) -> [FieldError] {
    var validator = Validator()
    let service = validator.l2Service(
      spec.l2Service, at: FieldPath.spec.child("l2Service"), for: metadata.namespace, references)
    checkParent(&validator, references)
    checkHost(&validator, service, references)
    return validator.errors
  }

  private func checkParent(_ validator: inout Validator, _ references: some References) {
    guard let parent = spec.parent, let parentName else { return }
    let path = FieldPath.spec.child("parent")
    guard validator.machine(parentName, at: path.child("networkPort"), references) else { return }
    let others = references.networkPorts(inside: parentName).filter { $0.spec.parent?.vlan == parent.vlan }
    if let other = earlier(of: others) {
      validator.add(
        .duplicate(
          path.child("vlan"), .integer(Int64(parent.vlan)),
          "NetworkPort \(other.metadata.name) is this VLAN of \(parent.networkPort); use another"))
    }
  }

  private func checkHost(_ validator: inout Validator, _ service: L2Service?, _ references: some References) {
    guard let host = spec.host else { return }
    let path = FieldPath.spec.child("host")
    guard let point = references.connectionPoint(host.connectionPoint) else {
      return validator.add(
        .notFound(
          path.child("connectionPoint"), .string(host.connectionPoint), "there is no ConnectionPoint of this name"))
    }
    guard let network = point.edgeNetwork else {
      return validator.add(
        .notSupported(
          path.child("connectionPoint"), .string(host.connectionPoint),
          "it has no interface of implementation ovn, by which OVN would reach its physical network; add one, or use another"
        ))
    }
    let vlan = host.vlan
    let claims = references.l2Services(segmentationID: vlan).filter { $0.spec.isOn(network) }
    if let claim = claims.min(by: { $0.metadata.namespacedName < $1.metadata.namespacedName }) {
      let name = claim.metadata.namespacedName
      return validator.add(
        .duplicate(
          path.child("vlan"), .integer(Int64(vlan)),
          claim.key == service?.key
            ? "it is the VLAN of L2Service \(name) itself, so that the host is on it without a port; leave this one out"
            : "the VLAN is taken on physical network \(network) by L2Service \(name); use another"))
    }
    let neighbours = references.networkPorts(behindVLAN: vlan).filter { other in
      other.spec.host.flatMap { references.connectionPoint($0.connectionPoint) }?.edgeNetwork == network
    }
    guard let other = earlier(of: neighbours) else { return }
    let name = other.metadata.namespacedName
    if other.serviceName != serviceName {
      validator.add(
        .duplicate(
          path.child("vlan"), .integer(Int64(vlan)),
          "the VLAN leads to L2Service \(other.serviceName) by NetworkPort \(name); use another"))
    } else if let node = spec.node, node != other.spec.node {
      validator.add(
        .invalid(
          FieldPath.spec.child("node"), .string(node),
          "NetworkPort \(name) reaches the same VLAN by \(other.spec.node.map { "node \($0)" } ?? "a node that Netloom chooses"), and by two frames would go round; leave it out, or name the same in both"
        ))
    }
  }

  /// The first of the others to have been made before this one.
  private func earlier(of others: [NetworkPort]) -> NetworkPort? {
    others.filter { $0.key != key && $0.isEarlier(than: self) }.min { $0.isEarlier(than: $1) }
  }

  /// By creation, then by name; an object that is not stored yet comes last.
  public func isEarlier(than other: NetworkPort) -> Bool {
    let mine = metadata.creationTimestamp ?? "~"
    let theirs = other.metadata.creationTimestamp ?? "~"
    return (mine, metadata.namespacedName) < (theirs, other.metadata.namespacedName)
  }
}

extension ConnectionPoint {
  /// The physical network that OVN reaches here, by the name that OVN knows it by; nil: it reaches none.
  public var edgeNetwork: String? {
    spec.interfaces.contains { $0.implementation == .ovn } ? spec.physicalNetwork ?? metadata.name : nil
  }
}

extension L2Service.Spec {
  /// Whether its VLAN is that of a physical network; a service that names none may be anywhere.
  public func isOn(_ network: String) -> Bool {
    segmentationID != nil && (physicalNetworks ?? []).isEmpty || physicalNetworks?.contains(network) == true
  }
}

extension Validator {
  /// The L2Service that a field names, or nil after its error was noted.
  mutating func l2Service(
    _ text: String, at path: FieldPath, for namespace: String?, _ references: some References
  ) -> L2Service? {
    let name = NamespacedName(reference: text, from: namespace)
    guard let service = references.l2Service(name) else {
      add(.notFound(path, .string(text), "there is no L2Service \(name.name) in namespace \(name.namespace ?? "")"))
      return nil
    }
    guard service.allows(namespace: namespace, in: references) else {
      add(
        .forbidden(
          path, .string(text),
          "L2Service \(name) may not be used from namespace \(namespace ?? ""); its spec.allowedNamespaces would have to permit it"
        ))
      return nil
    }
    return service
  }

  /// A NetworkPort, named without its namespace, that has to have an interface of its own.
  ///
  /// - Returns: whether there is one of this name.
  @discardableResult
  mutating func machine(_ name: NamespacedName, at path: FieldPath, _ references: some References) -> Bool {
    guard let port = references.networkPort(name) else {
      add(
        .notFound(path, .string(name.name), "there is no NetworkPort of this name in namespace \(name.namespace ?? "")")
      )
      return false
    }
    if port.spec.type != .vm {
      add(.invalid(path, .string(name.name), "it is of type \(port.spec.type.rawValue); name a port of type VM"))
    }
    return true
  }

  /// A selector that has to choose: an empty one means every pod.
  mutating func choice(_ selector: LabelSelector, at path: FieldPath) {
    if selector.isEmpty {
      add(.required(path, "an empty selector selects every pod; write the labels of the pods that are meant"))
    }
    self.selector(selector, at: path)
  }
}

extension LabelSelector {
  /// Whether it has no condition and so selects everything.
  var isEmpty: Bool { matchLabels?.isEmpty ?? true && matchExpressions?.isEmpty ?? true }
}
