import CNI
import NetworkAnnotations
import NetworkTypes

/// One interface of a pod as it is wanted.
struct PodInterface: Sendable, Hashable {
  var name: String
  /// Nil: whatever it is.
  var macAddress: MACAddress?
  /// In bytes; nil: whatever it is.
  var mtu: Int?
  var addresses: [InterfaceAddress]
  var gateways: [IPAddress]
  var routes: [Allocation.Route]
  var dns: NetworkStatus.DNS?
  /// Whether what the pod sends must be complete, because the switch forwards in userspace.
  var needsCompleteChecksums: Bool

  /// What the operator assigned and the runtime asks for. The allocation is the authority: the runtime may ask for what is in
  /// it, and for what it wants where there is none. Fails with the field that disagrees.
  init(
    name: String, configuration: AttachmentConfiguration, allocation: Allocation?, runtime: RuntimeConfiguration,
    needsCompleteChecksums: Bool
  ) throws(CNIError) {
    self.name = name
    self.needsCompleteChecksums = needsCompleteChecksums
    mtu = configuration.mtu ?? allocation?.mtu
    macAddress = allocation?.mac ?? runtime.macAddress
    addresses = allocation?.ips ?? []
    gateways = allocation?.gateway ?? []
    routes = allocation?.routes ?? []
    dns = allocation?.dns
    if let asked = runtime.macAddress, asked != macAddress {
      throw .disagreement("mac", asked: asked, interface: name, assigned: macAddress.map { [$0] } ?? [])
    }
    if let allocation {
      try runtime.verifyAddresses(of: allocation)
    } else {
      for (position, asked) in runtime.ips.enumerated() { addresses.append(try asked.interfaceAddress(position)) }
    }
  }

  /// The interface that an ADD said it made. Addresses without an interface are its own when there is no other in the
  /// container.
  init(name: String, configuration: AttachmentConfiguration, result: CNIResult) {
    let position = result.interfaces.firstIndex { $0.name == name && $0.sandbox != nil }
    let isOnly = result.interfaces.count { $0.sandbox != nil } <= 1
    self.name = name
    macAddress = position.flatMap { result.interfaces[$0].macAddress }
    mtu = configuration.mtu ?? position.flatMap { result.interfaces[$0].mtu }
    addresses = result.ips.filter { $0.interface.map { $0 == position } ?? isOnly }.map(\.address)
    gateways = []
    routes = result.routes.map { .init(destination: $0.destination, nextHop: $0.gateway) }
    needsCompleteChecksums = false
  }

  /// What ADD answers: what earlier plugins of the list made, and this interface.
  func result(hostEnd: String, sandbox: String, after previous: CNIResult?) -> CNIResult {
    var result = previous ?? CNIResult()
    let position = result.interfaces.count + 1
    result.interfaces += [
      .init(name: hostEnd, mtu: mtu), .init(name: name, macAddress: macAddress, sandbox: sandbox, mtu: mtu),
    ]
    result.ips += addresses.map { address in
      .init(address, gateway: gateways.first { address.cidr.contains($0) }, interface: position)
    }
    result.routes += routes.map { .init(to: $0.destination, via: $0.nextHop) }
    if let dns { result.dns = .init(dns) }
    return result
  }
}

extension RuntimeConfiguration {
  /// Fails when an address is asked for that is not among those that are assigned.
  func verifyAddresses(of allocation: Allocation) throws(CNIError) {
    for asked in ips where !allocation.ips.contains(where: { asked.matches($0) }) {
      throw .disagreement("ips", asked: asked, interface: allocation.interface, assigned: allocation.ips)
    }
  }
}

extension RuntimeConfiguration.RequestedAddress {
  fileprivate func matches(_ assigned: InterfaceAddress) -> Bool {
    address == assigned.address && (prefixLength ?? assigned.prefixLength) == assigned.prefixLength
  }

  fileprivate func interfaceAddress(_ position: Int) throws(CNIError) -> InterfaceAddress {
    guard let prefixLength, let whole = try? InterfaceAddress(address: address, prefixLength: prefixLength) else {
      throw .invalidField(
        "runtimeConfig.ips[\(position)]", .string(description),
        expected: "an address with its prefix length, as \(address)/24: no operator assigned one")
    }
    return whole
  }
}

extension CNIError {
  fileprivate static func disagreement(
    _ field: String, asked: some CustomStringConvertible, interface: String, assigned: [some CustomStringConvertible]
  ) -> CNIError {
    let found = assigned.isEmpty ? "none" : assigned.map(\.description).joined(separator: ", ")
    return CNIError(
      .invalidConfiguration, "invalid field \"runtimeConfig.\(field)\" in the network configuration",
      details: "\(asked) is asked for interface \(interface), and the operator assigned \(found): ask for it in the "
        + "pod's annotation k8s.v1.cni.cncf.io/networks when the pod is created")
  }
}
