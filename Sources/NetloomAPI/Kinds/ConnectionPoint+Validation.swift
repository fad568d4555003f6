import JSON
import NetworkTypes

extension ConnectionPoint: ValidatedResource {
  public func validate() -> [FieldError] {
    var validator = Validator()
    validator.selector(spec.nodeSelector, at: FieldPath.spec.child("nodeSelector"))
    if let mtu = spec.mtu, !(68...9216).contains(mtu) {
      validator.add(.invalid(FieldPath.spec.child("mtu"), .integer(Int64(mtu)), "use 68 to 9216"))
    }
    let path = FieldPath.spec.child("interfaces")
    if spec.interfaces.isEmpty {
      validator.add(.required(path, "pods need at least one way to plug in; add an interface"))
    }
    for (index, interface) in spec.interfaces.enumerated() { interface.validate(&validator, at: path[index]) }
    checkPhysicalNetwork(&validator)
    validator.unique(
      spec.interfaces.map(\.place), at: { path[$0].child("implementation") },
      { .string(spec.interfaces[$0].implementation.rawValue) },
      "another interface has this implementation with the same bridge, uplink and resourceName; keep one")
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  /// OVN finds the bridge by the physical network, in a list `network:bridge,...` (ovn-controller(8),
  /// `ovn-bridge-mappings`).
  private func checkPhysicalNetwork(_ validator: inout Validator) {
    let ovn = spec.interfaces.filter { $0.implementation == .ovn }
    guard !ovn.isEmpty else { return }
    if let network = spec.physicalNetwork, network.contains(where: { $0 == ":" || $0 == "," }) {
      validator.add(
        .invalid(
          FieldPath.spec.child("physicalNetwork"), .string(network),
          "OVN takes no name with a colon or comma; use another for implementation ovn"))
    }
    if ovn.count > 1 {
      let second = spec.interfaces.lastIndex { $0.implementation == .ovn } ?? 0
      validator.add(
        .duplicate(
          FieldPath.spec.child("interfaces")[second].child("implementation"), "ovn",
          "a physical network is mapped to one bridge; keep one interface of implementation ovn"))
    }
  }
}

extension ConnectionPoint.Interface {
  /// What two interfaces of a ConnectionPoint may not have all in common. A pool of devices may have several uplinks.
  fileprivate var place: [String?] { [implementation.rawValue, bridge, uplink, resourceName] }

  fileprivate func validate(_ validator: inout Validator, at path: FieldPath) {
    let needed: [(field: String, value: String?)] =
      switch implementation {
      case .netloom, .ovn, .ovs, .bridge, .userspace: [("bridge", bridge)]
      case .macvlan, .ipvlan: [("uplink", uplink)]
      case .hostDevice, .sriov: [("resourceName", resourceName)]
      }
    for (field, value) in needed where value?.isEmpty ?? true {
      validator.add(.required(path.child(field), "implementation \(implementation.rawValue) needs it"))
    }
    for (index, type) in (types ?? []).enumerated() where !implementation.podInterfaceTypes.contains(type) {
      validator.add(
        .notSupported(
          path.child("types")[index], .string(type.rawValue),
          "implementation \(implementation.rawValue) can make \(implementation.podInterfaceTypes.listed)"))
    }
    if let bridge, bridge == uplink {
      validator.add(
        .invalid(
          path.child("uplink"), .string(bridge), "it is the bridge itself; name the node's interface behind the bridge")
      )
    }
  }
}

extension ConnectionPoint.Spec {
  /// How an attachment is made on a connection point.
  public struct Choice: Sendable, Hashable {
    /// The interface of the connection point.
    public let interface: ConnectionPoint.Interface
    /// What the pod gets to see.
    public let podInterfaceType: PodInterfaceType
  }

  /// The first interface that can do what the attachment asks for, with the first type where none is asked for; nil
  /// when none can.
  public func choice(for attachment: L2ServiceAttachment.Spec) -> Choice? {
    for interface in interfaces {
      guard attachment.implementation == nil || attachment.implementation == interface.implementation,
        interface.implementation.can(attachment)
      else { continue }
      let types = interface.supportedTypes
      if let type = types.first(where: { attachment.podInterfaceType == nil || attachment.podInterfaceType == $0 }) {
        return Choice(interface: interface, podInterfaceType: type)
      }
    }
    return nil
  }

  /// The MTU in force.
  public var effectiveMTU: Int { mtu ?? ConnectionPoint.defaultMTU }
}

extension Collection where Element: RawRepresentable<String> {
  /// `kernel, dpdk`
  var listed: String { map(\.rawValue).joined(separator: ", ") }
}
