import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// What a pod is told.
struct PodPlan: Hashable, Sendable {
  /// Unique over time.
  var uid: String
  /// Its interfaces; nil: they stay as they are.
  var allocations: [Allocation]?
  /// The annotation of conflicts that has been dealt with.
  var resolved: String?
  /// Why an interface has no address, or none at all.
  var finding: Finding?
}

extension PodPlan {
  /// What has to be done so that the pod says what is planned.
  func actions(_ name: NamespacedName, observed: PodRecord?) -> [Action] {
    guard let observed, observed.uid == uid, let allocations else { return [] }
    let isTold = observed.allocations.map { $0 == Allocation.text(of: allocations) } ?? allocations.isEmpty
    let isResolved = resolved == nil || observed.conflicts != resolved
    return isTold && isResolved ? [] : [.allocate(pod: name, uid: uid, allocations, resolving: resolved)]
  }

  /// What people are told of the pod.
  func announcement(_ name: NamespacedName) -> Action? {
    finding.map {
      .announce(
        Announcement(
          subject: WorldID(.pod, name), uid: uid, isWarning: true, reason: $0.reason, message: $0.message))
    }
  }
}

extension Allocation {
  /// What an interface is told of its networks.
  init(
    _ need: PodNeeds.Need, mac: MACAddress?, addresses: [(subnet: PodNeeds.Need.Source, addresses: [IPAddress])],
    probe: Bool, pod: String
  ) {
    self.init(
      network: need.network, interface: need.interface, mac: mac, probe: probe, claim: need.claim?.name, pod: pod)
    tell(need, addresses)
  }

  /// The same interface with the same addresses as its network is now. One whose network no longer has the addresses
  /// stays as it is.
  func refreshed(by need: PodNeeds.Need) -> Allocation {
    let addresses = need.subnets.map { subnet in
      (subnet, ips.map(\.address).filter(subnet.parsed.cidr.contains))
    }
    guard addresses.map(\.1.count).reduce(0, +) == ips.count else { return self }
    var refreshed = self
    refreshed.tell(need, addresses.filter { !$0.1.isEmpty })
    return refreshed
  }

  private mutating func tell(
    _ need: PodNeeds.Need, _ addresses: [(subnet: PodNeeds.Need.Source, addresses: [IPAddress])]
  ) {
    ips = addresses.flatMap { subnet, addresses in
      addresses.compactMap { InterfaceAddress("\($0)/\(subnet.parsed.cidr.prefixLength)") }
    }
    let subnets = addresses.map(\.subnet.parsed)
    gateway = subnets.compactMap(\.gateway)
    let before = routes
    routes = subnets.flatMap { $0.routes.map { .init(destination: $0.destination, nextHop: $0.nextHop) } }
    let announced = need.announcement.routes.filter { route in
      subnets.contains { route.nextHop.map($0.cidr.contains) ?? false }
    }
    for route in announced + (need.announcement.isComplete ? [] : before)
    where !routes.contains(where: { $0.destination == route.destination }) {
      routes.append(route)
    }
    mtu = need.mtu
    vlan = need.vlan
    let told = NetworkStatus.DNS(
      nameservers: subnets.flatMap { $0.nameservers.map(\.description) }.unique,
      domain: subnets.lazy.compactMap(\.domain).first, search: subnets.flatMap(\.search).unique)
    dns = told == NetworkStatus.DNS() ? nil : told
  }

  /// Whether a conflict is about an address of the interface.
  func has(_ conflict: AddressConflict) -> Bool {
    (conflict.vlan == nil || conflict.vlan == vlan) && ips.contains { $0.address == conflict.address }
  }
}

extension [String] {
  /// The elements without those that stand further in front.
  fileprivate var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}

// MARK: What is wrong with a request

extension Finding {
  private static let networks = "annotation \(PodAnnotation.networks)"

  static func noSubnet(for address: IPAddress, _ need: PodNeeds.Need) -> Finding {
    let subnets = need.subnets.map { "\($0.parsed.cidr)" }
    return Finding(
      reason: ConditionReason.invalid,
      message: "\(networks): address \(address) is in no subnet of network \(need.network); "
        + (subnets.isEmpty
          ? "the network has no subnets, leave ips out" : "use one of \(subnets.joined(separator: ", "))"))
  }

  static func otherPrefix(_ requested: AddressWithOptionalPrefix, _ subnet: PodNeeds.Need.Source) -> Finding {
    let length = subnet.parsed.cidr.prefixLength
    return Finding(
      reason: ConditionReason.invalid,
      message: "\(networks): address \(requested) has another prefix length than subnet \(subnet.name) "
        + "(\(subnet.parsed.cidr)); write \(requested.address)/\(length) or \(requested.address)")
  }

  static func hardwareInUse(_ mac: MACAddress, by owner: AddressOwner, _ need: PodNeeds.Need) -> Finding {
    Finding(
      reason: ConditionReason.conflict,
      message: "\(networks): mac \(mac) is in use on network \(need.network) by \(owner); request another or leave mac "
        + "out")
  }

  static func hardwareTwice(_ mac: MACAddress, _ one: PodNeeds.Need, _ other: PodNeeds.Need) -> Finding {
    Finding(
      reason: ConditionReason.invalid,
      message: "\(networks): mac \(mac) is requested for \(one.interface) and \(other.interface) of the same network; "
        + "request another for one of them")
  }

  static func claimInUse(_ claim: NamespacedName, by owner: AddressOwner) -> Finding {
    Finding(
      reason: ConditionReason.conflict,
      message:
        "\(networks): IPAMClaim \(claim) is in use by \(owner); wait until that is gone, or use a claim of its own")
  }

  static func claimedTwice(_ claim: NamespacedName, _ one: PodNeeds.Need, _ other: PodNeeds.Need) -> Finding {
    Finding(
      reason: ConditionReason.invalid,
      message: "\(networks): IPAMClaim \(claim) stands at \(one.interface) and \(other.interface); use a claim for each"
    )
  }

  static func claim(_ name: NamespacedName, _ reason: String, _ message: String) -> Finding {
    Finding(reason: reason, message: "\(networks): IPAMClaim \(name) \(message)")
  }
}
