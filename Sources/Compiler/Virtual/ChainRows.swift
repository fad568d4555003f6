import KubernetesModel
import NetloomAPI
import NetworkTypes

extension Reader {
  /// A ServiceChain: the policies of the router that joins its networks. While something is wrong with it, OVN keeps what
  /// it has of it.
  func chainRows(_ name: NamespacedName) -> LogicalPlan? {
    guard let chain = serviceChain(name) else { return nil }
    if chain.metadata.isBeingDeleted { return LogicalPlan() }
    do throws(FindingError) {
      return LogicalPlan(fragments: try chainPlan(of: chain).fragments)
    } catch {
      return .kept([error.finding])
    }
  }

  /// A chain with everything that it names looked up, if nobody else leads its traffic.
  func chainPlan(of chain: ServiceChain) throws(FindingError) -> ChainPlan {
    let plan = try lookedUp(chain)
    if let other = rival(of: chain, plan) {
      throw FindingError(
        Finding(
          reason: ConditionReason.conflict,
          message: "ServiceChain \(other) leads traffic between the same ends; choose other ends, or delete one of them"
        ))
    }
    return plan
  }

  private func lookedUp(_ chain: ServiceChain) throws(FindingError) -> ChainPlan {
    if let error = chain.validate().first ?? chain.validate(in: self).first { throw FindingError(Finding(error)) }
    let router = try router(joining: chain)
    func port(_ network: String) -> String { "\(router)/to/\(chain.name(network))" }
    let plan = ChainPlan(
      name: chain.metadata.namespacedName, router: router.description,
      left: try end(chain.spec.left, port: port(chain.spec.left.l2Service), of: chain),
      right: try end(chain.spec.right, port: port(chain.spec.right.l2Service), of: chain),
      hops: chain.spec.functions.map { function in
        ChainPlan.Hop(
          name: function.name, left: port(function.left), right: port(function.right ?? function.left),
          instances: instances(of: function, in: chain))
      }, isBypassed: chain.spec.onFailure == .bypass)
    if let finding = plan.ambiguity { throw FindingError(finding) }
    return plan
  }

  /// The router that joins all networks of a chain; the first by name of several.
  private func router(joining chain: ServiceChain) throws(FindingError) -> NamespacedName {
    let networks = Set(chain.serviceNames)
    for network in networks.sorted() where networkView(network) == nil {
      throw FindingError(
        Finding(
          reason: ConditionReason.referenceNotFound,
          message: "L2Service \(network) does not exist, or is not on OVN; a chain needs networks that OVN carries"))
    }
    let left = names(.routersOnService(chain.name(chain.spec.left.l2Service))).compactMap { router($0) }
      .filter { !$0.metadata.isBeingDeleted }
    if let router = left.first(where: { networks.isSubset(of: $0.serviceNames) }) {
      return router.metadata.namespacedName
    }
    let missing = networks.subtracting(left.first?.serviceNames ?? []).sorted()
    throw FindingError(
      Finding(
        reason: ConditionReason.referenceNotFound,
        message: "no Router joins all networks of the chain: "
          + (left.first.map { "Router \($0.metadata.namespacedName) lacks " } ?? "there is none with ")
          + missing.map(\.description).joined(separator: ", ") + "; add them to its networks"))
  }

  private func end(
    _ end: ServiceChain.End, port: String, of chain: ServiceChain
  ) throws(FindingError) -> ChainPlan.End {
    let network = chain.name(end.l2Service)
    guard let selector = end.podSelector else {
      return ChainPlan.End(port: port, members: .network(networkView(network)?.subnets.map(\.parsed.cidr) ?? []))
    }
    let spaces = end.namespaceSelector.map { namespaces(matching: $0) } ?? [chain.metadata.namespace ?? ""]
    let interfaces = spaces.flatMap { pods(in: $0) }.flatMap { podInterfaces(of: $0) }
      .filter { $0.service == network && selector.matches($0.labels) }
    for interface in interfaces where interface.pod.namespace == chain.metadata.namespace {
      guard let function = chain.spec.functions.first(where: { $0.podSelector.matches(interface.labels) }) else {
        continue
      }
      throw FindingError(
        Finding(
          reason: ConditionReason.invalid,
          message:
            "Pod \(interface.pod) is at an end of the chain and of its function \(function.name) too, so what it "
            + "sends would come back to it; let the selectors choose different pods"))
    }
    return ChainPlan.End(port: port, members: .pods(Set(interfaces.flatMap(\.ips).map(\.address))))
  }

  /// The pods of a function that can take packets: both their interfaces are bound on their node, and nobody has asked
  /// for their deletion.
  private func instances(of function: ServiceChain.Function, in chain: ServiceChain) -> [ChainPlan.Instance] {
    let arms = [function.left, function.right ?? function.left].map(chain.name)
    return pods(in: chain.metadata.namespace ?? "").compactMap { name in
      guard let pod = pod(name), function.podSelector.matches(pod.labels), !pod.isTerminating else { return nil }
      let bound = northbound(of: WorldID(.pod, name))?.boundPorts ?? []
      let addresses = arms.map { arm in
        podInterfaces(of: name).filter { $0.service == arm && bound.contains($0.port) }.flatMap(\.ips).map(\.address)
      }
      guard addresses.allSatisfy({ !$0.isEmpty }) else { return nil }
      return ChainPlan.Instance(pod: name, left: addresses[0], right: addresses[1])
    }
  }

  /// An older chain of the same standing that leads some of the same traffic, either way round.
  private func rival(of chain: ServiceChain, _ plan: ChainPlan) -> NamespacedName? {
    names(.chainsOnService(chain.name(chain.spec.left.l2Service))).first { name in
      guard let other = serviceChain(name), other.age < chain.age, !other.metadata.isBeingDeleted else { return false }
      do throws(FindingError) {
        return try lookedUp(other).isRival(of: plan)
      } catch {
        // What is wrong with it stands in its own status.
        return false
      }
    }
  }

  /// What a function of a chain does not send by its interface on a network, but by its other one: on the left side what is
  /// for the right end, and on the right side what is for the left end.
  func destinationsOfOtherSide(of pod: PodRecord, on service: NamespacedName) -> Set<CIDR> {
    var destinations: Set<CIDR> = []
    for name in names(.chainsOnService(service)) where name.namespace == pod.name.namespace {
      guard let chain = serviceChain(name) else { continue }
      for function in chain.spec.functions where function.podSelector.matches(pod.labels) {
        let (left, right) = (chain.name(function.left), chain.name(function.right ?? function.left))
        guard left != right, service == left || service == right else { continue }
        let end = service == left ? chain.spec.right : chain.spec.left
        destinations.formUnion(networkView(chain.name(end.l2Service))?.subnets.map(\.parsed.cidr) ?? [])
      }
    }
    return destinations
  }

  /// Whether a pod's interface is one by which a function takes and gives packets that are not its own.
  func isChained(_ interface: PodInterfaceView) -> Bool {
    names(.chainsOnService(interface.service)).contains { name in
      guard name.namespace == interface.pod.namespace, let chain = serviceChain(name) else { return false }
      return chain.spec.functions.contains { function in
        function.podSelector.matches(interface.labels)
          && [function.left, function.right ?? function.left].map(chain.name).contains(interface.service)
      }
    }
  }
}

extension ServiceChain {
  /// The older comes first.
  fileprivate var age: (String, NamespacedName) { (metadata.creationTimestamp ?? "~", metadata.namespacedName) }
}

extension ChainPlan {
  /// Whether both lead packets between the same two addresses, and neither is the more special.
  fileprivate func isRival(of other: Self) -> Bool {
    router == other.router && priority == other.priority
      && ((left.overlaps(other.left) && right.overlaps(other.right))
        || (left.overlaps(other.right) && right.overlaps(other.left)))
  }

  /// Two places where packets of one direction come in by the same network: the router could not tell them apart.
  fileprivate var ambiguity: Finding? {
    for direction in Direction.allCases {
      var places = [end(direction.from).port: "the \(direction.from) end"]
      for hop in direction == .rightward ? hops : hops.reversed() {
        let port = hop.port(direction.to)
        if let other = places.updateValue("function \(hop.name)", forKey: port) {
          return Finding(
            reason: ConditionReason.invalid,
            message: "\(other) and function \(hop.name) both give packets to the router on network "
              + "\(port.dropFirst(router.count + 4)), where it cannot tell them apart; put one of them on a network of its own"
          )
        }
      }
    }
    return nil
  }
}
