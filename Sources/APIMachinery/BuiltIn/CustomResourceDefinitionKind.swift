import JSON

extension BuiltInKind {
  static let customResourceDefinition = BuiltInKind(
    group: "apiextensions.k8s.io", kind: "CustomResourceDefinition", plural: "customresourcedefinitions",
    shortNames: ["crd", "crds"], categories: ["api-extensions"], namespaced: false,
    package: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1", subresources: ["status"], hasGeneration: true,
    namesSelectableFields: true,
    setDefaults: { crd in
      let kind = crd[path: "spec", "names", "kind"]?.string ?? ""
      guard !kind.isEmpty else { return }
      if crd[path: "spec", "names", "singular"] == nil {
        crd[path: "spec", "names", "singular"] = .string(kind.lowercased())
      }
      if crd[path: "spec", "names", "listKind"] == nil { crd[path: "spec", "names", "listKind"] = "\(kind)List" }
      if crd[path: "spec", "conversion"] == nil { crd[path: "spec", "conversion"] = ["strategy": "None"] }
    },
    prepareForCreate: { crd in
      crd["status"] = [
        "conditions": nil, "acceptedNames": ["plural": "", "kind": ""],
        "storedVersions": .array(CustomResourceDefinitions.storageVersion(of: crd).map { [$0] } ?? []),
      ]
    },
    prepareForUpdate: { crd, old, subresource in
      keepOtherHalf(of: &crd, old: old, subresource: subresource)
      guard subresource == nil, let version = CustomResourceDefinitions.storageVersion(of: crd) else { return }
      let stored = crd[path: "status", "storedVersions"]?.array ?? []
      if !stored.contains(version) { crd[path: "status", "storedVersions"] = .array(stored + [version]) }
    },
    validate: CustomResourceDefinitions.validate,
    validateUpdate: { crd, old, subresource in
      guard subresource == nil else { return [] }
      return CustomResourceDefinitions.validateUpdate(crd, old: old) + CustomResourceDefinitions.validate(crd)
    },
    columns: [
      .name,
      TableColumn(
        "Created At", type: "date",
        description: "CreationTimestamp is a timestamp representing the server time when this object was created."
      ) { crd, _ in crd[path: "metadata", "creationTimestamp"] ?? "" },
    ])
}
