import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// The addresses that pods, claims and NetworkPorts hold. The one part of the compiler that remembers: who came first keeps what it
/// got, and what was given back rests.
///
/// What it remembers is rebuilt from the objects: what pods and claims have from theirs, what is kept and set aside from
/// the Subnets' status.
struct Addresses: Sendable {
  var allocator: Allocator<AddressOwner>
  var pods: [NamespacedName: PodBook] = [:]
  var claims: [NamespacedName: ClaimBook] = [:]
  var ports: [NamespacedName: PortBook] = [:]
  var hardware: HardwareAddresses
  private var time: Duration = .zero

  /// - Parameters:
  ///   - quarantine: how long an address rests after its pod is gone.
  ///   - macPrefix: what MAC addresses begin with that are made for pods.
  init(quarantine: Duration, macPrefix: MACPrefix = .standard) {
    allocator = Allocator(quarantine: quarantine)
    hardware = HardwareAddresses(prefix: macPrefix)
  }

  /// A pod and its interfaces that have something.
  struct PodBook: Sendable {
    var uid: String
    var isOfStatefulSet: Bool
    var interfaces: [String: InterfaceBook] = [:]
  }

  /// What an interface has.
  struct InterfaceBook: Sendable {
    var network: NetworkReference
    /// Who holds its IP addresses: itself or a claim.
    var owner: AddressOwner
    var mac: MACAddress?
  }

  /// A claim that exists, or that a pod still uses.
  struct ClaimBook: Sendable {
    var exists = false
    var user: AddressOwner?
  }

  // MARK: Subnets

  /// Sets what a subnet may give out; nil: nothing more. What its status says is taken over when it is first seen.
  mutating func configure(_ subnet: NamespacedName, _ parsed: ParsedSubnet?, status: Subnet.Status?) {
    let id = subnet.description
    guard let parsed else { return allocator.removePool(id) }
    let isNew = !allocator.hasPool(id)
    allocator.setPool(
      id,
      PoolConfiguration(
        cidr: parsed.cidr, gateway: parsed.gateway, ranges: parsed.pools.ranges,
        exclusions: parsed.exclusions.map { .init($0.range, $0.role) }))
    guard isNew, let status else { return }
    allocator.restore(
      id,
      setAside: (status.conflicts ?? []).compactMap { conflict in
        IPAddress(conflict.address).map {
          SetAside(address: $0, mac: conflict.mac.flatMap { MACAddress($0) }, seen: conflict.seen)
        }
      },
      kept: (status.reservations ?? []).compactMap { kept in
        IPAddress(kept.address).map { ($0, InterfaceIdentity(pod: kept.pod, interface: kept.interface)) }
      }, at: time)
  }

  /// How full a subnet is; nil for one that gives nothing out.
  func usage(of subnet: NamespacedName, at elapsed: Duration) -> PoolUsage? {
    allocator.usage(of: subnet.description, at: elapsed)
  }

  func setAside(of subnet: NamespacedName) -> [SetAside] { allocator.setAside(of: subnet.description) }

  func reservations(of subnet: NamespacedName) -> [(address: IPAddress, name: InterfaceIdentity)] {
    allocator.reservations(of: subnet.description)
  }

  func claims(on subnet: NamespacedName) -> [NamespacedName] {
    let pool = subnet.description
    return claims.keys.filter { name in allocator.assignments(of: .claim(name)).contains { $0.pool == pool } }.sorted()
  }

  func assignments(of owner: AddressOwner) -> [Assignment] { allocator.assignments(of: owner) }

  // MARK: Time

  /// Brings everything to a time.
  ///
  /// - Returns: what has changed by it.
  mutating func advance(to elapsed: Duration) -> Set<Fact> {
    defer { time = max(time, elapsed) }
    return Set(
      allocator.advance(from: time, to: elapsed).map { Fact.addresses(NamespacedName(reference: $0, from: nil)) })
  }

  /// When something next changes by time alone.
  func nextChange(after elapsed: Duration) -> Duration? { allocator.nextChange(after: elapsed) }

  // MARK: Giving back

  /// Takes everything back from a pod, unless it is still the one of this uid.
  ///
  /// - Returns: what has changed.
  mutating func release(_ pod: NamespacedName, unless uid: String? = nil, at elapsed: Duration) -> Set<Fact> {
    guard let book = pods[pod], book.uid != uid else { return [] }
    var changed: Set<Fact> = []
    for interface in book.interfaces.keys.sorted() { changed.formUnion(release(interface, of: pod, at: elapsed)) }
    pods[pod] = nil
    return changed
  }

  /// Takes everything back from an interface.
  ///
  /// - Returns: what has changed.
  mutating func release(_ interface: String, of pod: NamespacedName, at elapsed: Duration) -> Set<Fact> {
    guard let book = pods[pod], let entry = pods[pod]?.interfaces.removeValue(forKey: interface) else { return [] }
    if pods[pod]?.interfaces.isEmpty == true { pods[pod] = nil }
    let user = AddressOwner.interface(interface, pod: pod, uid: book.uid)
    var changed: Set<Fact> = []
    if let mac = entry.mac {
      hardware.remove(mac, of: user)
      changed.insert(.hardware(mac))
    }
    guard case .claim(let claim) = entry.owner else {
      let identity = book.isOfStatefulSet ? InterfaceIdentity(pod: "\(pod)", interface: interface) : nil
      return changed.union(giveBack(entry.owner, keptFor: identity, at: elapsed))
    }
    changed.insert(.claimed(claim))
    if claims[claim]?.user == user { claims[claim]?.user = nil }
    return changed.union(forgetIfUnused(claim, at: elapsed))
  }

  mutating func giveBack(
    _ owner: AddressOwner, keptFor identity: InterfaceIdentity?, at elapsed: Duration
  ) -> Set<Fact> {
    Set(allocator.release(owner, keptFor: identity, at: elapsed).map { $0.fact })
  }

  // MARK: Claims

  /// Notes that a claim exists, and what it has.
  ///
  /// - Returns: what has changed.
  mutating func keep(_ claim: ClaimNeeds) -> Set<Fact> {
    claims[claim.name, default: ClaimBook()].exists = true
    let owner = AddressOwner.claim(claim.name)
    guard allocator.assignments(of: owner).isEmpty else { return [] }
    // What pods use, and what was set aside, goes before what a status says.
    let free = claim.assignments.filter { allocator.owners(of: $0).isEmpty && !allocator.isSetAside($0) }
    allocator.restore(free, of: owner)
    return Set(free.map(\.fact)).union(free.isEmpty ? [] : [.claimed(claim.name)])
  }

  /// Notes that a claim is gone; its addresses are given back when no pod uses them any more.
  ///
  /// - Returns: what has changed.
  mutating func drop(_ claim: NamespacedName, at elapsed: Duration) -> Set<Fact> {
    claims[claim]?.exists = false
    return forgetIfUnused(claim, at: elapsed)
  }

  private mutating func forgetIfUnused(_ claim: NamespacedName, at elapsed: Duration) -> Set<Fact> {
    guard let book = claims[claim], !book.exists, book.user == nil else { return [] }
    claims[claim] = nil
    return giveBack(.claim(claim), keptFor: nil, at: elapsed)
  }

  // MARK: For tests and metrics

  /// Whether no pod holds anything and no subnet gives anything out.
  var isEmpty: Bool {
    pods.isEmpty && claims.isEmpty && ports.isEmpty && hardware.isEmpty && allocator.owners.isEmpty
      && allocator.poolIDs.isEmpty
  }
}

extension Assignment {
  /// The subnet's addresses have changed.
  var fact: Fact { .addresses(NamespacedName(reference: pool, from: nil)) }
}
