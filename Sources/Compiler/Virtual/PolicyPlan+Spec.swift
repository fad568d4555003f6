import JSON
import KubernetesModel
import NetloomAPI
import NetworkTypes
import OVNModel

/// Where a policy looks for pods.
protocol PolicySurroundings {
  /// The switches that the policy is for, by name.
  var networks: Set<String> { get }
  /// Those of these switches that packets come to from one of them with the address that they have there: itself, and what
  /// a Router joins with it.
  func networks(reachedFrom network: String) -> Set<String>
  /// The namespaces that a selector chooses.
  func namespaces(matching selector: LabelSelector) -> [String]
  /// The pods of a namespace, with their interfaces on these switches alone.
  func policyPods(in namespace: String) -> [PolicyPod]
}

/// A pod as a policy sees it.
struct PolicyPod {
  /// What selectors choose it by.
  var labels: [String: String]
  /// Its interfaces.
  var interfaces: [Interface]

  /// An interface of a pod.
  struct Interface {
    /// The switch that it is on.
    var network: String
    /// Its port there.
    var port: NorthboundKey
    var addresses: Set<IPAddress>
  }
}

extension PolicyPlan {
  /// Resolves the selectors of a policy. What of it cannot be read or followed lets nothing pass, and is found.
  init(
    _ name: NamespacedName, _ spec: NetworkPolicySpec, _ surroundings: some PolicySurroundings,
    _ findings: inout [Finding]
  ) {
    self.name = name
    ports = Dictionary(uniqueKeysWithValues: surroundings.networks.map { ($0, []) })
    rules = [:]
    let namespace = name.namespace ?? ""
    for pod in surroundings.policyPods(in: namespace) where spec.podSelector?.matches(pod.labels) ?? true {
      for interface in pod.interfaces { ports[interface.network, default: []].insert(interface.port) }
    }
    for direction in NetworkPolicySpec.Direction.allCases where spec.directions.contains(direction) {
      let (rules, field, ends) =
        direction == .ingress ? (spec.ingress, "ingress", "from") : (spec.egress, "egress", "to")
      self.rules[direction] = (rules ?? []).enumerated().map { index, rule in
        Rule(
          peers: Self.listed(direction == .ingress ? rule.from : rule.to).map { peers in
            var sum = Peers()
            for (number, peer) in peers.enumerated() {
              do throws(FindingError) {
                try sum.add(peer, of: namespace, surroundings)
              } catch {
                findings.append(error.finding.at("\(field)[\(index)].\(ends)[\(number)]"))
              }
            }
            return sum
          },
          ports: Self.listed(rule.ports).map { ports in
            ports.enumerated().compactMap { number, port in
              do throws(FindingError) { return try PortMatch(port) } catch {
                findings.append(error.finding.at("\(field)[\(index)].ports[\(number)]"))
                return nil
              }
            }
          })
      }
    }
  }

  /// An empty list stands for everything, as none does.
  private static func listed<Element>(_ list: [Element]?) -> [Element]? { list?.isEmpty == true ? nil : list }
}

extension PolicyPlan.Peers {
  fileprivate mutating func add(
    _ peer: NetworkPolicySpec.Peer, of namespace: String, _ surroundings: some PolicySurroundings
  ) throws(FindingError) {
    switch (peer.ipBlock, peer.podSelector, peer.namespaceSelector) {
    case (let block?, nil, nil):
      do throws(NetworkTypeError) {
        let except = try (block.except ?? []).map { text throws(NetworkTypeError) in try prefix(text) }
        blocks = try blocks.union(AddressSet([prefix(block.cidr)]).subtracting(AddressSet(except)))
      } catch {
        throw .closed(ConditionReason.invalid, "\(error)")
      }
    case (nil, nil, nil), (.some, _, _):
      throw .closed(ConditionReason.invalid, "write either ipBlock, or podSelector, namespaceSelector or both")
    case (nil, let pods, let namespaces):
      hasPods = true
      for namespace in namespaces.map(surroundings.namespaces(matching:)) ?? [namespace] {
        for pod in surroundings.policyPods(in: namespace) where pods?.matches(pod.labels) ?? true {
          for interface in pod.interfaces {
            for network in surroundings.networks(reachedFrom: interface.network) {
              addresses[network, default: []].formUnion(interface.addresses)
            }
          }
        }
      }
    }
  }

  /// As Kubernetes reads it: bits of a host do not count.
  private func prefix(_ text: String) throws(NetworkTypeError) -> CIDR { try InterfaceAddress(parsing: text).cidr }
}

extension PolicyPlan.PortMatch {
  fileprivate init(_ port: NetworkPolicySpec.Port) throws(FindingError) {
    guard let transport = PolicyPlan.Transport(rawValue: (port.protocol ?? "TCP").lowercased()) else {
      throw .closed(ConditionReason.invalid, "protocol \(port.protocol ?? ""): use TCP, UDP or SCTP")
    }
    self.transport = transport
    switch port.port {
    case nil, .null:
      guard port.endPort == nil else {
        throw .closed(ConditionReason.invalid, "endPort without port: name the first port too")
      }
    case .integer(let first):
      let last = Int64(port.endPort ?? Int(first))
      guard 1...65535 ~= first, first...65535 ~= last else {
        throw .closed(
          ConditionReason.invalid, "ports \(first) to \(last): use numbers of 1 to 65535, the lower one first")
      }
      ports = Int(first)...Int(last)
    default:
      throw .closed(
        ConditionReason.notSupported,
        "port \(port.port?.string ?? "") is a name, and the names of containers' ports are not looked up: use a number")
    }
  }
}

extension FindingError {
  fileprivate static func closed(_ reason: String, _ why: String) -> Self {
    Self(Finding(reason: reason, message: "lets nothing pass: \(why)"))
  }
}

extension Finding {
  /// The finding with the field that it is about.
  fileprivate func at(_ place: String) -> Self { Finding(reason: reason, message: "spec.\(place) \(message)") }
}
