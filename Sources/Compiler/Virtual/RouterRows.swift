import IPAM
import KubernetesModel
import NetloomAPI
import NetworkTypes
import OVNModel

extension Reader {
  /// A Router: it, its gateways, and what they do.
  func routerRows(_ name: NamespacedName) -> LogicalPlan? {
    guard let router = router(name), let view = routerView(name) else { return nil }
    guard !router.metadata.isBeingDeleted else { return LogicalPlan() }
    guard var input = view.input else { return .kept(view.findings) }
    if let finding = takenAddress(of: input) { return .kept([finding]) }
    for index in input.floatingAddresses.indices {
      input.floatingAddresses[index].holder = holder(of: input.floatingAddresses[index].internal, in: input)
    }
    return LogicalPlan(fragments: RouterPlan(input).fragments)
  }

  /// An address outside that a pod had before the router asked for it.
  private func takenAddress(of input: RouterInput) -> Finding? {
    guard let gateway = input.gateway else { return nil }
    let claimed =
      gateway.addresses.map { ("spec.gateway.addresses", $0) }
      + input.floatingAddresses.map { ("spec.floatingAddresses", $0.external) }
    for (field, address) in claimed {
      guard let subnet = gateway.subnets.first(where: { $0.cidr.contains(address) }),
        let owner = owners(of: address, in: subnet.name).first
      else { continue }
      return Finding(
        reason: ConditionReason.conflict,
        message: "\(field): \(address) is in use by \(owner); use another address, or wait until that is gone")
    }
    return nil
  }

  /// The port, of a pod or of what is none, that has an address inside.
  private func holder(of address: IPAddress, in input: RouterInput) -> RouterInput.Floating.Holder? {
    guard let subnet = input.subnets.first(where: { $0.cidr.contains(address) }) else { return nil }
    return owners(of: address, in: subnet.name).lazy.compactMap(user).compactMap(holder).first {
      self.chassis(of: $0.node) != nil
    }
  }

  /// Where an owner of addresses is; nil: that is not known.
  private func holder(_ owner: AddressOwner) -> RouterInput.Floating.Holder? {
    switch owner {
    case .interface(let interface, let pod, _):
      guard let view = podInterfaces(of: pod).first(where: { $0.interface == interface }) else { return nil }
      return view.node.map { .init(port: view.port, node: $0) }
    case .port(let name, _):
      guard let port = networkPort(name), let logicalPort = boundPort(of: port) else { return nil }
      return node(of: port).map { .init(port: logicalPort, node: $0) }
    case .claim: return nil
    }
  }

  /// What addresses on a network add to Routers whose traffic leaves by the node that the addresses are on: they are among
  /// those that do. Where a Router has no gateway there, nothing asks for them.
  func routerMemberships(
    of addresses: [InterfaceAddress], on service: NamespacedName, at node: @autoclosure () -> String?
  ) -> Set<RowFragment> {
    let routers = routers(on: service).filter { $0.joins(service) && $0.spec.gateway?.mode == .perNode }
    // Where no Router asks, it is not looked where it is.
    guard !routers.isEmpty, let node = node() else { return [] }
    var fragments: Set<RowFragment> = []
    for router in routers {
      for (family, ips) in Dictionary(grouping: addresses, by: \.family) {
        let set = RouterPlan.localAddresses(router.metadata.namespacedName, node: node, family)
        fragments.insert(.adding(Set(ips.map(\.address.description)), to: "addresses", of: AddressSetRow.key(set)))
      }
    }
    return fragments
  }
}
