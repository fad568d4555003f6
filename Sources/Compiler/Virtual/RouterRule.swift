import IPAM
import KubernetesModel
import NetloomAPI
import NetworkTypes

/// A Router, checked towards all that it names.
struct RouterView: Hashable, Sendable {
  /// What is wrong; then OVN keeps what it has of it, and pods keep their routes.
  var findings: [Finding] = []
  /// What it is made of; nil while anything is wrong.
  var input: RouterInput?
}

extension Reader {
  /// Reads and checks a Router; what depends on who has which address now is looked at with its rows.
  func computeRouter(_ name: NamespacedName) -> RouterView? {
    guard let router = router(name) else { return nil }
    guard hasOVN else { return RouterView(findings: [.noOVN("a Router")]) }
    let mistakes = router.validate(in: self)
    guard mistakes.isEmpty else { return RouterView(findings: mistakes.map(Finding.init)) }
    do throws(FindingError) {
      let input = try input(of: router)
      var findings = RouterPlan(input).findings
      if let loop = topology(around: name, input).finding(for: name) { findings.append(loop) }
      return RouterView(findings: findings, input: findings.isEmpty ? input : nil)
    } catch {
      return RouterView(findings: [error.finding])
    }
  }

  private func input(of router: Router) throws(FindingError) -> RouterInput {
    let parsed: ParsedRouter
    do throws(InvalidFields) { parsed = try router.parsed() } catch { throw FindingError(Finding(error.errors[0])) }
    var input = RouterInput(name: router.metadata.namespacedName, joinSubnets: parsed.joinSubnets)
    for network in parsed.networks {
      let view = try soundNetwork(network.service)
      input.networks.append(
        .init(
          service: network.service, subnets: view.routedSubnets, mtu: view.mtu, hasSNAT: network.snat,
          isAnnounced: network.announce,
          nodes: view.edge.flatMap { $0.isGateway ? nil : nodes($0.nodes, matching: nil) }))
    }
    if let gateway = parsed.gateway {
      let view = try soundNetwork(gateway.service)
      input.gateway = .init(
        service: gateway.service, subnets: view.routedSubnets, mtu: view.mtu, addresses: gateway.addresses,
        isPerNode: gateway.mode == .perNode, nodes: nodes(view.edge?.nodes ?? [], matching: gateway.nodeSelector),
        present: presentAddresses(of: input.name))
    }
    input.routes = parsed.routes.map { .init(destination: $0.destination, nextHops: $0.nextHops, hasBFD: $0.bfd) }
    input.floatingAddresses = parsed.floatingAddresses.map { .init(external: $0.external, internal: $0.internal) }
    return input
  }

  /// The addresses that nodes have outside, as the status tells.
  private func presentAddresses(of router: NamespacedName) -> [String: [IPAddress]] {
    guard case .router(let status)? = status(WorldID(.router, router)) else { return [:] }
    return (status.gateways ?? []).reduce(into: [:]) { addresses, gateway in
      addresses[gateway.node] = gateway.addresses.compactMap { IPAddress($0) }
    }
  }

  private func soundNetwork(_ service: NamespacedName) throws(FindingError) -> NetworkView {
    guard let view = networkView(service) else {
      throw FindingError(
        Finding(reason: ConditionReason.waitingForDependency, message: "L2Service \(service) is not on OVN yet"))
    }
    if let finding = view.findings.first { throw FindingError(finding.prefixed("L2Service \(service): ")) }
    return view
  }

  /// Those of the nodes that OVN knows and a selector chooses, sorted.
  private func nodes(_ names: [String], matching selector: LabelSelector?) -> [RouterInput.Node] {
    let chosen = selector.map { Set(nodes(matching: $0)) }
    return names.sorted().compactMap { name in
      guard chosen?.contains(name) ?? true, let chassis = chassis(of: name) else { return nil }
      return RouterInput.Node(name: name, chassis: chassis.name)
    }
  }
}

extension NetworkView {
  fileprivate var routedSubnets: [RouterInput.Subnet] {
    subnets.map { .init(name: $0.name, cidr: $0.parsed.cidr, gateway: $0.parsed.gateway) }
  }
}

// MARK: Routers that share networks

extension Reader {
  /// A Router and all that packets can come to from it, over networks that Routers share.
  private func topology(around name: NamespacedName, _ input: RouterInput) -> RouterTopology {
    var topology = RouterTopology()
    guard !input.routes.isEmpty else { return topology }
    var next: Set<NamespacedName> = [name]
    while let name = next.popFirst() {
      guard topology.routers[name] == nil, let router = router(name), let member = member(router) else { continue }
      topology.routers[name] = member
      for service in router.serviceNames { next.formUnion(names(.routersOnService(service))) }
    }
    return topology
  }

  private func member(_ router: Router) -> RouterTopology.Member? {
    let parsed: ParsedRouter
    do { parsed = try router.parsed() } catch { return nil }
    var member = RouterTopology.Member(
      addresses: [:], subnets: [],
      routes: parsed.routes.map { .init(destination: $0.destination, nextHops: $0.nextHops, hasBFD: $0.bfd) })
    for service in router.serviceNames {
      let subnets = (l2Service(service)?.subnetNames ?? []).compactMap { subnetView($0)?.parsed }
      member.subnets += subnets.map(\.cidr)
      member.addresses[service] =
        service == parsed.gateway?.service ? Set(parsed.gateway?.addresses ?? []) : Set(subnets.compactMap(\.gateway))
    }
    return member
  }

  /// The Routers that hold an L2Service: those that name it and are older than the wish to delete it.
  func routersHolding(_ service: L2Service) -> [NamespacedName] {
    names(.routersOnService(service.metadata.namespacedName)).filter { name in
      guard let deletion = service.metadata.deletionTimestamp, let router = router(name) else { return true }
      return !router.metadata.isNewer(than: deletion)
    }
  }
}
