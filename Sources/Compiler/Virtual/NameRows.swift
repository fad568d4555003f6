import KubernetesModel
import NetloomAPI
import NetworkTypes
import OVNModel

/// The names of a virtual network, which OVN answers itself: whatever server a question is sent to, as long as it passes
/// the network's switch. `<pod>.<network>`, for every pod also `<pod>.<namespace>.<network>`, and the way back; the same for
/// NetworkPorts.
enum NetworkNames {
  /// The longest name (RFC 1035 section 2.3.4), without the root's dot.
  private static let longest = 253

  /// The names of an L2Service.
  static func table(of service: NamespacedName) -> DNSTable { DNSTable(id: service.description) }

  /// What a host adds to a network's names; nil: nothing.
  ///
  /// - Parameter names: of the host within the network; the first is what its addresses are called.
  static func records(_ names: [String], on service: NamespacedName, _ addresses: [IPAddress]) -> RowFragment? {
    let names = names.map { "\($0).\(service.name)".lowercased() }.filter { $0.utf8.count <= longest }
    guard let first = names.first, !addresses.isEmpty else { return nil }
    let listed = addresses.sorted().map(\.description).joined(separator: " ")
    var records = Dictionary(names.map { ($0, listed) }) { $1 }
    for address in addresses { records[address.reverseName] = first }
    return .adding(records, to: "records", of: DNSTable.key(table(of: service).id))
  }
}

extension Reader {
  /// The names of a pod on a network. A pod of the network's own namespace is not hidden by one of another.
  func names(of interfaces: [PodInterfaceView], on service: NamespacedName) -> RowFragment? {
    guard let pod = interfaces.first?.pod else { return nil }
    let long = "\(pod.name).\(pod.namespace ?? "")"
    let isHidden =
      pod.namespace != service.namespace
      && self.pod(NamespacedName(namespace: service.namespace, name: pod.name)) != nil
    return NetworkNames.records(
      isHidden ? [long] : [pod.name, long], on: service, interfaces.flatMap { $0.ips.map(\.address) })
  }
}

extension Reader {
  /// The names of a NetworkPort on its network. Those that a pod has, the pod keeps.
  func names(of port: NetworkPort, _ addresses: [IPAddress]) -> RowFragment? {
    let (name, service) = (port.metadata.namespacedName, port.serviceName)
    let sibling = NamespacedName(namespace: service.namespace, name: name.name)
    let isHidden = pod(sibling) != nil || sibling != name && networkPort(sibling) != nil
    let names = (isHidden ? [] : [name.name]) + (pod(name) == nil ? ["\(name.name).\(name.namespace ?? "")"] : [])
    return NetworkNames.records(names, on: service, addresses)
  }
}

extension IPAddress {
  /// What the address is called when its name is asked for (RFC 1035 section 3.5, RFC 3596 section 2.5).
  var reverseName: String {
    let (digits, width, zone) = family == .v4 ? (4, 8, "in-addr.arpa") : (32, 4, "ip6.arpa")
    let parts = (0..<digits).map { String((value >> (width * $0)) & (1 << width - 1), radix: width == 8 ? 10 : 16) }
    return (parts + [zone]).joined(separator: ".")
  }
}
