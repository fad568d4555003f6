import JSON
import KubernetesModel
import NetworkTypes

/// Collects the mistakes of one object while its fields are read.
struct Validator {
  private(set) var errors: [FieldError] = []

  mutating func add(_ error: FieldError) {
    errors.append(error)
  }

  /// The value, or nil after its error was noted.
  mutating func parse<Value: TextualValue>(_ text: String, at path: FieldPath, as: Value.Type = Value.self) -> Value? {
    do {
      return try Value(parsing: text)
    } catch {
      add(.invalid(path, .string(text), "\(error.reason); \(error.remedy)"))
      return nil
    }
  }

  /// Notes every value that stands in the list a second time.
  mutating func unique(
    _ values: [some Hashable], at path: (Int) -> FieldPath, _ text: (Int) -> JSONValue, _ hint: String
  ) {
    var seen: Set<AnyHashable> = []
    for (index, value) in values.enumerated() where !seen.insert(AnyHashable(value)).inserted {
      add(.duplicate(path(index), text(index), hint))
    }
  }

  /// An http or https URL with a host, without a user's secrets in it (RFC 3986 section 3.2.1).
  mutating func callbackURL(_ url: String?) {
    guard let url else { return }
    let path = FieldPath.spec.child("callbackURL")
    guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else {
      return add(
        .invalid(path, .string(url), "it is not an http or https URL; write one such as https://mano.example/events"))
    }
    let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.isEmpty || authority.hasPrefix(":") {
      add(.invalid(path, .string(url), "it names no host; write one such as https://mano.example/events"))
    } else if authority.contains("@") {
      add(.invalid(path, .string(url), "a user or password must not stand in a URL; leave it out"))
    } else if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) {
      add(.invalid(path, .string(url), "it has spaces or control characters; escape them with %"))
    }
  }

  /// A VLAN that can be used.
  mutating func vlan(_ number: Int, at path: FieldPath) {
    do {
      _ = try VLANID(number)
    } catch {
      add(.invalid(path, .integer(Int64(number)), "\(error.reason); \(error.remedy)"))
    }
  }

  /// Expressions whose values fit their operator (as Kubernetes validates label selectors).
  mutating func selector(_ selector: LabelSelector?, at path: FieldPath) {
    for (index, requirement) in (selector?.matchExpressions ?? []).enumerated() {
      let path = path.child("matchExpressions")[index].child("values")
      let values = requirement.values ?? []
      switch requirement.operator {
      case .in, .notIn:
        if values.isEmpty { add(.required(path, "operator \(requirement.operator.rawValue) needs at least one value")) }
      case .exists, .doesNotExist:
        if !values.isEmpty {
          add(
            .invalid(
              path, .array(values.map(JSONValue.string)),
              "operator \(requirement.operator.rawValue) takes no values; leave them out"))
        }
      }
    }
  }
}

/// A kind whose objects can be checked without looking at others.
public protocol ValidatedResource: NetloomResource {
  /// Every mistake that can be seen in this object alone, in the order of the fields.
  ///
  /// What the schema refuses already (missing fields, unknown words) is not repeated, but for VLANs and the like that
  /// the rest of the program relies on.
  func validate() -> [FieldError]
}
