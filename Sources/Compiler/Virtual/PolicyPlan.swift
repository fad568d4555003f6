import KubernetesModel
import NetworkTypes
import OVNModel

/// A MultiNetworkPolicy with its selectors resolved, as rows of OVN: on each switch a group of the selected pods' ports,
/// whose rules drop what no rule of any policy lets pass. Whom a rule is about stands in address sets, so that pods which
/// come and go change sets and never rules. Switches that no Router joins share nothing: an address on one may be another's
/// on the next.
///
/// Several policies for a pod unite: what one lets pass outranks what another drops.
struct PolicyPlan: Hashable, Sendable {
  /// The policy.
  var name: NamespacedName
  /// The switches that it is for, by name, with the ports of the interfaces that it is for.
  var ports: [String: Set<NorthboundKey>]
  /// What passes, for each direction that it restricts.
  var rules: [NetworkPolicySpec.Direction: [Rule]]

  /// One kind of traffic that passes.
  struct Rule: Hashable, Sendable {
    /// The other ends; nil: any.
    var peers: Peers?
    /// The ports that are sent to; nil: any, also of what has no ports.
    var ports: [PortMatch]?
  }

  /// Other ends.
  struct Peers: Hashable, Sendable {
    /// Of pods, by the switch that their packets come to. They stay single, so that a pod that comes or goes is one entry.
    var addresses: [String: Set<IPAddress>] = [:]
    /// Of address blocks, on every switch.
    var blocks = AddressSet()
    /// Whether pods can be among them, now or later.
    var hasPods = false
  }

  /// The ports of one transport protocol.
  struct PortMatch: Hashable, Sendable {
    var transport: Transport
    /// nil: all of them.
    var ports: ClosedRange<Int>?
  }

  /// Transport protocols as OVN calls them.
  enum Transport: String, Hashable, Sendable { case tcp, udp, sctp }
}

extension PolicyPlan {
  /// The rows.
  var fragments: Set<RowFragment> {
    ports.reduce(into: []) { rows, entry in
      let (network, ports) = entry
      var group = PortGroup(
        name: PolicyGroup(namespace: name.namespace ?? "", policy: name.name, network: network).name)
      group.ports = ports
      rows.insert(group.fragment)
      for (direction, rules) in rules { rows.formUnion(self.rows(group.name, network, direction, rules)) }
      if rules[.ingress] != nil { rows.insert(port53(group.name)) }
    }
  }

  /// Where a switch has names, OVN lets through to every port what comes from UDP port 53, above the priority that any rule
  /// can have (ovn-northd(8), Egress Table `to-lport` ACLs): so nobody may begin a conversation from there. What comes by a
  /// router or a physical network is not tracked when it enters the switch, and cannot be told from an answer.
  private func port53(_ group: String) -> RowFragment {
    let ends = [IPFamily.v4, .v6].map { "ip\($0.rawValue).dst == $\(group)_ip\($0.rawValue)" }
    return AccessRule(
      id: "\(group)/port53", of: PortGroup.key(group), .fromPort, priority: PolicyTier.port53.rawValue,
      match: "ct.new && udp.src == 53 && (\(ends.joined(separator: " || ")))", action: .drop
    ).fragment
  }

  private func rows(
    _ group: String, _ network: String, _ direction: NetworkPolicySpec.Direction, _ rules: [Rule]
  ) -> Set<RowFragment> {
    func access(_ id: String, _ tier: PolicyTier, _ terms: [String], _ action: AccessRule.Action) -> RowFragment {
      AccessRule(
        id: "\(group)/\(direction.rawValue)/\(id)", of: PortGroup.key(group), direction.ofPort,
        priority: tier.rawValue, match: (["\(direction.portField) == @\(group)"] + terms).joined(separator: " && "),
        action: action
      ).fragment
    }
    // `allow-related` makes the switch track connections, so that what answers to what passed the other way passes.
    var rows: Set = [
      access("upkeep", .upkeep, ["(\(direction.upkeep))"], .allowRelated), access("drop", .drop, [], .drop),
    ]
    for (index, rule) in rules.enumerated() {
      let ports = rule.ports.map { [$0.map(\.match).joined(separator: " || ")] } ?? []
      guard ports != [""] else { continue }
      let portTerms = ports.map { rule.ports?.count == 1 ? $0 : "(\($0))" }
      guard let peers = rule.peers else {
        rows.insert(access("\(index)", .allow, portTerms, .allowRelated))
        continue
      }
      for family in [IPFamily.v4, .v6] {
        guard let addresses = peers.texts(family, on: network) else { continue }
        var set = AddressSetRow(name: "\(group).\(direction.rawValue)\(index)v\(family.rawValue)")
        set.addresses = addresses
        rows.insert(set.fragment)
        let term = "ip\(family.rawValue).\(direction.peerField) == $\(set.name)"
        rows.insert(access("\(index)/\(family)", .allow, [term] + portTerms, .allowRelated))
      }
    }
    return rows
  }
}

extension PolicyPlan.Peers {
  /// The entries of the address set of a family on a switch; nil: there can be none.
  fileprivate func texts(_ family: IPFamily, on network: String) -> Set<String>? {
    let prefixes = blocks.ranges.filter { $0.family == family }.flatMap(\.prefixes)
    guard hasPods || !prefixes.isEmpty else { return nil }
    let pods = addresses[network, default: []].filter { $0.family == family }
    return Set(pods.map(\.description) + prefixes.map(\.description))
  }
}

extension PolicyPlan.PortMatch {
  /// In OVN's language.
  fileprivate var match: String {
    guard let ports else { return transport.rawValue }
    return ports.count == 1
      ? "\(transport).dst == \(ports.lowerBound)" : "\(ports.lowerBound) <= \(transport).dst <= \(ports.upperBound)"
  }
}

extension NetworkPolicySpec.Direction {
  /// As OVN calls it, as seen from the port.
  fileprivate var ofPort: RateLimit.Direction { self == .ingress ? .toPort : .fromPort }
  /// The field that has the selected pod's port.
  fileprivate var portField: String { self == .ingress ? "outport" : "inport" }
  /// The field that has the other end's address.
  fileprivate var peerField: String { self == .ingress ? "src" : "dst" }

  /// What no policy is about: without it there is no address and no neighbour. ARP (RFC 826), neighbour discovery
  /// (RFC 4861), who listens to which group (RFC 3810; OVN lets it pass by itself where connections are tracked), and
  /// DHCP (RFC 2131, RFC 8415) between clients and servers.
  fileprivate var upkeep: String {
    let neighbours = "arp || nd || nd_rs || nd_ra || mldv1 || mldv2"
    let (source, destination, source6, destination6) = self == .ingress ? (67, 68, 547, 546) : (68, 67, 546, 547)
    return neighbours + " || (ip4 && udp.src == \(source) && udp.dst == \(destination))"
      + " || (ip6 && udp.src == \(source6) && udp.dst == \(destination6))"
  }
}
