import CNI
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

extension CNIAttachment {
  /// Whether a port's marks say that it is this attachment's.
  func isMarked(_ externalIDs: [String: String]) -> Bool {
    externalIDs[PodPortMark.container] == containerID && externalIDs[PodPortMark.interface] == interface
  }
}

extension PodInterface {
  /// The interface that an ADD said it made.
  init(name: String, configuration: AttachmentConfiguration, result: CNIResult) {
    let position = result.interfaces.firstIndex { $0.name == name && $0.sandbox != nil }
    self.init(name: name, configuration: configuration, allocation: nil, needsCompleteChecksums: false)
    macAddress = position.flatMap { result.interfaces[$0].macAddress }
    addresses = result.ips.filter { $0.interface == nil || $0.interface == position }.map(\.address)
    routes = result.routes.map { .init(destination: $0.destination, nextHop: $0.gateway) }
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
    case .trunk(let vlans):
      if tag != nil || self.vlans != vlans {
        let found = self.vlans?.sorted().map(\.description).joined(separator: ",") ?? "every VLAN"
        differences.append("the port carries \(found), not \(configuration.vlans)")
      }
    }
    for interface in interfaces {
      if let error = interface.error { differences.append("the switch says of \(interface.name): \(error)") }
    }
    return differences
  }
}
