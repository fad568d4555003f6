import JSON

/// What a server must know about CustomResourceDefinition objects beside storing them.
public enum CustomResourceDefinitions {
  /// The name of the version in which objects are stored.
  static func storageVersion(of crd: JSONValue) -> JSONValue? {
    (crd[path: "spec", "versions"]?.array ?? []).first { $0["storage"]?.bool == true }?["name"]
  }

  /// Whether the definition's names were accepted, so that its resources are served.
  public static func isEstablished(_ crd: JSONValue) -> Bool {
    condition("Established", of: crd)?["status"]?.string == "True"
  }

  private static func condition(_ type: String, of crd: JSONValue) -> JSONValue? {
    crd[path: "status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  /// The definition with the status that its controller gives it: accepted names, and the conditions NamesAccepted,
  /// Established and KubernetesAPIApprovalPolicyConformant.
  /// - Parameters:
  ///   - others: all other definitions; the names they were accepted under are taken.
  ///   - now: the time of transitions that happen now.
  public static func conditions(for crd: JSONValue, others: [JSONValue], now: String) -> JSONValue {
    var crd = crd
    let names = crd[path: "spec", "names"] ?? .null
    var accepted = crd[path: "status", "acceptedNames"] ?? .object([:])
    let conflict = acceptNames(names, of: crd, others: others, into: &accepted)
    crd[path: "status", "acceptedNames"] = accepted

    var conditions = crd[path: "status", "conditions"]?.array ?? []
    func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
      let former = conditions.first { $0["type"]?.string == type }
      var condition: JSONValue = [
        "type": .string(type), "status": .string(status), "reason": .string(reason), "message": .string(message),
      ]
      let isSame = former?["status"] == condition["status"]
      condition["lastTransitionTime"] = isSame ? former?["lastTransitionTime"] ?? .string(now) : .string(now)
      if let index = conditions.firstIndex(where: { $0["type"]?.string == type }) {
        conditions[index] = condition
      } else {
        conditions.append(condition)
      }
    }
    if let (reason, message) = approval(of: crd) {
      set("KubernetesAPIApprovalPolicyConformant", reason.hasPrefix("Approved") ? "True" : "False", reason, message)
    }
    if let (reason, message) = conflict {
      set("NamesAccepted", "False", reason, message)
      if condition("Established", of: crd)?["status"]?.string != "True" {
        set("Established", "False", "NotAccepted", "not all names are accepted")
      }
    } else {
      set("NamesAccepted", "True", "NoConflicts", "no conflicts found")
      set("Established", "True", "InitialNamesAccepted", "the initial names have been accepted")
    }
    crd[path: "status", "conditions"] = .array(conditions)
    return crd
  }

  /// Takes over the names that nobody else of the group has; answers the last conflict.
  private static func acceptNames(
    _ names: JSONValue, of crd: JSONValue, others: [JSONValue], into accepted: inout JSONValue
  )
    -> (String, String)?
  {
    let group = crd[path: "spec", "group"]
    let name = crd[path: "metadata", "name"]
    let taken = others.filter { $0[path: "spec", "group"] == group && $0[path: "metadata", "name"] != name }
      .compactMap { $0[path: "status", "acceptedNames"] }
    let resources = Set(
      taken.flatMap { names in
        [names["plural"], names["singular"]].compactMap { $0?.string }
          + (names["shortNames"]?.array?.compactMap(\.string) ?? [])
      })
    let kinds = Set(taken.flatMap { [$0["kind"], $0["listKind"]].compactMap { $0?.string } })
    var conflict: (String, String)?
    func accept(_ key: String, _ reason: String, _ used: Set<String>) {
      guard let value = names[key], let text = value.string, !text.isEmpty else { return }
      if used.contains(text) {
        conflict = (reason, "\(goQuoted(text)) is already in use")
      } else {
        accepted[key] = value
      }
    }
    accept("plural", "PluralConflict", resources)
    accept("singular", "SingularConflict", resources)
    let shortNames = names["shortNames"]?.array ?? []
    let clashing = shortNames.compactMap(\.string).filter(resources.contains)
    if clashing.isEmpty {
      accepted["shortNames"] = names["shortNames"]
    } else {
      conflict = ("ShortNamesConflict", clashing.map { "\(goQuoted($0)) is already in use" }.joined(separator: ", "))
    }
    accept("kind", "KindConflict", kinds)
    accept("listKind", "ListKindConflict", kinds)
    accepted["categories"] = names["categories"]
    return conflict
  }

  static let approvalAnnotation = "api-approved.kubernetes.io"

  static func isProtectedGroup(_ group: String) -> Bool {
    ["k8s.io", "kubernetes.io"].contains { group == $0 || group.hasSuffix(".\($0)") }
  }

  /// Reason and message of the condition about the approval of a protected group; nil for other groups.
  private static func approval(of crd: JSONValue) -> (String, String)? {
    guard isProtectedGroup(crd[path: "spec", "group"]?.string ?? "") else { return nil }
    let annotation = crd[path: "metadata", "annotations", approvalAnnotation]?.string ?? ""
    if annotation.isEmpty {
      return (
        "MissingAnnotation",
        "protected groups must have approval annotation \(goQuoted(approvalAnnotation)), see "
          + "https://github.com/kubernetes/enhancements/pull/1111"
      )
    }
    if annotation.hasPrefix("unapproved") { return ("UnapprovedAnnotation", "not approved: \(goQuoted(annotation))") }
    return annotation.contains("://")
      ? ("ApprovedAnnotation", "approved in \(annotation)")
      : ("InvalidAnnotation", "\(goQuoted(approvalAnnotation)) must hold a URL or begin with \"unapproved\"")
  }
}
