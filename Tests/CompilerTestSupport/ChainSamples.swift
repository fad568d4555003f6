import KubernetesModel
import NetworkTypes

@testable import Compiler

extension IPFamily {
  /// An address of a network of the tests.
  func host(net: Int, _ host: Int) -> IPAddress {
    switch self {
    case .v4: IPAddress("10.\(net).0.\(host)")!
    case .v6: IPAddress("fd00:\(net)::\(String(host, radix: 16))")!
    }
  }
}

extension ChainPlan {
  /// A chain from network 1 to network 9 of `web/router`: function `n` takes on network `1 + n` and gives on `2 + n`.
  static func sample(replicas: [Int]) -> ChainPlan {
    func port(_ net: Int) -> String { "web/router/to/web/net\(net)" }
    func network(_ net: Int) -> End {
      End(port: port(net), members: .network([CIDR("10.\(net).0.0/24")!, CIDR("fd00:\(net)::/64")!]))
    }
    let hops = replicas.enumerated().map { index, count in
      let name = ["one", "two", "three"][index]
      return Hop(
        name: name, left: port(2 + index), right: port(3 + index),
        instances: (0..<count).map { replica in
          Instance(
            pod: NamespacedName(namespace: "web", name: "\(name)-\(replica)"),
            left: IPFamily.allCases.map { $0.host(net: 2 + index, 50 + replica) },
            right: IPFamily.allCases.map { $0.host(net: 3 + index, 100 + replica) })
        })
    }
    return ChainPlan(
      name: NamespacedName(namespace: "web", name: "chain"), router: "web/router", left: network(1), right: network(9),
      hops: hops, isBypassed: false)
  }
}
