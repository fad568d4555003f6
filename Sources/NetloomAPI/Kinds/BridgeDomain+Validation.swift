import JSON

extension BridgeDomain: ReferringResource {
  public func validate() -> [FieldError] {
    var validator = Validator()
    validator.vlan(spec.vlan, at: FieldPath.spec.child("vlan"))
    let path = FieldPath.spec.child("ports")
    validator.unique(
      spec.ports, at: { path[$0] }, { .string("\(spec.ports[$0].switch)/\(spec.ports[$0].port)") },
      "the port is listed twice; name it once")
    return validator.errors
  }

  public func validate(in references: some References) -> [FieldError] {
    guard let fabric = references.fabric(spec.fabric) else {
      return [.notFound(FieldPath.spec.child("fabric"), .string(spec.fabric), "there is no Fabric of this name")]
    }
    let known = Set(fabric.spec.switches.map(\.name))
    return spec.ports.enumerated().filter { !known.contains($0.element.switch) }.map { index, port in
      .notFound(
        FieldPath.spec.child("ports")[index].child("switch"), .string(port.switch),
        "Fabric \(spec.fabric) has no switch of this name")
    }
  }
}

extension NodeNetwork: ValidatedResource {
  public func validate() -> [FieldError] {
    var validator = Validator()
    let path = FieldPath.spec.child("bridges")
    validator.unique(
      spec.bridges.map(\.name), at: { path[$0].child("name") }, { .string(spec.bridges[$0].name) },
      "another bridge has this name; list every bridge once")
    for (index, bridge) in spec.bridges.enumerated() {
      for (place, vlan) in bridge.vlans.enumerated() {
        validator.vlan(vlan, at: path[index].child("vlans")[place])
      }
    }
    return validator.errors
  }
}
