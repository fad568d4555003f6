import KubernetesModel
import NetworkTypes
import OVNModel
import OVSTestSupport
import TestSupport
import Testing

@testable import Compiler
@testable import CompilerTestSupport

/// Policies as a real northd translates them, packet by packet.
@Suite(.enabled(if: OVNCentral.isAvailable, "\(OVNCentral.requirement)"))
struct PolicyOnOVNTests {
  @Test(.timeLimit(.minutes(2))) func packetsPassAsNetworkPolicySays() async throws {
    var random = SeededGenerator(seed: 3)
    let cluster = TestCluster.random(using: &random)
    let policies = (0..<6).map { number in
      (
        NamespacedName(namespace: TestCluster.names[number % 3], name: "p-\(number)"),
        NetworkPolicySpec.random(using: &random)
      )
    }
    var wanted = WantedRows()
    for (name, spec) in policies {
      var findings: [Finding] = []
      _ = wanted.replace(
        NorthboundOwner(kind: "MultiNetworkPolicy", name: "\(name)"),
        with: PolicyPlan(name, spec, cluster, &findings).fragments)
    }
    try await OVNCentral.with { central in
      try await Command.run(
        ["ovn-nbctl", "--db=unix:\(central.northbound())", "--timeout=20"] + Self.rows(wanted, cluster))
      try await central.nbctl("--wait=sb", "sync")
      var outcomes: [Bool: Int] = [:]
      for _ in 0..<40 {
        let sender = cluster.pods.randomElement(using: &random)!
        let network = TestCluster.networks.randomElement(using: &random)!
        let receiver = cluster.pods.filter { $0.port(network) != sender.port(network) }.randomElement(using: &random)!
        let family = [IPFamily.v4, .v6].randomElement(using: &random)!
        let packet = TestPacket(
          source: sender.address(family, on: network), destination: receiver.address(family, on: network),
          transport: [.tcp, .udp, .sctp].randomElement(using: &random)!, port: Int.random(in: 1...12, using: &random))
        let expected =
          policies.passes(packet, sender, .egress, packet.destination, cluster, on: network)
          && policies.passes(packet, receiver, .ingress, packet.source, cluster, on: network)
        let trace = try await Command.run([
          "ovn-trace", "--db=unix:\(central.southbound)", "--minimal", "--ct=new", "--ct=new",
          "inport == \"\(sender.port(network))\" && eth.src == \(sender.mac(network)) && ip.ttl == 64 && "
            + "eth.dst == \(receiver.mac(network)) && ip\(family.rawValue).src == \(packet.source) && ip\(family.rawValue).dst == \(packet.destination) && "
            + "\(packet.transport!).dst == \(packet.port)",
        ])
        #expect(
          trace.contains("output(\"\(receiver.port(network))\")") == expected,
          "\(network) \(packet): \(trace)\n\(policies)")
        outcomes[expected, default: 0] += 1
      }
      #expect(outcomes[true, default: 0] > 5 && outcomes[false, default: 0] > 5, "\(outcomes)")
    }
  }

  /// A switch of each network with the pods, and the rows, in the arguments of one call of `ovn-nbctl`.
  private static func rows(_ wanted: WantedRows, _ cluster: TestCluster) -> [String] {
    let interfaces = cluster.pods.flatMap { pod in TestCluster.networks.map { (pod, $0) } }
    let keys = wanted.keys
    let named = interfaces.map { LogicalSwitchPort.key($0.port($1)) } + keys
    func name(_ key: NorthboundKey) -> String { "@r\(named.firstIndex(of: key) ?? -1)" }
    var arguments: [String] = []
    for network in TestCluster.networks {
      let ports = interfaces.filter { $1 == network }.map { name(LogicalSwitchPort.key($0.port($1))) }
      arguments += ["--", "create", "Logical_Switch", "name=\"\(network)\"", "ports=" + ports.joined(separator: ",")]
    }
    for (pod, network) in interfaces {
      let addresses = [pod.mac(network)] + pod.interface(on: network).addresses.map(\.description)
      arguments += [
        "--", "--id=\(name(LogicalSwitchPort.key(pod.port(network))))", "create", "Logical_Switch_Port",
        "name=\"\(pod.port(network))\"", "addresses=\"\(addresses.joined(separator: " "))\"",
      ]
    }
    for key in keys {
      arguments += ["--", "--id=\(name(key))", "create", key.table.rawValue]
      for (column, value) in wanted[key]?.columns ?? [:] {
        switch value {
        case .one(.string(let text)): arguments.append("\(column)=\"\(text)\"")
        case .one(.integer(let number)): arguments.append("\(column)=\(number)")
        case .set(let atoms) where !atoms.isEmpty:
          let texts = atoms.compactMap { if case .string(let text) = $0 { "\"\(text)\"" } else { nil } }
          arguments.append("\(column)=" + texts.joined(separator: ","))
        case .references(let rows) where !rows.isEmpty:
          arguments.append("\(column)=" + rows.map(name).joined(separator: ","))
        default: break
        }
      }
      let rules = keys.filter { wanted[$0]?.parents.contains(.init(key, "acls")) == true }
      if !rules.isEmpty { arguments.append("acls=" + rules.map(name).joined(separator: ",")) }
    }
    return Array(arguments.dropFirst())
  }
}

extension TestCluster.Member {
  fileprivate func port(_ network: String) -> String { interface(on: network).port.name }
  /// Unique on the network, as the last octet of the address is (1 to 8).
  fileprivate func mac(_ network: String) -> String { "02:00:00:00:00:0\(address(.v4, on: network).value & 0xf)" }
}
