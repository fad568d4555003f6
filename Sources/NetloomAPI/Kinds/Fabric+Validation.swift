import JSON

extension Fabric: ValidatedResource {
  public func validate() -> [FieldError] {
    var validator = Validator()
    let path = FieldPath.spec.child("switches")
    if spec.switches.isEmpty { validator.add(.required(path, "a fabric has at least one switch")) }
    validator.unique(
      spec.switches.map(\.name), at: { path[$0].child("name") }, { .string(spec.switches[$0].name) },
      "another switch has this name; give every switch its own")
    for (index, item) in spec.switches.enumerated() { item.validate(&validator, at: path[index]) }
    checkPorts(&validator)
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  /// One end of a cable at a switch, where it is declared, and what is at the other end.
  private struct CableEnd {
    let port: PortReference
    let path: FieldPath
    let peer: String
  }

  private var cableEnds: [CableEnd] {
    let links = (spec.links ?? []).enumerated().map { index, link in
      CableEnd(
        port: PortReference(switch: link.switch, port: link.port), path: FieldPath.spec.child("links")[index],
        peer: "\(link.node)/\(link.interface)")
    }
    let interSwitchLinks = (spec.interSwitchLinks ?? []).enumerated().flatMap { index, link in
      let path = FieldPath.spec.child("interSwitchLinks")[index]
      return [
        CableEnd(port: link.a, path: path.child("a"), peer: "\(link.b.switch)/\(link.b.port)"),
        CableEnd(port: link.b, path: path.child("b"), peer: "\(link.a.switch)/\(link.a.port)"),
      ]
    }
    let uplinks = (spec.uplinks ?? []).enumerated().map { index, uplink in
      CableEnd(
        port: PortReference(switch: uplink.switch, port: uplink.port), path: FieldPath.spec.child("uplinks")[index],
        peer: "gateway \(uplink.gateway)")
    }
    return links + interSwitchLinks + uplinks
  }

  /// Every cable ends at a switch of this fabric, and a port has one cable.
  private func checkPorts(_ validator: inout Validator) {
    let known = Set(spec.switches.map(\.name))
    var taken: [PortReference: CableEnd] = [:]
    for end in cableEnds {
      if !known.contains(end.port.switch) {
        validator.add(
          .notFound(
            end.path.child("switch"), .string(end.port.switch),
            "no switch of this fabric has this name; use one of \(spec.switches.map(\.name).joined(separator: ", "))"))
      } else if let other = taken[end.port], other.peer != end.peer {
        validator.add(
          .duplicate(
            end.path.child("port"), .string(end.port.port),
            "the port of switch \(end.port.switch) leads to \(other.peer) already (\(other.path)); a port has one cable"
          ))
      } else {
        taken[end.port] = end
      }
    }
  }
}

extension Fabric.Switch {
  fileprivate func validate(_ validator: inout Validator, at path: FieldPath) {
    let form = "write tcp:HOST:PORT, ssl:HOST:PORT or unix:/PATH"
    let error = { (reason: String) in
      FieldError.invalid(path.child("endpoint"), .string(endpoint), "\(reason); \(form)")
    }
    let scheme = endpoint.prefix { $0 != ":" }
    let rest = endpoint.dropFirst(scheme.count + 1)
    switch scheme {
    case "unix":
      if !rest.hasPrefix("/") { validator.add(error("its path does not begin with /")) }
    case "tcp", "ssl":
      if let colon = rest.lastIndex(of: ":"), colon > rest.startIndex {
        let port = Int(rest[rest.index(after: colon)...])
        if port.map({ !(1...65535).contains($0) }) ?? true { validator.add(error("its port is not 1 to 65535")) }
      } else {
        validator.add(error("it has no host or no port"))
      }
    default:
      validator.add(error("it does not begin with tcp:, ssl: or unix:"))
    }
    if scheme != "ssl", let credentials {
      validator.add(
        .forbidden(
          path.child("credentials"), .string("\(credentials.secretNamespace)/\(credentials.secretName)"),
          "a certificate is used with an ssl: endpoint only; leave it out, or write ssl:HOST:PORT"))
    }
  }
}
