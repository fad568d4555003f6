import KubernetesModel
import NetworkTypes
import OVNModel
import TestSupport

@testable import Compiler

/// Pods for policies. Each has an interface on both of two networks that have the same addresses: whose an address is
/// depends on the network.
struct TestCluster: PolicySurroundings {
  struct Member {
    var namespace: String
    var pod: PolicyPod
  }

  static let names = ["a", "b", "c"]
  static let networks = ["t/left", "t/right"]
  var networks: Set<String> { Set(Self.networks) }
  var namespaces: [String: [String: String]]
  var pods: [Member]

  func networks(reachedFrom network: String) -> Set<String> { [network] }

  func namespaces(matching selector: LabelSelector) -> [String] {
    namespaces.filter { selector.matches($0.value) }.keys.sorted()
  }

  func policyPods(in namespace: String) -> [PolicyPod] { pods.filter { $0.namespace == namespace }.map(\.pod) }

  static func pod(_ namespace: String, _ number: Int, labels: [String: String]) -> Member {
    let interfaces = networks.enumerated().map { index, network in
      let address = (number + 3 * index) % 8 + 1
      return PolicyPod.Interface(
        network: network, port: LogicalSwitchPort.key("\(namespace)/\(number)/net\(index)"),
        addresses: Set(["10.0.0.\(address)", "fd00::\(address)"].map { try! IPAddress(parsing: $0) }))
    }
    return Member(namespace: namespace, pod: PolicyPod(labels: labels, interfaces: interfaces))
  }

  static func random(using random: inout SeededGenerator) -> Self {
    var namespaces: [String: [String: String]] = [:]
    for name in names { namespaces[name] = labels(using: &random) }
    let pods = (0..<8).map { pod(names.randomElement(using: &random)!, $0, labels: labels(using: &random)) }
    return Self(namespaces: namespaces, pods: pods)
  }

  static func labels(using random: inout SeededGenerator) -> [String: String] {
    var labels: [String: String] = [:]
    for key in ["x", "y"] where Bool.random(using: &random) { labels[key] = ["1", "2"].randomElement(using: &random) }
    return labels
  }

  /// Of a pod, or of nobody near one.
  func someAddress(_ family: IPFamily, using random: inout SeededGenerator) -> IPAddress {
    let number = Int.random(in: 1...16, using: &random)
    return try! IPAddress(parsing: family == .v4 ? "10.0.0.\(number)" : "fd00::\(number)")
  }
}

extension TestCluster.Member {
  func interface(on network: String) -> PolicyPod.Interface { pod.interfaces.first { $0.network == network }! }

  func address(_ family: IPFamily, on network: String) -> IPAddress {
    interface(on: network).addresses.first { $0.family == family }!
  }
}

extension [(NamespacedName, NetworkPolicySpec)] {
  /// What Kubernetes says of NetworkPolicies, on one network: a pod that no policy selects for a direction is open in it; one that is
  /// selected takes what any rule of any of the policies allows.
  func passes(
    _ packet: TestPacket, _ pod: TestCluster.Member, _ direction: NetworkPolicySpec.Direction, _ other: IPAddress,
    _ cluster: TestCluster, on network: String
  ) -> Bool {
    let selecting = filter { name, spec in
      let types = spec.policyTypes ?? (spec.egress?.isEmpty == false ? [.ingress, .egress] : [.ingress])
      return name.namespace == pod.namespace && types.contains(direction) && spec.podSelector!.matches(pod.pod.labels)
    }
    if selecting.isEmpty { return true }
    return selecting.contains { name, spec in
      (direction == .ingress ? spec.ingress : spec.egress)?.contains { rule in
        let peers = (direction == .ingress ? rule.from : rule.to) ?? []
        return (peers.isEmpty || peers.contains { $0.includes(other, name, cluster, network) })
          && (rule.ports?.isEmpty != false || rule.ports!.contains { $0.includes(packet) })
      } ?? false
    }
  }
}

extension NetworkPolicySpec.Peer {
  fileprivate func includes(_ address: IPAddress, _ policy: NamespacedName, _ cluster: TestCluster, _ network: String)
    -> Bool
  {
    if let ipBlock {
      return try! CIDR(parsing: ipBlock.cidr).contains(address)
        && !(ipBlock.except ?? []).contains { try! CIDR(parsing: $0).contains(address) }
    }
    guard let holder = cluster.pods.first(where: { $0.interface(on: network).addresses.contains(address) }) else {
      return false
    }
    let isInNamespace =
      namespaceSelector.map { $0.matches(cluster.namespaces[holder.namespace]) }
      ?? (holder.namespace == policy.namespace)
    return isInNamespace && podSelector?.matches(holder.pod.labels) != false
  }
}

extension NetworkPolicySpec.Port {
  fileprivate func includes(_ packet: TestPacket) -> Bool {
    guard packet.transport?.rawValue.uppercased() == self.protocol ?? "TCP" else { return false }
    guard let first = port?.integer else { return true }
    return packet.port >= first && packet.port <= Int64(endPort ?? Int(first))
  }
}

extension NetworkPolicySpec {
  static func random(using random: inout SeededGenerator) -> Self {
    func some<T>(_ make: (inout SeededGenerator) -> T) -> [T]? {
      let count = Int.random(in: -1...2, using: &random)
      return count < 0 ? nil : (0..<count).map { _ in make(&random) }
    }
    let ingress = some { Rule(ports: Port.some(using: &$0), from: Peer.some(using: &$0)) }
    let egress = some { Rule(ports: Port.some(using: &$0), to: Peer.some(using: &$0)) }
    return Self(
      podSelector: .random(using: &random),
      policyTypes: [nil, [.ingress], [.egress], [.ingress, .egress]].randomElement(using: &random)!,
      ingress: ingress, egress: egress)
  }
}

extension LabelSelector {
  fileprivate static func random(using random: inout SeededGenerator) -> Self {
    let key = ["x", "y"].randomElement(using: &random)!
    let one = Requirement(
      key: key, operator: [.in, .notIn, .exists, .doesNotExist].randomElement(using: &random)!, values: ["1"])
    return [
      Self(), Self(matchLabels: [key: "1"]), Self(matchExpressions: [one]),
      Self(matchLabels: ["x": "2"], matchExpressions: [one]),
    ].randomElement(using: &random)!
  }
}

extension NetworkPolicySpec.Peer {
  fileprivate static func some(using random: inout SeededGenerator) -> [Self]? {
    let blocks: [NetworkPolicySpec.IPBlock] = [
      .init(cidr: "0.0.0.0/0"), .init(cidr: "10.0.0.0/29", except: ["10.0.0.4/31", "10.0.0.1/32"]),
      .init(cidr: "::/0", except: ["fd00::/125"]), .init(cidr: "fd00::8/125"),
    ]
    let count = Int.random(in: -1...2, using: &random)
    return count < 0
      ? nil
      : (0..<count).map { _ in
        switch Int.random(in: 0...3, using: &random) {
        case 0: Self(podSelector: .random(using: &random))
        case 1: Self(namespaceSelector: .random(using: &random))
        case 2: Self(podSelector: .random(using: &random), namespaceSelector: .random(using: &random))
        default: Self(ipBlock: blocks.randomElement(using: &random))
        }
      }
  }
}

extension NetworkPolicySpec.Port {
  fileprivate static func some(using random: inout SeededGenerator) -> [Self]? {
    let count = Int.random(in: -2...2, using: &random)
    return count < 0
      ? nil
      : (0..<count).map { _ in
        let first = Int64.random(in: 1...8, using: &random)
        return Self(
          protocol: [nil, "TCP", "UDP", "SCTP"].randomElement(using: &random)!,
          port: [nil, .integer(first)].randomElement(using: &random)!, endPort: nil
        ).ranged(using: &random)
      }
  }

  private func ranged(using random: inout SeededGenerator) -> Self {
    guard let first = port?.integer, Bool.random(using: &random) else { return self }
    var copy = self
    copy.endPort = Int(first) + Int.random(in: 0...4, using: &random)
    return copy
  }
}
