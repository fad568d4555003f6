import CNI
import JSON
import NetworkAnnotations

/// The plugin of type `netloom-ipam`: tells plugins like macvlan and bridge the addresses that the operator assigned to a pod's
/// interface, so that addresses of all implementations come from the same pools (CNI 1.1.0, section 4 "Plugin delegation").
///
/// Its configuration is the main plugin's: `"ipam": {"type": "netloom-ipam", "attachment": "namespace/name"}`. What is assigned
/// goes back when the pod is deleted, so DEL and GC have nothing to do.
struct AddressHandler: CommandHandler {
  let allocations: any AllocationSource
  let pools: (any PoolReport)?

  func perform(_ request: ShimRequest) async throws -> JSONValue? {
    switch request.command {
    case "ADD":
      let network = try request.network()
      let allocation = try await allocation(for: request.attachment(), network)
      try network.runtimeConfiguration().verifyAddresses(of: allocation)
      return allocation.result.json(version: network.version)
    case "CHECK":
      let network = try request.network()
      let allocation = try await allocation(for: request.attachment(), network)
      guard let result = try network.previousResult() else {
        throw CNIError.invalidField("prevResult", nil, expected: "the result of the ADD")
      }
      let missing = allocation.ips.filter { address in !result.ips.contains { $0.address == address } }
      guard missing.isEmpty else {
        throw CNIError(
          .notAsAdded, "interface \(request.interface) has not the addresses that are assigned",
          details: "it lacks \(missing.map(\.description).joined(separator: ", ")): delete the pod to have it made anew"
        )
      }
    case "STATUS":
      try await allocations.verifyReady(for: Self.attachment(request.network()), pools)
    default:
      break
    }
    return nil
  }

  /// The network that the plugin's configuration asks addresses for.
  static func attachment(_ network: NetworkConfiguration) throws(CNIError) -> NetworkReference {
    let json = network.json[path: "ipam", "attachment"]
    guard let reference = try AttachmentConfiguration.network(json, field: "ipam.attachment") else {
      throw .invalidField("ipam.attachment", nil, expected: "the L2ServiceAttachment, as namespace/name")
    }
    return reference
  }

  private func allocation(
    for attachment: CNIAttachment, _ network: NetworkConfiguration
  ) async throws -> Allocation {
    let reference = try Self.attachment(network)
    guard let pod = PodIdentity(attachment) else {
      throw CNIError(
        .invalidEnvironment, "invalid environment variable CNI_ARGS",
        details: "it names no pod, and addresses are assigned to pods: give K8S_POD_NAMESPACE and K8S_POD_NAME")
    }
    let allocation = try await allocations.allocation(for: pod, network: reference, interface: attachment.interface)
    guard !allocation.ips.isEmpty else {
      throw CNIError(
        .invalidConfiguration, "no address is assigned to interface \(attachment.interface) on \(reference)",
        details: "give the network a Subnet, or take \"ipam\" out of the configuration")
    }
    return allocation
  }
}

extension Allocation {
  /// What an address plugin answers: no interfaces.
  fileprivate var result: CNIResult {
    CNIResult(
      ips: ips.map { address in .init(address, gateway: gateway.first { address.cidr.contains($0) }) },
      routes: routes.map { .init(to: $0.destination, via: $0.nextHop) }, dns: dns.map { CNIResult.DNS($0) } ?? .init())
  }
}

extension CNIResult.DNS {
  init(_ dns: NetworkStatus.DNS) {
    self.init(nameservers: dns.nameservers, domain: dns.domain, search: dns.search)
  }
}
