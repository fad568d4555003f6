import JSON
import KubernetesModel
import Netlink
import NetworkTypes

@testable import Lab

extension Tenant {
  /// Where a pod's interface can send and receive frames.
  func point(_ pod: String, on host: String, _ carriage: DemoScenario.Carriage, interface: String = "net1") throws
    -> DemoPoint
  {
    let path = "\(cluster.lab.directory.podNamespaces(of: host))/\(namespace).\(pod)"
    return DemoPoint(
      name: pod, interface: interface, namespace: try NetworkNamespace.open(path: path), carriage: carriage)
  }

  /// Sends frames from everywhere to everywhere.
  /// - Returns: what is not as it should be, a sentence each.
  func mistakes(among points: [DemoPoint]) throws -> [String] {
    let vlans = points.reduce(into: Set<VLANID>()) { $0.formUnion($1.carriage.vlans) }
    return try Connectivity(points: points).frames(vlans: vlans.sorted()).mistakes
  }
}
