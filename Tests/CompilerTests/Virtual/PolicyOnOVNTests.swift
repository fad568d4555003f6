import KubernetesModel
import NetworkTypes
import OVNModel
import OVSTestSupport
import TestSupport
import Testing

@testable import Compiler

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
        let receiver = cluster.pods.filter { $0.port != sender.port }.randomElement(using: &random)!
        let family = [IPFamily.v4, .v6].randomElement(using: &random)!
        let packet = TestPacket(
          source: sender.address(family), destination: receiver.address(family),
          transport: [.tcp, .udp, .sctp].randomElement(using: &random)!, port: Int.random(in: 1...12, using: &random))
        let expected =
          policies.passes(packet, sender, .egress, packet.destination, cluster)
          && policies.passes(packet, receiver, .ingress, packet.source, cluster)
        let trace = try await Command.run([
          "ovn-trace", "--db=unix:\(central.southbound)", "--minimal", "--ct=new", "--ct=new",
          "inport == \"\(sender.port)\" && eth.src == \(sender.mac) && eth.dst == \(receiver.mac) && ip.ttl == 64 && "
            + "ip\(family.rawValue).src == \(packet.source) && ip\(family.rawValue).dst == \(packet.destination) && "
            + "\(packet.transport!).dst == \(packet.port)",
        ])
        #expect(trace.contains("output(\"\(receiver.port)\")") == expected, "\(packet): \(trace)\n\(policies)")
        outcomes[expected, default: 0] += 1
      }
      #expect(outcomes[true, default: 0] > 5 && outcomes[false, default: 0] > 5, "\(outcomes)")
    }
  }

  /// A switch with the pods, and the rows, in the arguments of one call of `ovn-nbctl`.
  private static func rows(_ wanted: WantedRows, _ cluster: TestCluster) -> [String] {
    let ports = cluster.pods.map { LogicalSwitchPort.key($0.port) }
    let keys = wanted.keys
    func name(_ key: NorthboundKey) -> String { "@r\((ports + keys).firstIndex(of: key) ?? -1)" }
    var arguments = ["create", "Logical_Switch", "name=test", "ports=" + ports.map(name).joined(separator: ",")]
    for pod in cluster.pods {
      let addresses = ([pod.mac] + pod.pod.addresses.map(\.description)).joined(separator: " ")
      arguments += [
        "--", "--id=\(name(LogicalSwitchPort.key(pod.port)))", "create", "Logical_Switch_Port", "name=\"\(pod.port)\"",
        "addresses=\"\(addresses)\"",
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
    return arguments
  }
}

extension TestCluster.Member {
  fileprivate var port: String { pod.ports.first!.name }
  /// Unique, as the last octet of the address is (1 to 8).
  fileprivate var mac: String { "02:00:00:00:00:0\(address(.v4).value & 0xf)" }
  fileprivate func address(_ family: IPFamily) -> IPAddress { pod.addresses.first { $0.family == family }! }
}
