import CNI
import NetworkAnnotations
import NetworkTypes

/// One interface of a pod as it is wanted.
struct PodInterface: Sendable, Hashable {
  var name: String
  /// Nil: whatever the kernel picks.
  var macAddress: MACAddress?
  /// In bytes; nil: whatever it is.
  var mtu: Int?
  var addresses: [InterfaceAddress]
  var gateways: [IPAddress]
  var routes: [Allocation.Route]
  /// Whether what the pod sends must be complete, because the switch forwards in userspace.
  var needsCompleteChecksums: Bool

  init(
    name: String, configuration: AttachmentConfiguration, allocation: Allocation?, needsCompleteChecksums: Bool
  ) {
    self.name = name
    macAddress = allocation?.mac
    mtu = configuration.mtu ?? allocation?.mtu
    addresses = allocation?.ips ?? []
    gateways = allocation?.gateway ?? []
    routes = allocation?.routes ?? []
    self.needsCompleteChecksums = needsCompleteChecksums
  }

  /// What ADD answers.
  func result(hostEnd: String, macAddress: MACAddress?, sandbox: String) -> CNIResult {
    CNIResult(
      interfaces: [
        .init(name: hostEnd), .init(name: name, macAddress: macAddress, sandbox: sandbox),
      ],
      ips: addresses.map { address in
        let gateway = gateways.first { address.cidr.contains($0) }
        return .init(address, gateway: gateway, interface: 1)
      },
      routes: routes.map { .init(to: $0.destination, via: $0.nextHop) })
  }
}
