import JSON
public import KubernetesModel

extension L2ServiceAttachment: ReferringResource {
  /// The L2Services that it names, in that order.
  public var serviceNames: [NamespacedName] {
    spec.l2Services.map { NamespacedName(reference: $0, from: metadata.namespace) }
  }

  public func validate() -> [FieldError] {
    var validator = Validator()
    let path = FieldPath.spec.child("l2Services")
    let listed = JSONValue.array(spec.l2Services.map(JSONValue.string))
    if spec.l2Services.isEmpty {
      validator.add(.required(path, "name at least one L2Service"))
    } else if spec.vlanType.takesOneService, spec.l2Services.count > 1 {
      validator.add(
        .invalid(
          path, listed,
          "vlanType \(spec.vlanType.rawValue) carries one L2Service; name one, or use vlanType selectivetrunk or trunk")
      )
    }
    validator.unique(
      serviceNames, at: { path[$0] }, { .string(spec.l2Services[$0]) }, "the L2Service is listed twice; name it once")
    if let implementation = spec.implementation {
      checkCapability(of: implementation, &validator)
    }
    spec.checkProperties(&validator)
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  private func checkCapability(of implementation: Implementation, _ validator: inout Validator) {
    if !implementation.vlanTypes.contains(spec.vlanType) {
      validator.add(
        .notSupported(
          FieldPath.spec.child("vlanType"), .string(spec.vlanType.rawValue),
          "implementation \(implementation.rawValue) supports \(implementation.vlanTypes.listed)"))
    }
    if let type = spec.podInterfaceType, !implementation.podInterfaceTypes.contains(type) {
      validator.add(
        .notSupported(
          FieldPath.spec.child("podInterfaceType"), .string(type.rawValue),
          "implementation \(implementation.rawValue) supports \(implementation.podInterfaceTypes.listed)"))
    }
    spec.checkProperties(can: implementation, &validator)
  }

  public func validate(in references: some References) -> [FieldError] {
    var validator = Validator()
    let services = permittedServices(&validator, references)
    checkTags(services, &validator)
    checkConnectionPoint(services, &validator, references)
    return validator.errors
  }

  private func permittedServices(_ validator: inout Validator, _ references: some References) -> [L2Service] {
    zip(spec.l2Services, serviceNames).enumerated().compactMap { index, reference in
      let path = FieldPath.spec.child("l2Services")[index]
      let (text, name) = reference
      guard let service = references.l2Service(name) else {
        validator.add(
          .notFound(
            path, .string(text), "there is no L2Service \(name.name) in namespace \(name.namespace ?? "")"))
        return nil
      }
      guard service.allows(namespace: metadata.namespace, in: references) else {
        validator.add(
          .forbidden(
            path, .string(text),
            "L2Service \(name) may not be used from namespace \(metadata.namespace ?? ""); its spec.allowedNamespaces would have to permit it"
          ))
        return nil
      }
      return service
    }
  }

  /// Frames of an overlay, and untagged ones, have no VLAN, so that a trunk cannot carry them.
  private func checkTags(_ services: [L2Service], _ validator: inout Validator) {
    guard spec.vlanType != .access, let service = services.first(where: { $0.spec.segmentationID == nil }) else {
      return
    }
    validator.add(
      .invalid(
        FieldPath.spec.child("vlanType"), .string(spec.vlanType.rawValue),
        "L2Service \(service.metadata.namespacedName) has no VLAN to tag; use vlanType access"))
  }

  private func checkConnectionPoint(
    _ services: [L2Service], _ validator: inout Validator, _ references: some References
  ) {
    let path = FieldPath.spec.child("connectionPoint")
    guard let name = spec.connectionPoint else { return checkOverlay(services, &validator, references) }
    guard let point = references.connectionPoint(name) else {
      return validator.add(.notFound(path, .string(name), "there is no ConnectionPoint of this name"))
    }
    if point.spec.choice(for: spec) == nil { validator.add(unsupported(by: point)) }
    spec.checkProperties(on: point, &validator)
    for service in services {
      check(service, on: point, &validator, references)
    }
  }

  /// Without a ConnectionPoint pods are on the overlay of OVN, on every node. A VLAN reaches it where OVN reaches the
  /// VLAN's physical network.
  private func checkOverlay(_ services: [L2Service], _ validator: inout Validator, _ references: some References) {
    if let implementation = spec.implementation, implementation != .ovn {
      validator.add(
        .invalid(
          FieldPath.spec.child("implementation"), .string(implementation.rawValue),
          "without a ConnectionPoint pods are on the overlay, which is OVN's; use ovn, leave it out, or name a ConnectionPoint"
        ))
    }
    for service in services {
      guard !service.spec.isOverlay,
        references.connectionPoints(leadingTo: service.spec.physicalNetworks ?? []).isEmpty
      else { continue }
      let name = service.metadata.namespacedName
      validator.add(
        .required(
          FieldPath.spec.child("connectionPoint"),
          "L2Service \(name) is on a physical network; name the ConnectionPoint where pods plug in"
        ))
    }
  }

  /// Names the field that the connection point cannot satisfy, and what it can do.
  private func unsupported(by point: ConnectionPoint) -> FieldError {
    let offers = point.spec.interfaces.map { interface in
      "\(interface.implementation.rawValue) (\(interface.supportedTypes.listed); \(interface.implementation.vlanTypes.listed))"
    }
    let message = "ConnectionPoint \(point.metadata.name) offers \(offers.joined(separator: ", "))"
    var relaxed = spec
    relaxed.podInterfaceType = nil
    if let type = spec.podInterfaceType, point.spec.choice(for: relaxed) != nil {
      return .notSupported(FieldPath.spec.child("podInterfaceType"), .string(type.rawValue), message)
    }
    for (field, value, relax) in spec.properties where point.spec.choice(for: relax) != nil {
      return .notSupported(FieldPath.spec.child(field), value, message)
    }
    relaxed = spec
    relaxed.implementation = nil
    if let implementation = spec.implementation,
      !point.spec.interfaces.contains(where: { $0.implementation == implementation })
        || point.spec.choice(for: relaxed) != nil
    {
      return .notSupported(FieldPath.spec.child("implementation"), .string(implementation.rawValue), message)
    }
    return .notSupported(FieldPath.spec.child("vlanType"), .string(spec.vlanType.rawValue), message)
  }

  private func check(
    _ service: L2Service, on point: ConnectionPoint, _ validator: inout Validator, _ references: some References
  ) {
    let path = FieldPath.spec.child("connectionPoint")
    let name = service.metadata.namespacedName
    if service.spec.segmentationID == nil { checkWithoutVLAN(service, on: point, &validator) }
    let networks = service.spec.physicalNetworks ?? []
    if let network = point.spec.physicalNetwork, !networks.isEmpty, !networks.contains(network) {
      validator.add(
        .invalid(
          path, .string(point.metadata.name),
          "it is on physical network \(network), L2Service \(name) on \(networks.joined(separator: ", ")); use a ConnectionPoint there"
        ))
    }
    let usesIPv6 = (service.spec.subnets ?? []).contains { subnet in
      references.subnet(NamespacedName(namespace: service.metadata.namespace, name: subnet))?.spec.family == .v6
    }
    if usesIPv6, spec.effectiveMTU(on: point.spec) < 1280 {
      if let mtu = spec.mtu, mtu < 1280, point.spec.effectiveMTU >= 1280 {
        return validator.add(
          .invalid(
            FieldPath.spec.child("mtu"), .integer(Int64(mtu)),
            "it is less than the 1280 that IPv6 needs for L2Service \(name) (RFC 8200 section 5); use 1280 or more"))
      }
      validator.add(
        .invalid(
          path, .string(point.metadata.name),
          "its mtu \(point.spec.effectiveMTU) is less than the 1280 that IPv6 needs for L2Service \(name) (RFC 8200 section 5); use one with a larger mtu"
        ))
    }
  }

  /// What has no VLAN is on a ConnectionPoint only where its L2Service says so, as whoever attaches pods is not to join an
  /// overlay to a physical network; and only OVN carries it.
  private func checkWithoutVLAN(_ service: L2Service, on point: ConnectionPoint, _ validator: inout Validator) {
    let path = FieldPath.spec.child("connectionPoint")
    let (name, value) = (service.metadata.namespacedName, JSONValue.string(point.metadata.name))
    guard let network = service.spec.untaggedNetwork else {
      return validator.add(
        .invalid(
          path, value,
          "L2Service \(name) is an overlay, which every node has; leave the ConnectionPoint out, or name the physical network in spec.physicalNetworks of the L2Service"
        ))
    }
    guard let reached = point.edgeNetwork else {
      return validator.add(
        .invalid(
          path, value,
          "it has no interface of implementation ovn, and L2Service \(name) has no VLAN, which only OVN carries; add one, or use another"
        ))
    }
    if reached != network, point.spec.physicalNetwork == nil {
      validator.add(
        .invalid(
          path, value,
          "it names no physicalNetwork, and L2Service \(name) is on \(network); use a ConnectionPoint there"))
    }
    if let choice = point.spec.choice(for: spec), choice.interface.implementation != .ovn {
      validator.add(
        .invalid(
          FieldPath.spec.child("implementation"), .string(choice.interface.implementation.rawValue),
          "L2Service \(name) has no VLAN, which only OVN carries; write implementation ovn"))
    }
  }

  /// What works, but perhaps not as its author thinks: nil, or why this attachment's pods get more VLANs than it lists.
  public func sharedTrunkWarning(in references: some References) -> String? {
    guard spec.vlanType == .trunk, let point = spec.connectionPoint else { return nil }
    let others = references.attachments(connectionPoint: point)
      .filter { $0.key != key && $0.spec.vlanType == .trunk && !$0.metadata.isBeingDeleted }
      .map(\.metadata.namespacedName).sorted()
    guard !others.isEmpty else { return nil }
    return "ConnectionPoint \(point) has more trunk attachments (\(others.map(\.description).joined(separator: ", "))):"
      + " the pods of all get the union of their VLANs; use selectivetrunk where that is not meant"
  }
}
