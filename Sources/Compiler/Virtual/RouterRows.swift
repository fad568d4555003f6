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

  /// The pod's port that has an address inside.
  private func holder(of address: IPAddress, in input: RouterInput) -> RouterInput.Floating.Holder? {
    guard let subnet = input.subnets.first(where: { $0.cidr.contains(address) }) else { return nil }
    for case .interface(let interface, let pod, _) in owners(of: address, in: subnet.name).compactMap(user) {
      guard let view = podInterfaces(of: pod).first(where: { $0.interface == interface }), let node = view.node,
        chassis(of: node) != nil
      else { continue }
      return .init(port: view.port, node: node)
    }
    return nil
  }

  /// What a pod's interface adds to Routers whose traffic leaves by the pod's own node: it is of the addresses that do.
  /// Where a Router has no gateway there, nothing asks for them.
  func routerMemberships(of interface: PodInterfaceView) -> Set<RowFragment> {
    guard let node = interface.node else { return [] }
    var fragments: Set<RowFragment> = []
    for router in routers(on: interface.service)
    where router.joins(interface.service) && router.spec.gateway?.mode == .perNode {
      for (family, ips) in Dictionary(grouping: interface.ips, by: \.family) {
        let set = RouterPlan.localAddresses(router.metadata.namespacedName, node: node, family)
        fragments.insert(.adding(Set(ips.map(\.address.description)), to: "addresses", of: AddressSetRow.key(set)))
      }
    }
    return fragments
  }
}
