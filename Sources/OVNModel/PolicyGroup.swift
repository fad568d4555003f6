/// The ports on one switch that a policy is for. The name of their port group tells whose they are: of a rule, OVN's
/// southbound database has hardly more than its match.
public struct PolicyGroup: Sendable, Hashable {
  /// The policy's namespace.
  public var namespace: String
  /// The policy's name.
  public var policy: String
  /// The switch: `namespace/name` of an L2Service.
  public var network: String

  /// The group of a policy on a switch.
  public init(namespace: String, policy: String, network: String) {
    self.namespace = namespace
    self.policy = policy
    self.network = network
  }

  fileprivate static let mark = "netloom_"
  fileprivate static let separator = ".On."

  /// The name of the port group; those of the group's address sets begin with it. Kubernetes names have small letters,
  /// digits, `-` and, unless of namespaces, `.`, and OVN's have no `-`: so nothing is ambiguous.
  public var name: String {
    Self.mark
      + "\(namespace).\(policy)\(Self.separator)\(network)".map {
        switch $0 {
        case "-": "_"
        case "/": "."
        default: String($0)
        }
      }.joined()
  }
}

/// What rules of a policy's group are for. The raw value is their priority: dropping comes last, and what keeps an
/// interface alive at all comes first.
public enum PolicyTier: Int, Sendable, Hashable, CaseIterable {
  /// What no policy lets pass.
  case drop = 1000
  /// What a rule of the policy lets pass.
  case allow
  /// What no policy is about: addresses and neighbours.
  case upkeep
  /// New conversations from UDP port 53, which OVN itself lets through.
  case port53
}

/// What a flow of OVN decides of packets for a policy.
public struct PolicyVerdict: Sendable, Hashable {
  /// A way that packets go, as seen from the selected pods.
  public enum Direction: String, Sendable, Hashable { case ingress, egress }
  /// What becomes of them.
  public enum Action: String, Sendable, Hashable { case allow, drop }

  /// The policy's namespace.
  public var namespace: String
  /// The policy's name; nil of what is dropped: no policy of the namespace that selects the pod lets it pass, so it is
  /// the work of all of them, and OVN keeps one flow for the same of several.
  public var policy: String?
  /// The way of the packets.
  public var direction: Direction
  /// What becomes of them.
  public var action: Action
}

extension PolicyVerdict {
  /// The priorities of the logical flows that decide: OVN adds 1000 to those of rules (ovn-northd(8), `to-lport` ACLs).
  public static let flowPriorities = PolicyTier.drop.rawValue + 1000...PolicyTier.port53.rawValue + 1000

  /// By the stages in which rules are looked at; those of OVN 23.06 and newer have `_eval`.
  private static let directions: [String: Direction] = [
    "ls_out_acl": .ingress, "ls_out_acl_eval": .ingress, "ls_in_acl": .egress, "ls_in_acl_eval": .egress,
  ]

  /// Reads a Logical_Flow of the southbound database; nil when it decides nothing for a policy.
  ///
  /// - Parameters:
  ///   - stage: `stage-name` of its `external_ids`.
  ///   - match: its match: the first group or address set of ours that it names is the policy's.
  public init?(stage: String, priority: Int, match: String) {
    guard let direction = Self.directions[stage],
      let tier = PolicyTier(rawValue: priority - 1000), tier != .upkeep,
      let mark = match.firstRange(of: PolicyGroup.mark),
      let separator = match[mark.upperBound...].firstRange(of: PolicyGroup.separator)
    else { return nil }
    let name = match[mark.upperBound..<separator.lowerBound]
    guard let dot = name.firstIndex(of: ".") else { return nil }
    func unescaped(_ text: Substring) -> String { String(text.map { $0 == "_" ? "-" : $0 }) }
    self.init(
      namespace: unescaped(name[..<dot]), policy: tier == .allow ? unescaped(name[name.index(after: dot)...]) : nil,
      direction: tier == .port53 ? .ingress : direction, action: tier == .allow ? .allow : .drop)
  }
}
