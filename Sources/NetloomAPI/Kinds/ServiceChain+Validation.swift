import JSON
public import KubernetesModel

extension ServiceChain: ReferringResource {
  /// The L2Services that it names: the ends, then the functions' in their order.
  public var serviceNames: [NamespacedName] { references.map { name($0.text) } }

  /// The L2Service that a field of this chain means.
  public func name(_ reference: String) -> NamespacedName {
    NamespacedName(reference: reference, from: metadata.namespace)
  }

  private var references: [(text: String, path: FieldPath)] {
    let spec = FieldPath.spec
    return [
      (self.spec.left.l2Service, spec.child("left").child("l2Service")),
      (self.spec.right.l2Service, spec.child("right").child("l2Service")),
    ]
      + self.spec.functions.enumerated().flatMap { index, function in
        let path = spec.child("functions")[index]
        return [(function.left, path.child("left"))] + (function.right.map { [($0, path.child("right"))] } ?? [])
      }
  }

  public func validate() -> [FieldError] {
    var validator = Validator()
    check(spec.left, at: FieldPath.spec.child("left"), &validator)
    check(spec.right, at: FieldPath.spec.child("right"), &validator)
    if name(spec.left.l2Service) == name(spec.right.l2Service) {
      validator.add(
        .invalid(
          FieldPath.spec.child("right").child("l2Service"), .string(spec.right.l2Service),
          "it is the network of the left end, where traffic passes no router; name another"))
    }
    let path = FieldPath.spec.child("functions")
    if spec.functions.isEmpty { validator.add(.required(path, "traffic passes as it is without one; add a function")) }
    for (index, function) in spec.functions.enumerated() { check(function, at: path[index], &validator) }
    validator.unique(
      spec.functions.map(\.name), at: { path[$0].child("name") }, { .string(spec.functions[$0].name) },
      "another function has this name; give each its own")
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  private func check(_ end: End, at path: FieldPath, _ validator: inout Validator) {
    if let selector = end.podSelector {
      validator.choice(selector, at: path.child("podSelector"))
      validator.selector(end.namespaceSelector, at: path.child("namespaceSelector"))
    } else if end.namespaceSelector != nil {
      validator.add(
        .forbidden(path.child("namespaceSelector"), nil, "it has no effect without podSelector; leave it out"))
    }
  }

  private func check(_ function: Function, at path: FieldPath, _ validator: inout Validator) {
    if !function.name.isDNSLabel {
      validator.add(
        .invalid(
          path.child("name"), .string(function.name),
          "use up to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends (RFC 1123)"))
    }
    validator.choice(function.podSelector, at: path.child("podSelector"))
    let arms = [("left", function.left)] + (function.right.map { [("right", $0)] } ?? [])
    for (field, arm) in arms {
      for (side, end) in [("left", spec.left), ("right", spec.right)]
      where name(arm) == name(end.l2Service) && (end.podSelector ?? function.podSelector) == function.podSelector {
        validator.add(
          .invalid(
            path.child(field), .string(arm),
            "it is the network of the \(side) end, so that what the function sends would enter the chain again; put the function on a network of its own"
          ))
      }
    }
  }

  public func validate(in references: some References) -> [FieldError] {
    var validator = Validator()
    for (text, path) in self.references { _ = validator.l2Service(text, at: path, for: metadata.namespace, references) }
    return validator.errors
  }
}

extension String {
  /// Whether it is a label of the DNS as Kubernetes writes them (RFC 1123 section 2.1).
  var isDNSLabel: Bool {
    func isPlain(_ byte: UInt8) -> Bool {
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
    return (1...63).contains(utf8.count) && utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
      && utf8.first.map(isPlain) == true && utf8.last.map(isPlain) == true
  }
}
