import JSON
public import KubernetesModel

extension TrafficMirror: ReferringResource {
  /// The L2Service whose traffic is copied, if that is the source.
  public var serviceName: NamespacedName? {
    spec.source.l2Service.map { NamespacedName(reference: $0, from: metadata.namespace) }
  }

  /// The pod that gets the copies.
  public var destinationName: NamespacedName {
    NamespacedName(namespace: metadata.namespace, name: spec.destination.pod)
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
    if !spec.destination.interface.isInterfaceName {
      validator.add(
        .invalid(
          FieldPath.spec.child("destination").child("interface"), .string(spec.destination.interface),
          "it is no name of an interface of Linux: 1 to 15 bytes without space, slash and colon"))
    }
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  public func validate(in references: some References) -> [FieldError] {
    var validator = Validator()
    if let service = spec.source.l2Service {
      _ = validator.l2Service(
        service, at: FieldPath.spec.child("source").child("l2Service"), for: metadata.namespace, references)
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
