import KubernetesModel
import Testing

@testable import NetloomAPI

/// What is wrong with a ServiceChain, alone and beside others, in exact words.
@Suite struct ServiceChainValidationTests {
  private static let firewall = ServiceChain.Function(
    name: "firewall", podSelector: .init(matchLabels: ["app": "fw"]), left: "green")
  private static func chain(
    left: ServiceChain.End = .init(l2Service: "blue"), right: ServiceChain.End = .init(l2Service: "red"),
    _ functions: ServiceChain.Function...
  ) -> ServiceChain {
    ServiceChain(metadata: .inTest("chain"), spec: .init(left: left, right: right, functions: functions))
  }

  static let chains: [(ServiceChain, [String])] = [
    (chain(firewall), []),
    (chain(), ["spec.functions: Required value: traffic passes as it is without one; add a function"]),
    (
      chain(firewall, firewall),
      [#"spec.functions[1].name: Duplicate value: "firewall": another function has this name; give each its own"#]
    ),
    (
      chain(.init(name: "Fire_Wall", podSelector: .init(matchLabels: ["app": "fw"]), left: "green")),
      [
        #"spec.functions[0].name: Invalid value: "Fire_Wall": use up to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends (RFC 1123)"#
      ]
    ),
    (
      chain(right: .init(l2Service: "test/blue"), firewall),
      [
        #"spec.right.l2Service: Invalid value: "test/blue": it is the network of the left end, where traffic passes no router; name another"#
      ]
    ),
    (
      chain(.init(name: "firewall", podSelector: .init(), left: "green")),
      [
        "spec.functions[0].podSelector: Required value: an empty selector selects every pod; write the labels of the pods that are meant"
      ]
    ),
    (
      chain(.init(name: "firewall", podSelector: .init(matchLabels: ["app": "fw"]), left: "green", right: "red")),
      [
        #"spec.functions[0].right: Invalid value: "red": it is the network of the right end, so that what the function sends would enter the chain again; put the function on a network of its own"#
      ]
    ),
    (
      chain(left: .init(l2Service: "blue", namespaceSelector: .init(matchLabels: ["a": "b"])), firewall),
      ["spec.left.namespaceSelector: Forbidden: it has no effect without podSelector; leave it out"]
    ),
    (
      chain(left: .init(l2Service: "none"), firewall),
      [#"spec.left.l2Service: Not found: "none": there is no L2Service none in namespace test"#]
    ),
  ]

  @Test(arguments: chains.indices) func whatIsWrongWithAChain(index: Int) {
    VirtualWorld.check(Self.chains[index].0, Self.chains[index].1) {
      $0.services.append(L2Service(metadata: .inTest("green"), spec: .init()))
    }
  }
}
