import CNI
import JSON
import NetworkAnnotations
import NetworkTypes

extension NetworkStatus {
  /// What one attachment became (the standard, section 5.2): data of the first interface in the sandbox.
  init(_ delegate: Delegate, _ result: CNIResult, deviceInfo: JSONValue? = nil) {
    let index = result.interfaces.firstIndex { $0.sandbox?.isEmpty == false }
    let interface = index.map { result.interfaces[$0] }
    let ofInterface = result.ips.filter { $0.interface != nil && $0.interface == index }
    let ips = ofInterface.isEmpty ? result.ips.filter { ($0.interface ?? -1) < 0 } : ofInterface
    self.init(
      name: delegate.network, interface: interface?.name ?? delegate.interface, ips: ips.map(\.address.address),
      mac: interface?.macAddress, mtu: interface?.mtu, isDefault: delegate.isDefault, dns: DNS(result.dns),
      defaultRoute: delegate.defaultRoute ?? [],
      gateway: result.routes.filter { $0.destination.prefixLength == 0 }.compactMap { route in
        route.gateway ?? ips.first { $0.address.family == route.destination.family }?.gateway
      },
      deviceInfo: deviceInfo)
  }
}

extension NetworkStatus.DNS {
  /// Nil when there is nothing.
  fileprivate init?(_ dns: CNIResult.DNS) {
    guard !dns.nameservers.isEmpty || dns.domain != nil || !dns.search.isEmpty else { return nil }
    self.init(nameservers: dns.nameservers, domain: dns.domain, search: dns.search)
  }
}
