/// How well it is known where ports of OVN are.
public enum SouthboundState: Sendable, Hashable {
  /// Not at all: nobody reads the southbound database, or it has not answered yet, for the reason if there is one.
  case unknown(String?)
  /// Where each is now.
  case followed
  /// Where each was when the database was heard of last; with the reason why it is not any more.
  case outdated(String)

  /// Whether a port that nothing is known of is nowhere.
  public var isKnown: Bool { if case .unknown = self { false } else { true } }

  /// Why it is not known as well as it should be, for people.
  var outage: String? {
    switch self {
    case .unknown(let reason): reason
    case .followed: nil
    case .outdated(let reason): reason
    }
  }
}

/// Where a port of OVN is.
enum PortPlace: Hashable, Sendable {
  /// That is not known.
  case unknown
  /// No node has taken it up.
  case nowhere
  /// A chassis has it, which is a node or, where there is none of that chassis, something else.
  case on(chassis: String, node: String?)

  /// The node, if it is known to be on one.
  var node: String? { if case .on(_, let node) = self { node } else { nil } }
}
