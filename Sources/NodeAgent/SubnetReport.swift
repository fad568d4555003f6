import KubernetesClient
import KubernetesModel
import Logging
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// Whether networks have addresses left, as the statuses of their Subnets say at the moment of the question. Nothing is kept:
/// STATUS is asked rarely.
struct SubnetReport: PoolReport {
  let client: KubernetesClient
  let logger: Logger

  func shortage(of network: NetworkReference) async -> String? {
    do {
      return try await Shortage(subnets(of: network))?.description
    } catch {
      // An API server that does not answer is no reason to call a network exhausted.
      logger.debug("the subnets of a network are not known", metadata: ["network": "\(network)", "error": "\(error)"])
      return nil
    }
  }

  private func subnets(of network: NetworkReference) async throws -> [Subnet] {
    let name = NamespacedName(namespace: network.namespace, name: network.name)
    guard let attachment = try await client.resource(L2ServiceAttachment.self).find(name) else { return [] }
    var subnets: [Subnet] = []
    for reference in attachment.spec.l2Services {
      let name = NamespacedName(reference: reference, from: network.namespace)
      guard let service = try await client.resource(L2Service.self).find(name) else { continue }
      for reference in service.spec.subnets ?? [] {
        let name = NamespacedName(reference: reference, from: service.metadata.namespace)
        if let subnet = try await client.resource(Subnet.self).find(name) { subnets.append(subnet) }
      }
    }
    return subnets
  }
}

/// Subnets of which those of one family are all full.
struct Shortage: Sendable, Hashable, CustomStringConvertible {
  let full: [String]

  /// Nil when each family that the subnets have has an address left, as far as their statuses say.
  init?(_ subnets: [Subnet]) {
    let families = Dictionary(grouping: subnets) { (try? CIDR(parsing: $0.spec.cidr))?.network.family }
    let full = families.values.first { $0.allSatisfy { $0.status?.available == "0" } }
    guard let full else { return nil }
    self.full = full.map(\.metadata.namespacedName.description).sorted()
  }

  var description: String {
    "\(full.joined(separator: ", ")): every address is taken; add a pool or a Subnet, or delete pods that are not needed"
  }
}
