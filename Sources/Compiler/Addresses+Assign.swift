import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

extension Addresses {
  /// Notes what a pod has, before anybody gets anything new.
  ///
  /// - Returns: what has changed.
  mutating func note(_ needs: PodNeeds, at elapsed: Duration) -> Set<Fact> {
    var changed = release(needs.pod, unless: needs.uid, at: elapsed)
    for present in needs.present where present.state != .detached { changed.formUnion(restore(present, needs)) }
    return changed
  }

  /// Brings a pod's interfaces to what it needs, in one plan and so in one write:
  ///
  /// - what its annotation says is kept, and told anew where its network has other routes, name servers, MTU or VLAN;
  /// - interfaces that it no longer asks for keep their addresses until they are known to be detached;
  /// - addresses that somebody else was found to have are set aside and replaced;
  /// - what is missing is added, all of it or nothing.
  ///
  /// What all pods have has been noted before.
  ///
  /// - Returns: what the pod is to be told, and what has changed.
  mutating func assign(_ needs: PodNeeds, at time: Moment) -> (plan: PodPlan, changed: Set<Fact>) {
    var plan = PodPlan(uid: needs.uid, finding: needs.finding)
    guard needs.isReadable else { return (plan, []) }
    var changed = releaseDetached(needs, at: time.elapsed)
    let disturbed = setAside(needs, at: time, &changed)
    plan.resolved = needs.conflictsText

    var kept: [Allocation] = []
    var missing: [(need: PodNeeds.Need, isReplaced: Bool)] = []
    for present in needs.present where present.state != .detached {
      let allocation = present.allocation
      let need = present.state == .wanted ? needs.need(for: allocation) : nil
      if disturbed.contains(allocation.interface) {
        if let need { missing.append((need, true)) }
      } else if let need {
        kept.append(allocation.refreshed(by: need))
      } else {
        kept.append(allocation)
      }
    }
    // A name that another network still has is waited for.
    let taken = Set(needs.present.filter { $0.state != .detached }.map(\.allocation.interface))
    if !needs.isTerminating {
      missing += needs.interfaces.filter { !taken.contains($0.interface) }.map { ($0, false) }
    }
    do throws(FindingError) {
      kept += try add(missing, to: needs, at: time.elapsed, &changed)
    } catch {
      plan.finding = error.finding
    }
    plan.allocations = kept.sorted { needs.position(of: $0) < needs.position(of: $1) }
    return (plan, changed)
  }

  /// Notes what a pod has; also a subnet that was not known when the pod was first seen.
  private mutating func restore(_ present: PodNeeds.Present, _ needs: PodNeeds) -> Set<Fact> {
    let allocation = present.allocation
    let user = AddressOwner.interface(allocation.interface, pod: needs.pod, uid: needs.uid)
    var owner = user
    var changed: Set<Fact> = []
    if let claim = allocation.claim.map({ NamespacedName(namespace: needs.pod.namespace, name: $0) }) {
      owner = .claim(claim)
      if claims[claim]?.user == nil {
        claims[claim, default: ClaimBook()].user = user
        changed.insert(.claimed(claim))
      }
    }
    let isNews = pods[needs.pod]?.interfaces[allocation.interface] == nil
    book(allocation.interface, of: allocation.network, needs, owner, mac: allocation.mac, on: present.networks)
    for address in allocation.ips {
      guard let subnet = present.subnets.first(where: { $0.cidr?.contains(address.address) == true }) else { continue }
      let assignment = Assignment(pool: subnet.name.description, address: address.address)
      guard !allocator.assignments(of: owner).contains(assignment) else { continue }
      // What has been set aside stays there, though the pod does not say so yet.
      let isDisturbed = needs.conflicts.contains { $0.address == address.address && allocation.has($0) }
      if isDisturbed, !isNews || allocator.isSetAside(assignment) || !allocator.owners(of: assignment).isEmpty {
        continue
      }
      allocator.restore([assignment], of: owner)
      changed.insert(.addresses(subnet.name))
    }
    return changed
  }

  private mutating func book(
    _ interface: String, of network: NetworkReference, _ needs: PodNeeds, _ owner: AddressOwner, mac: MACAddress?,
    on networks: Set<WorldID>
  ) {
    let user = AddressOwner.interface(interface, pod: needs.pod, uid: needs.uid)
    var pod = pods[needs.pod] ?? PodBook(uid: needs.uid, isOfStatefulSet: needs.isOfStatefulSet)
    if let old = pod.interfaces[interface]?.mac, old != mac { hardware.remove(old, of: user) }
    pod.interfaces[interface] = InterfaceBook(network: network, owner: owner, mac: mac)
    pods[needs.pod] = pod
    if let mac { hardware.insert(mac, for: user, on: networks) }
  }

  /// Takes back what the pod neither asks for nor has any more; also what was never written on it.
  private mutating func releaseDetached(_ needs: PodNeeds, at elapsed: Duration) -> Set<Fact> {
    let present = Set(needs.present.filter { $0.state != .detached }.map(\.allocation.interface))
    var changed: Set<Fact> = []
    for (interface, entry) in pods[needs.pod]?.interfaces ?? [:] where !present.contains(interface) {
      // What is asked for and not on the pod yet is being written.
      if needs.selected.contains(.init(network: entry.network, interface: interface)) { continue }
      changed.formUnion(release(interface, of: needs.pod, at: elapsed))
    }
    return changed
  }

  /// Sets aside what somebody else was found to have.
  ///
  /// - Returns: the interfaces that have lost an address.
  private mutating func setAside(_ needs: PodNeeds, at time: Moment, _ changed: inout Set<Fact>) -> Set<String> {
    var disturbed: Set<String> = []
    for conflict in needs.conflicts {
      for present in needs.present where present.allocation.has(conflict) {
        let interface = present.allocation.interface
        guard let owner = pods[needs.pod]?.interfaces[interface]?.owner else { continue }
        for assignment in allocator.assignments(of: owner) where assignment.address == conflict.address {
          let note = SetAside(address: conflict.address, mac: conflict.mac, seen: time.timestamp)
          allocator.setAside(note, of: assignment.pool, from: owner, at: time.elapsed)
          changed.insert(assignment.fact)
          if case .claim(let claim) = owner { changed.insert(.claimed(claim)) }
        }
        disturbed.insert(interface)
      }
    }
    return disturbed
  }

  // MARK: Adding

  private mutating func add(
    _ missing: [(need: PodNeeds.Need, isReplaced: Bool)], to needs: PodNeeds, at elapsed: Duration,
    _ changed: inout Set<Fact>
  ) throws(FindingError) -> [Allocation] {
    var requests: [AllocationRequest<AddressOwner>] = []
    for (need, _) in missing { requests += try self.requests(for: need, of: needs) }
    if let clash = clash(in: missing.map(\.need)) { throw FindingError(clash) }
    let before = Set(requests.flatMap { allocator.assignments(of: $0.owner) })
    let answers: [[IPAddress]]
    do throws(IPAMError) {
      answers = try allocator.allocate(requests, at: elapsed)
    } catch {
      throw FindingError(Finding(reason: error.conditionReason, message: error.description))
    }
    let after = Set(requests.flatMap { allocator.assignments(of: $0.owner) })
    changed.formUnion(after.subtracting(before).map(\.fact))
    var next = zip(requests, answers).makeIterator()
    return missing.map { need, isReplaced in
      var addresses: [(PodNeeds.Need.Source, [IPAddress])] = []
      var isFirstUse = isReplaced
      for subnet in need.subnets {
        guard let (request, answer) = next.next() else { continue }
        addresses.append((subnet, answer))
        isFirstUse =
          isFirstUse || answer.contains { allocator.isFirstUse(Assignment(pool: request.pool, address: $0)) }
      }
      let user = AddressOwner.interface(need.interface, pod: needs.pod, uid: needs.uid)
      if let claim = need.claim, claims[claim]?.user != user {
        claims[claim, default: ClaimBook()].user = user
        changed.insert(.claimed(claim))
      }
      let mac = need.mac ?? (need.wantsMAC ? hardware.address(for: user, with: addresses.first?.1.first) : nil)
      book(
        need.interface, of: need.network, needs, need.claim.map(AddressOwner.claim) ?? user, mac: mac, on: need.networks
      )
      return Allocation(
        need, mac: mac, addresses: addresses, probe: isFirstUse && !addresses.isEmpty && !need.isOnOVN, pod: needs.uid)
    }
  }

  /// What an interface needs of each of its subnets.
  private func requests(
    for need: PodNeeds.Need, of needs: PodNeeds
  ) throws(FindingError) -> [AllocationRequest<AddressOwner>] {
    if let obstacle = need.obstacle { throw FindingError(obstacle) }
    let user = AddressOwner.interface(need.interface, pod: needs.pod, uid: needs.uid)
    if let claim = need.claim, let other = claims[claim]?.user, other != user {
      throw FindingError(.claimInUse(claim, by: other))
    }
    if let mac = need.mac, let other = hardware.user(of: mac, on: need.networks, beside: user) {
      throw FindingError(.hardwareInUse(mac, by: other, need))
    }
    for requested in need.requested {
      guard let subnet = need.subnets.first(where: { $0.parsed.cidr.contains(requested.address) }) else {
        throw FindingError(.noSubnet(for: requested.address, need))
      }
      if let length = requested.prefixLength, length != subnet.parsed.cidr.prefixLength {
        throw FindingError(.otherPrefix(requested, subnet))
      }
    }
    let identity = InterfaceIdentity(pod: "\(needs.pod)", interface: need.interface)
    return need.subnets.map { subnet in
      AllocationRequest(
        owner: need.claim.map(AddressOwner.claim) ?? user, pool: subnet.name.description,
        addresses: need.requested.map(\.address).filter(subnet.parsed.cidr.contains),
        identity: needs.isOfStatefulSet && need.claim == nil ? identity : nil)
    }
  }

  /// Two interfaces of the pod itself that ask for the same thing.
  private func clash(in needs: [PodNeeds.Need]) -> Finding? {
    for (index, need) in needs.enumerated() {
      for other in needs[..<index] {
        if let claim = need.claim, claim == other.claim { return .claimedTwice(claim, other, need) }
        if let mac = need.mac, mac == other.mac, !need.networks.isDisjoint(with: other.networks) {
          return .hardwareTwice(mac, other, need)
        }
      }
    }
    return nil
  }
}

extension IPAMError {
  var conditionReason: String {
    switch self {
    case .unknownPool: ConditionReason.referenceNotFound
    case .exhausted: ConditionReason.exhausted
    case .notAssignable: ConditionReason.invalid
    case .taken, .kept: ConditionReason.conflict
    case .setAside: ConditionReason.foreignHolder
    }
  }
}
