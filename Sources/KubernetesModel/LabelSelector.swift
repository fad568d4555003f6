/// Chooses objects by their labels (`metav1.LabelSelector`). An empty one chooses every object.
public struct LabelSelector: Sendable, Hashable, Codable {
  /// One condition on one label.
  public struct Requirement: Sendable, Hashable, Codable {
    /// How the label is compared.
    public enum Operator: String, Sendable, Hashable, Codable {
      /// The label is present with one of the values.
      case `in` = "In"
      /// The label is absent or has none of the values.
      case notIn = "NotIn"
      /// The label is present.
      case exists = "Exists"
      /// The label is absent.
      case doesNotExist = "DoesNotExist"
    }

    /// The label's name.
    public var key: String
    /// The comparison.
    public var `operator`: Operator
    /// What it is compared with, for `in` and `notIn`.
    public var values: [String]?

    /// A condition.
    public init(key: String, operator: Operator, values: [String]? = nil) {
      self.key = key
      self.operator = `operator`
      self.values = values
    }

    /// Whether labels meet the condition.
    public func matches(_ labels: [String: String]) -> Bool {
      switch self.operator {
      case .in: labels[key].map { (values ?? []).contains($0) } ?? false
      case .notIn: labels[key].map { !(values ?? []).contains($0) } ?? true
      case .exists: labels[key] != nil
      case .doesNotExist: labels[key] == nil
      }
    }
  }

  /// Labels that must have exactly these values.
  public var matchLabels: [String: String]?
  /// Further conditions; all must be met.
  public var matchExpressions: [Requirement]?

  /// A selector.
  public init(matchLabels: [String: String]? = nil, matchExpressions: [Requirement]? = nil) {
    self.matchLabels = matchLabels
    self.matchExpressions = matchExpressions
  }

  /// Whether labels meet every condition.
  public func matches(_ labels: [String: String]?) -> Bool {
    let labels = labels ?? [:]
    return (matchLabels ?? [:]).allSatisfy { labels[$0.key] == $0.value }
      && (matchExpressions ?? []).allSatisfy { $0.matches(labels) }
  }

  /// The form of the `labelSelector` parameter, for example `app=web,tier in (a,b),!old`; labels in order.
  public var queryString: String {
    let equalities = (matchLabels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let expressions = (matchExpressions ?? []).map { requirement in
      let values = (requirement.values ?? []).joined(separator: ",")
      return switch requirement.operator {
      case .in: "\(requirement.key) in (\(values))"
      case .notIn: "\(requirement.key) notin (\(values))"
      case .exists: requirement.key
      case .doesNotExist: "!\(requirement.key)"
      }
    }
    return (equalities + expressions).joined(separator: ",")
  }
}
