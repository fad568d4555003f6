import JSON

extension ResourceType {
  /// The built-in resources: Namespace, Node, Pod, Event (of two groups), ConfigMap, Secret, ServiceAccount, Service,
  /// Lease and CustomResourceDefinition.
  public static let builtIn: [ResourceType] = [
    BuiltInKind.configMap, .event, .namespace, .node, .pod, .secret, .serviceAccount, .service,
    .customResourceDefinition,
    .lease, .newEvent,
  ].map(\.resourceType)
}

extension BuiltInKind {
  static let namespace = BuiltInKind(
    kind: "Namespace", plural: "namespaces", shortNames: ["ns"], namespaced: false,
    subresources: ["finalize", "status"], verbs: ResourceType.allVerbs.filter { $0 != "deletecollection" },
    nameErrors: Names.dns1123Label,
    selectable: [SelectableField("status.phase")],
    setDefaults: { namespace in
      guard let name = namespace[path: "metadata", "name"]?.string, !name.isEmpty else { return }
      namespace[path: "metadata", "labels", "kubernetes.io/metadata.name"] = .string(name)
    },
    prepareForCreate: { namespace in
      if let name = namespace[path: "metadata", "name"] {
        namespace[path: "metadata", "labels", "kubernetes.io/metadata.name"] = name
      }
      let finalizers = namespace[path: "spec", "finalizers"]?.array ?? []
      namespace[path: "spec", "finalizers"] = .array(
        finalizers.contains("kubernetes") ? finalizers : finalizers + ["kubernetes"])
      namespace["status"] = ["phase": "Active"]
    },
    prepareForUpdate: { namespace, old, subresource in
      if subresource != "finalize" { namespace["spec"] = old["spec"] }
      if subresource != "status" { namespace["status"] = old["status"] }
    },
    columns: [
      .name,
      TableColumn("Status", description: "The status of the namespace") { object, _ in
        object[path: "status", "phase"] ?? ""
      },
      .age,
    ])

  static let configMap = BuiltInKind(
    kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"], namesSelectableFields: true,
    validate: { validateKeyedData($0, fields: ["data", "binaryData"]) },
    validateUpdate: { configMap, old, _ in
      let fields = ["data", "binaryData"]
      return validateImmutable(configMap, old: old, fields: fields) + validateKeyedData(configMap, fields: fields)
    },
    columns: [
      .name,
      TableColumn("Data", description: "Number of keys") { object, _ in
        .integer(Int64(["data", "binaryData"].reduce(0) { $0 + (object[$1]?.object?.count ?? 0) }))
      },
      .age,
    ])

  static let secret = BuiltInKind(
    kind: "Secret", plural: "secrets", selectable: [SelectableField("type")],
    setDefaults: { secret in
      for (key, value) in secret["stringData"]?.stringMap ?? [:] {
        secret[path: "data", key] = .string(Base64.encode(Array(value.utf8)))
      }
      secret["stringData"] = nil
      if secret["type"] == nil { secret["type"] = "Opaque" }
    },
    validate: { validateKeyedData($0, fields: ["data"]) + validateSecretType($0) },
    validateUpdate: { secret, old, _ in
      var errors: [FieldError] = []
      if secret["type"] != old["type"] {
        errors.append(.invalid("type", secret["type"] ?? "", "field is immutable"))
      }
      errors += validateImmutable(secret, old: old, fields: ["data"])
      return errors + validateKeyedData(secret, fields: ["data"])
    },
    columns: [
      .name,
      TableColumn("Type", description: "Used to facilitate programmatic handling of secret data.") { object, _ in
        object["type"] ?? ""
      },
      TableColumn("Data", description: "Number of keys") { object, _ in
        .integer(Int64(object["data"]?.object?.count ?? 0))
      },
      .age,
    ])

  static let serviceAccount = BuiltInKind(
    kind: "ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"], subresources: ["token"],
    namesSelectableFields: true)

  static let lease = BuiltInKind(
    group: "coordination.k8s.io", kind: "Lease", plural: "leases", package: "io.k8s.api.coordination.v1",
    namesSelectableFields: true,
    validate: { lease in
      var errors: [FieldError] = []
      if let seconds = lease[path: "spec", "leaseDurationSeconds"], seconds.integer ?? 0 <= 0 {
        errors.append(.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
      }
      if let transitions = lease[path: "spec", "leaseTransitions"], transitions.integer ?? 0 < 0 {
        errors.append(.invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"))
      }
      return errors
    },
    columns: [
      .name,
      TableColumn("Holder", description: "Identity of the holder of the lease") { object, _ in
        object[path: "spec", "holderIdentity"] ?? ""
      },
      .age,
    ])

  /// Keys and size of ConfigMaps and Secrets.
  @Sendable static func validateKeyedData(_ object: JSONValue, fields: [String]) -> [FieldError] {
    var errors: [FieldError] = []
    var size = 0
    for field in fields {
      for (key, value) in object[field]?.stringMap.sorted(by: { $0.key < $1.key }) ?? [] {
        errors += Names.configMapKey(key).map { .invalid("\(field)[\(key)]", .string(key), $0) }
        if field == "binaryData", object[path: "data", key] != nil {
          errors.append(.invalid("data[\(key)]", .string(key), "duplicate of key present in binaryData"))
        }
        size += value.utf8.count
      }
    }
    let limit = 1024 * 1024
    if size > limit { errors.append(.tooLong(fields.count == 1 ? fields[0] : "", limit: limit)) }
    return errors
  }

  /// What an object with `immutable: true` may no longer change.
  @Sendable static func validateImmutable(_ object: JSONValue, old: JSONValue, fields: [String]) -> [FieldError] {
    guard old["immutable"]?.bool == true else { return [] }
    let changed = fields.filter { object[$0] != old[$0] } + (object["immutable"]?.bool == true ? [] : ["immutable"])
    return changed.map { .forbidden($0, "field is immutable when `immutable` is set") }
  }

  private static func validateSecretType(_ secret: JSONValue) -> [FieldError] {
    let required: [String: [String]] = [
      "kubernetes.io/dockercfg": [".dockercfg"], "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
      "kubernetes.io/ssh-auth": ["ssh-privatekey"], "kubernetes.io/tls": ["tls.crt", "tls.key"],
    ]
    return (required[secret["type"]?.string ?? ""] ?? []).filter { secret[path: "data", $0] == nil }
      .map { .required("data[\($0)]") }
  }
}
