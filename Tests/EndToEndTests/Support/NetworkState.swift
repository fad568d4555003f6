import Files
import KubernetesModel
import Netlink
import NetloomAPI
import Testing

@testable import Lab

/// Everything that Netloom could have made anywhere: rows of switches, interfaces of machines, namespaces of pods,
/// objects of its own. Taken before and after, the two must be equal.
struct NetworkState: Sendable {
  private var lines: Set<String>

  static func take(_ cluster: TestCluster) async throws -> NetworkState {
    let lab = cluster.lab
    let machines = lab.topology.machines
    var lines = try await SwitchInventory.take(lab.directory, machines: machines, logger: TestCluster.logger).lines
    for machine in machines {
      let links = try NetlinkSocket(in: lab.namespace(of: machine)).links().map(\.name)
      // The reference bridge plugin makes its bridge for the first pod and keeps it, and so does Open vSwitch its device.
      lines.formUnion(links.filter { $0 != "cni0" && $0 != "ovs-netdev" }.map { "\(machine) link \($0)" })
      lines.formUnion(Files.entries(of: lab.directory.podNamespaces(of: machine)).map { "\(machine) pod \($0)" })
    }
    for kind in [NetworkAttachmentDefinition.definition, BridgeDomain.definition, NodeNetwork.definition] {
      for object in try await cluster.objects.list(kind) {
        let namespace = object[path: "metadata", "namespace"]?.string.map { "\($0)/" } ?? ""
        lines.insert("\(kind.kind) \(namespace)\(object.name) \(object["spec"]?.description ?? "")")
      }
    }
    return NetworkState(lines: lines)
  }

  /// The state must be what it was.
  static func expect(
    _ earlier: NetworkState, on cluster: TestCluster, _ title: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let difference = try await take(cluster).difference(from: earlier)
    #expect(difference.isEmpty, "\(([title] + difference).joined(separator: "\n"))", sourceLocation: sourceLocation)
  }

  /// What is there that was not, and what is not there that was.
  private func difference(from earlier: NetworkState) -> [String] {
    lines.subtracting(earlier.lines).sorted().map { "+ \($0)" }
      + earlier.lines.subtracting(lines).sorted().map { "- \($0)" }
  }
}
