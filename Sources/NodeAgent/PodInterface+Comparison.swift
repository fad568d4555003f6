import Netlink
import NetworkTypes
import OpenVSwitchEngine

/// One interface of a pod as it is.
struct PodInterfaceState: Sendable, Hashable {
  var link: Link
  var addresses: Set<InterfaceAddress>
  /// The routes of the whole pod.
  var routes: [Route]
}

extension PodInterfaceState {
  /// Nil when the pod has no interface of that name. Blocks.
  init?(_ name: String, in pod: NetworkNamespace) throws(NetlinkError) {
    let socket = try NetlinkSocket(in: pod)
    guard let link = try socket.findLink(.name(name)) else { return nil }
    self.init(
      link: link, addresses: Set(try socket.addresses(of: link.index).map(\.address)), routes: try socket.routes())
  }
}

extension PodInterface {
  /// What is not as wanted, in words. What others added is none of it.
  func differences(from found: PodInterfaceState) -> [String] {
    var differences: [String] = []
    if let macAddress, found.link.macAddress != macAddress {
      differences.append("\(name) has MAC address \(found.link.macAddress?.description ?? "none"), not \(macAddress)")
    }
    if let mtu, Int(found.link.mtu) != mtu { differences.append("\(name) has MTU \(found.link.mtu), not \(mtu)") }
    if !found.link.isUp { differences.append("\(name) is down") }
    differences += addresses.filter { !found.addresses.contains($0) }.map { "\(name) lacks address \($0)" }
    for route in routes {
      let isDefault = route.destination.prefixLength == 0
      // A route by a gateway of this interface's networks is its own; others are those of other interfaces.
      let isOwn = addresses.contains { address in route.nextHop.map(address.cidr.contains) ?? false }
      let isThere = found.routes.contains { candidate in
        candidate.destination == route.destination
          // The default route may have gone to another of the pod's networks.
          && (isDefault || candidate.gateway == route.nextHop && (!isOwn || candidate.linkIndex == found.link.index))
      }
      if !isThere {
        let via = route.nextHop.map { " via \($0)" } ?? ""
        differences.append("there is no route to \(route.destination)\(via) on \(name)")
      }
    }
    return differences
  }
}

extension ObservedPort {
  /// What about the port is not as wanted, in words.
  func differences(from configuration: AttachmentConfiguration) -> [String] {
    var differences: [String] = []
    if bridge != configuration.bridge {
      differences.append("the port is on bridge \(bridge), not \(configuration.bridge)")
    }
    switch configuration.vlans {
    case .access(let vlan):
      if tag != Int(vlan.rawValue) || vlanMode ?? "access" != "access" {
        differences.append("the port is not an access port of VLAN \(vlan)")
      }
    case .trunk(let vlans, _):
      if tag != nil || self.vlans != vlans {
        let found = self.vlans?.sorted().map(\.description).joined(separator: ",") ?? "every VLAN"
        differences.append("the port carries \(found), not \(configuration.vlans)")
      }
    case .tunnel(let service, _):
      if !has(configuration.vlans) {
        differences.append(
          "the port is not a tunnel port of VLAN \(service) (vlan_mode \(vlanMode ?? "none"), tag \(tag ?? 0), "
            + "cvlans \(customerVLANs.sorted()))")
      }
    case .any:
      if !has(.any) {
        differences.append("the port has VLANs of its own (vlan_mode \(vlanMode ?? "none"), tag \(tag ?? 0))")
      }
    }
    for interface in interfaces {
      if let error = interface.error { differences.append("the switch says of \(interface.name): \(error)") }
    }
    return differences
  }

  /// What about its part in OVN is not as wanted, in words.
  func differences(from wanted: LogicalPort) -> [String] {
    guard let interface = interfaces.first else { return ["the port has no interface"] }
    guard let found = interface.logicalPort, found.name == wanted.name,
      wanted.version == nil || found.version == wanted.version
    else {
      return [
        "OVN knows the interface as \(interface.logicalPort.map { "\($0)" } ?? "none of its ports"), not as \(wanted)"
      ]
    }
    return interface.isInstalled ? [] : ["OVN has not installed port \(wanted.name)"]
  }
}
