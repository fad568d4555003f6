import KubernetesModel
import NetworkTypes
import TestSupport
import Testing

@testable import Compiler
@testable import CompilerTestSupport
@testable import OVNModel

@Suite("Policies")
struct PolicyPlanTests {
  @Test("what passes is what the rules of NetworkPolicy say, for any policies and packets")
  func semantics() {
    var random = SeededGenerator(seed: 11)
    var passed = 0
    var dropped = 0
    for _ in 0..<150 {
      let cluster = TestCluster.random(using: &random)
      let policies = (0..<Int.random(in: 1...4, using: &random)).map { number in
        (
          NamespacedName(namespace: TestCluster.names.randomElement(using: &random), name: "p\(number)"),
          NetworkPolicySpec.random(using: &random)
        )
      }
      var rows = WantedRows()
      for (name, spec) in policies {
        var findings: [Finding] = []
        let plan = PolicyPlan(name, spec, cluster, &findings)
        #expect(findings.isEmpty)
        _ = rows.replace(NorthboundOwner(kind: "MultiNetworkPolicy", name: "\(name)"), with: plan.fragments)
      }
      let language = MatchLanguage(rows: rows)
      for _ in 0..<80 {
        let pod = cluster.pods.randomElement(using: &random)!
        let family = [IPFamily.v4, .v6].randomElement(using: &random)!
        let network = TestCluster.networks.randomElement(using: &random)!
        let inside = pod.address(family, on: network)
        let outside = cluster.someAddress(family, using: &random)
        let direction = NetworkPolicySpec.Direction.allCases.randomElement(using: &random)!
        let isIngress = direction == .ingress
        let packet = TestPacket(
          source: isIngress ? outside : inside, destination: isIngress ? inside : outside,
          transport: [.tcp, .udp, .sctp, nil].randomElement(using: &random)!,
          port: Int.random(in: 1...12, using: &random))
        let expected = policies.passes(packet, pod, direction, outside, cluster, on: network)
        let found = language.passes(packet, port: pod.interface(on: network).port, towardsPort: isIngress)
        #expect(found == expected, "\(network) \(direction) \(packet) \(policies)")
        if expected { passed += 1 } else { dropped += 1 }
      }
    }
    #expect(passed > 1000 && dropped > 1000, "the cases are worth something")
  }

  @Test("a flow of OVN tells by its match whose rule it is")
  func verdicts() {
    let spec = NetworkPolicySpec(ingress: [.init(from: [.init(podSelector: LabelSelector())])], egress: [.init()])
    var verdicts: [PolicyVerdict: Int] = [:]
    for name in [("a-b", "c"), ("a", "b.c-d"), ("a", "b-ip4")] {
      var findings: [Finding] = []
      let plan = PolicyPlan(
        NamespacedName(namespace: name.0, name: name.1), spec, TestCluster(namespaces: [:], pods: []), &findings)
      for rule in plan.fragments where rule.key.table == .accessList {
        guard case .one(.string(let match)) = rule.columns["match"],
          case .one(.integer(let priority)) = rule.columns["priority"]
        else { continue }
        let stage = rule.columns["direction"] == .one(.string("to-lport")) ? "ls_out_acl" : "ls_in_acl"
        guard
          let verdict = PolicyVerdict(
            stage: stage, priority: Int(priority) + 1000, match: "reg0[9] == 1 && (\(match))")
        else { continue }
        verdicts[verdict, default: 0] += 1
        #expect(verdict.namespace == name.0 && (verdict.policy == name.1) == (verdict.action == .allow))
      }
    }
    // On each of two networks; towards the pods rules of two families, and dropping also where packets come from.
    let networks = TestCluster.networks.count
    for (namespace, policies) in [("a-b", ["c"]), ("a", ["b.c-d", "b-ip4"])] {
      let dropped = PolicyVerdict.Action.drop
      #expect(
        verdicts[.init(namespace: namespace, policy: nil, direction: .ingress, action: dropped)]
          == 2 * networks * policies.count)
      #expect(
        verdicts[.init(namespace: namespace, policy: nil, direction: .egress, action: dropped)]
          == networks * policies.count)
      for policy in policies {
        #expect(
          verdicts[.init(namespace: namespace, policy: policy, direction: .ingress, action: .allow)] == 2 * networks)
        #expect(verdicts[.init(namespace: namespace, policy: policy, direction: .egress, action: .allow)] == networks)
      }
    }
    #expect(verdicts.count == 4 + 6)
    for (stage, priority, match) in [
      ("ls_out_acl", 2001, "outport == @others"), ("ls_out_acl", 34000, "udp.src == 53"),
      ("ls_out_pre_acl", 2000, "outport == @netloom_a.b.On.t.x"), ("ls_out_acl", 2000, "outport == @netloom_a.b"),
    ] {
      #expect(PolicyVerdict(stage: stage, priority: priority, match: match) == nil)
    }
  }

  @Test("names of policies, their groups and sets cannot be taken for each other")
  func names() {
    let names = [
      ("a-b", "c"), ("a", "b-c"), ("a", "b.c"), ("a", "b.c-ingress0v4"), ("a-b", "c.d"), ("a", "b-c.ip4"), ("a", "b"),
      ("a", "b.on.t.left"),
    ].map { NamespacedName(namespace: $0.0, name: $0.1) }
    let block = NetworkPolicySpec.Peer(ipBlock: .init(cidr: "10.0.0.0/8"))
    let spec = NetworkPolicySpec(ingress: [.init(from: [block]), .init(from: [block])], egress: [.init(to: [block])])
    let keys = names.map { name -> Set<NorthboundKey> in
      var findings: [Finding] = []
      return Set(PolicyPlan(name, spec, TestCluster(namespaces: [:], pods: []), &findings).fragments.map(\.key))
    }
    #expect(keys.reduce(Set()) { $0.union($1) }.count == keys.map(\.count).reduce(0, +))
    for key in keys.joined() where key.table != .accessList {
      #expect(key.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") })
    }
  }

  @Test("a pod that comes changes the group and the sets, not the rules")
  func churn() throws {
    let spec = NetworkPolicySpec(ingress: [.init(from: [.init(podSelector: LabelSelector())])])
    func rows(_ count: Int) -> Set<RowFragment> {
      let pods = (0..<count).map { TestCluster.pod("a", $0, labels: [:]) }
      var findings: [Finding] = []
      return PolicyPlan(
        NamespacedName(namespace: "a", name: "p"), spec, TestCluster(namespaces: ["a": [:]], pods: pods), &findings
      ).fragments
    }
    let changed = rows(3).symmetricDifference(rows(4)).map(\.key.table)
    #expect(Set(changed) == [.portGroup, .addressSet])
  }

  @Test("what cannot be followed lets nothing pass, and says why")
  func refusals() {
    let ports: [(NetworkPolicySpec.Port, String)] = [
      (.init(port: "http"), "http is a name"), (.init(port: 0), "1 to 65535"),
      (.init(port: 80, endPort: 79), "the lower one first"), (.init(endPort: 80), "endPort without port"),
      (.init(protocol: "ICMP"), "TCP, UDP or SCTP"),
    ]
    let peers: [(NetworkPolicySpec.Peer, String)] = [
      (.init(), "either"), (.init(ipBlock: .init(cidr: "10.0.0.0/33")), "10.0.0.0/33"),
      (.init(podSelector: LabelSelector(), ipBlock: .init(cidr: "10.0.0.0/8")), "either"),
      (.init(ipBlock: .init(cidr: "10.0.0.0/8", except: ["x"])), "x"),
    ]
    let rules = ports.map { (NetworkPolicySpec.Rule(ports: [$0.0]), $0.1) } + peers.map { (.init(from: [$0.0]), $0.1) }
    for (rule, text) in rules {
      var findings: [Finding] = []
      let plan = PolicyPlan(
        NamespacedName(namespace: "a", name: "p"), NetworkPolicySpec(ingress: [rule]),
        TestCluster(namespaces: ["a": [:]], pods: []), &findings)
      #expect(findings.count == 1 && findings[0].message.contains(text), "\(findings)")
      #expect(findings.first?.message.hasPrefix("spec.ingress[0].") == true)
      let actions = plan.fragments.filter { $0.key.table == .accessList }.map { $0.columns["priority"] }
      #expect(Set(actions) == [.one(.integer(1000)), .one(.integer(1002)), .one(.integer(1003))])
    }
  }
}
