import JSON
public import KubernetesModel

extension TrafficMirror: ReferringResource {
  /// The L2Service whose traffic is copied, if that is the source.
  public var serviceName: NamespacedName? {
    spec.source.l2Service.map { NamespacedName(reference: $0, from: metadata.namespace) }
  }

  /// Who gets the copies; nil: `spec.destination` does not say it.
  public var receiver: Endpoint? {
    switch (spec.destination.pod, spec.destination.interface, spec.destination.networkPort) {
    case (let pod?, let interface?, nil):
      .interface(interface, of: NamespacedName(namespace: metadata.namespace, name: pod))
    case (nil, nil, let port?): .networkPort(NamespacedName(namespace: metadata.namespace, name: port))
    default: nil
    }
  }

  /// Whose traffic is copied, or who gets copies.
  public enum Endpoint: Sendable, Hashable {
    /// An interface of a pod.
    case interface(String, of: NamespacedName)
    /// What is behind a NetworkPort.
    case networkPort(NamespacedName)
  }

  public func validate() -> [FieldError] {
    var validator = Validator()
    let path = FieldPath.spec.child("source")
    switch (spec.source.podSelector, spec.source.l2Service) {
    case (nil, nil): validator.add(.required(path, "give podSelector or l2Service"))
    case (.some, .some):
      validator.add(.forbidden(path.child("l2Service"), nil, "give podSelector or l2Service, not both"))
    case (let selector?, nil): validator.choice(selector, at: path.child("podSelector"))
    case (nil, .some): break
    }
    checkDestination(&validator)
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  private func checkDestination(_ validator: inout Validator) {
    let path = FieldPath.spec.child("destination")
    let destination = spec.destination
    switch (destination.pod, destination.interface, destination.networkPort) {
    case (nil, nil, nil): validator.add(.required(path, "give pod and interface, or networkPort"))
    case (_, _, .some) where receiver == nil:
      validator.add(.forbidden(path.child("networkPort"), nil, "give pod and interface, or networkPort, not both"))
    case (.some, nil, _): validator.add(.required(path.child("interface"), "name the interface of the pod"))
    case (nil, .some, _): validator.add(.required(path.child("pod"), "name the pod whose interface it is"))
    default: break
    }
    if let interface = destination.interface, !interface.isInterfaceName {
      validator.add(
        .invalid(
          path.child("interface"), .string(interface),
          "it is no name of an interface of Linux: 1 to 15 bytes without space, slash and colon"))
    }
  }

  public func validate(in references: some References) -> [FieldError] {
    var validator = Validator()
    if let service = spec.source.l2Service {
      _ = validator.l2Service(
        service, at: FieldPath.spec.child("source").child("l2Service"), for: metadata.namespace, references)
    }
    if case .networkPort(let name)? = receiver {
      let path = FieldPath.spec.child("destination").child("networkPort")
      let inside = references.networkPorts(inside: name).map(\.metadata.name).min()
      if validator.machine(name, at: path, references), let inside {
        validator.add(
          .invalid(
            path, .string(name.name),
            "NetworkPort \(inside) is inside of it, and an interface that gets copies gets nothing else; name a port "
              + "that has none inside"))
      }
    }
    return validator.errors
  }
}

extension String {
  /// Whether Linux takes it as the name of an interface (dev_valid_name, IFNAMSIZ).
  var isInterfaceName: Bool {
    (1...15).contains(utf8.count) && self != "." && self != ".."
      && !contains { $0 == "/" || $0 == ":" || $0.isWhitespace }
  }
}
