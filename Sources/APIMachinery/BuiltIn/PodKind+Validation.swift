import JSON

extension BuiltInKind {
  @Sendable static func validatePod(_ pod: JSONValue) -> [FieldError] {
    let volumes = pod[path: "spec", "volumes"]?.array ?? []
    var errors = validateUnique(volumes, "spec.volumes")
    let volumeNames = Set(volumes.compactMap { $0["name"]?.string })
    let containers = pod[path: "spec", "containers"]?.array ?? []
    if containers.isEmpty { errors.append(.required("spec.containers")) }
    var names: Set<String> = []
    for (list, elements) in [
      ("containers", containers), ("initContainers", pod[path: "spec", "initContainers"]?.array ?? []),
    ] {
      for (index, container) in elements.enumerated() {
        let path = "spec.\(list)[\(index)]"
        errors += validateContainer(container, path, volumes: volumeNames)
        guard let name = container["name"]?.string, !name.isEmpty, !names.insert(name).inserted else { continue }
        errors.append(.duplicate("\(path).name", .string(name)))
      }
    }
    if let ephemeral = pod[path: "spec", "ephemeralContainers"]?.array, !ephemeral.isEmpty {
      errors.append(.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    }
    if let node = pod[path: "spec", "nodeName"]?.string {
      errors += Names.dns1123Subdomain(node).map { .invalid("spec.nodeName", .string(node), $0) }
    }
    for key in ["hostname", "subdomain"] {
      guard let text = pod[path: "spec", key]?.string else { continue }
      errors += Names.dns1123Label(text).map { .invalid("spec.\(key)", .string(text), $0) }
    }
    if let account = pod[path: "spec", "serviceAccountName"]?.string {
      errors += Names.dns1123Subdomain(account).map { .invalid("spec.serviceAccountName", .string(account), $0) }
    }
    if let seconds = pod[path: "spec", "activeDeadlineSeconds"]?.integer, !(1...Int64(Int32.max)).contains(seconds) {
      errors.append(
        .invalid("spec.activeDeadlineSeconds", .integer(seconds), "must be between 1 and 2147483647, inclusive"))
    }
    return errors
  }

  private static func validateUnique(_ elements: [JSONValue], _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    var names: Set<String> = []
    for (index, element) in elements.enumerated() {
      let name = element["name"]?.string ?? ""
      let field = "\(path)[\(index)].name"
      if name.isEmpty {
        errors.append(.required(field))
        continue
      }
      errors += Names.dns1123Label(name).map { .invalid(field, .string(name), $0) }
      if !names.insert(name).inserted { errors.append(.duplicate(field, .string(name))) }
    }
    return errors
  }

  private static func validateContainer(_ container: JSONValue, _ path: String, volumes: Set<String>) -> [FieldError] {
    var errors: [FieldError] = []
    let name = container["name"]?.string ?? ""
    if name.isEmpty {
      errors.append(.required("\(path).name"))
    } else {
      errors += Names.dns1123Label(name).map { .invalid("\(path).name", .string(name), $0) }
    }
    let image = container["image"]?.string ?? ""
    if image.isEmpty {
      errors.append(.required("\(path).image"))
    } else if image.first!.isWhitespace || image.last!.isWhitespace {
      errors.append(.invalid("\(path).image", .string(image), "must not have leading or trailing whitespace"))
    }
    for (index, port) in (container["ports"]?.array ?? []).enumerated() {
      if port["containerPort"]?.integer == 0 {
        errors.append(.required("\(path).ports[\(index)].containerPort"))
      } else {
        errors += validatePort(port["containerPort"], "\(path).ports[\(index)].containerPort")
      }
      errors += validatePort(port["hostPort"], "\(path).ports[\(index)].hostPort")
    }
    for (index, variable) in (container["env"]?.array ?? []).enumerated() {
      let field = "\(path).env[\(index)].name"
      let name = variable["name"]?.string ?? ""
      if name.isEmpty {
        errors.append(.required(field))
      } else {
        errors += Names.environmentVariable(name).map { .invalid(field, .string(name), $0) }
      }
    }
    var mounts: Set<String> = []
    for (index, mount) in (container["volumeMounts"]?.array ?? []).enumerated() {
      let field = "\(path).volumeMounts[\(index)]"
      let volume = mount["name"]?.string ?? ""
      if volume.isEmpty {
        errors.append(.required("\(field).name"))
      } else if !volumes.contains(volume) {
        errors.append(FieldError("\(field).name", .notFound, value: goQuoted(volume)))
      }
      let target = mount["mountPath"]?.string ?? ""
      if target.isEmpty {
        errors.append(.required("\(field).mountPath"))
      } else if !mounts.insert(target).inserted {
        errors.append(.invalid("\(field).mountPath", .string(target), "must be unique"))
      }
    }
    return errors
  }

  /// Only images, deadlines, new tolerations (and a grace period of less than zero) may change.
  @Sendable static func validatePodUpdate(_ pod: JSONValue, old: JSONValue) -> [FieldError] {
    for list in ["containers", "initContainers"] {
      let counts = [pod, old].map { $0[path: "spec", list]?.array?.count ?? 0 }
      if counts[0] != counts[1] {
        return [.forbidden("spec.\(list)", "pod updates may not add or remove containers")]
      }
    }
    let tolerations = pod[path: "spec", "tolerations"]?.array ?? []
    let former = old[path: "spec", "tolerations"]?.array ?? []
    var errors: [FieldError] = []
    if !former.allSatisfy(tolerations.contains) {
      errors.append(
        .forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"))
    }
    var allowed = pod["spec"] ?? .null
    let oldSpec = old["spec"] ?? .null
    for key in ["activeDeadlineSeconds", "tolerations"] { allowed[key] = oldSpec[key] }
    if oldSpec["terminationGracePeriodSeconds"]?.integer ?? 0 < 0, allowed["terminationGracePeriodSeconds"] == 1 {
      allowed["terminationGracePeriodSeconds"] = oldSpec["terminationGracePeriodSeconds"]
    }
    for list in ["containers", "initContainers"] {
      guard var containers = allowed[list]?.array, let former = oldSpec[list]?.array else { continue }
      for index in containers.indices { containers[index]["image"] = former[index]["image"] }
      allowed[list] = .array(containers)
    }
    guard allowed == oldSpec else {
      let changed =
        (allowed.object ?? [:]).keys.filter { allowed[$0] != oldSpec[$0] }
        + (oldSpec.object ?? [:]).keys.filter { allowed[$0] == nil }
      errors.append(
        .forbidden(
          "spec",
          "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
            + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"
            + "changed: \(changed.sorted().map { "spec.\($0)" }.joined(separator: ", "))"))
      return errors
    }
    return errors + validatePod(pod)
  }
}
