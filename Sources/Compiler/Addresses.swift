import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// The addresses that pods hold. The one part of the compiler that remembers: who came first keeps what it got.
struct Addresses: Sendable {
  private var allocator: Allocator<String>
  private var holders: [NamespacedName: Holder] = [:]
  private var hardware: [MACAddress: String] = [:]

  /// - Parameter quarantine: how long an address rests after its pod is gone.
  init(quarantine: Duration) { allocator = Allocator(quarantine: quarantine) }

  /// A pod and its interfaces that have something.
  private struct Holder: Sendable {
    var uid: String
    var interfaces: Set<String> = []
    var subnets: Set<NamespacedName> = []
    var hardware: Set<MACAddress> = []

    func owner(_ interface: String) -> String { "\(uid)/\(interface)" }
  }

  /// Sets what a subnet may give out; nil: nothing more.
  mutating func configure(_ subnet: NamespacedName, _ parsed: ParsedSubnet?) {
    guard let parsed else { return allocator.removePool(subnet.description) }
    allocator.setPool(
      subnet.description,
      PoolConfiguration(cidr: parsed.cidr, gateway: parsed.gateway, ranges: parsed.allocatable.ranges))
  }

  /// How full a subnet is; nil for one that gives nothing out.
  func usage(of subnet: NamespacedName, at elapsed: Duration) -> PoolUsage? {
    allocator.usage(of: subnet.description, at: elapsed)
  }

  /// Takes everything back from a pod, unless it is still the one of this uid.
  ///
  /// - Returns: the subnets of which addresses have become free.
  mutating func release(_ pod: NamespacedName, unless uid: String? = nil, at elapsed: Duration) -> Set<NamespacedName> {
    guard let holder = holders[pod], holder.uid != uid else { return [] }
    holders[pod] = nil
    for interface in holder.interfaces { allocator.release(holder.owner(interface), at: elapsed) }
    for address in holder.hardware { hardware[address] = nil }
    return holder.subnets
  }

  /// Brings a pod's interfaces to what it needs: keeps what its annotation says, and adds what is missing; all that is
  /// missing or nothing.
  ///
  /// - Returns: what the pod is to be told, and the subnets of which addresses were taken.
  mutating func assign(
    _ needs: PodNeeds, to pod: NamespacedName, at elapsed: Duration
  ) -> (plan: PodPlan, changed: Set<NamespacedName>) {
    var changed = release(pod, unless: needs.uid, at: elapsed)
    var holder = holders[pod] ?? Holder(uid: needs.uid)
    defer { holders[pod] = holder.interfaces.isEmpty ? nil : holder }
    for present in needs.present { changed.formUnion(restore(present, &holder)) }
    var plan = PodPlan(uid: needs.uid, allocations: nil, finding: needs.finding)
    let told = Set(needs.present.map(\.allocation.interface))
    let missing = needs.interfaces.filter { !told.contains($0.interface) }
    guard !missing.isEmpty else { return (plan, changed) }
    do throws(FindingError) {
      let added = try allocate(missing, &holder, at: elapsed)
      plan.allocations = needs.present.map(\.allocation) + added
      changed.formUnion(missing.flatMap { $0.subnets.map(\.name) })
    } catch {
      plan.finding = error.finding
    }
    return (plan, changed)
  }

  /// Notes what a pod has; also a subnet that was not known when the pod was first seen.
  ///
  /// - Returns: the subnets in which that is news.
  private mutating func restore(_ present: PodNeeds.Present, _ holder: inout Holder) -> Set<NamespacedName> {
    let owner = holder.owner(present.allocation.interface)
    holder.interfaces.insert(present.allocation.interface)
    var news: Set<NamespacedName> = []
    for address in present.allocation.ips {
      guard let subnet = present.subnets.first(where: { $0.cidr?.contains(address.address) == true }) else { continue }
      let assignment = Assignment(pool: subnet.name.description, address: address.address)
      guard !allocator.assignments(of: owner).contains(assignment) else { continue }
      allocator.restore([assignment], of: owner)
      holder.subnets.insert(subnet.name)
      news.insert(subnet.name)
    }
    if let address = present.allocation.mac {
      hardware[address] = owner
      holder.hardware.insert(address)
    }
    return news
  }

  private mutating func allocate(
    _ needs: [PodNeeds.Need], _ holder: inout Holder, at elapsed: Duration
  ) throws(FindingError) -> [Allocation] {
    var requests: [AllocationRequest<String>] = []
    for need in needs {
      for subnet in need.subnets {
        let requested = need.requested.filter { subnet.parsed.cidr.contains($0) }
        requests.append(
          AllocationRequest(
            owner: holder.owner(need.interface), pool: subnet.name.description, addresses: requested))
      }
      if let stray = need.requested.first(where: { address in
        !need.subnets.contains { $0.parsed.cidr.contains(address) }
      }) {
        throw FindingError(.noSubnet(for: stray, need))
      }
    }
    let answers: [[IPAddress]]
    do throws(IPAMError) {
      answers = try allocator.allocate(requests, at: elapsed)
    } catch {
      throw FindingError(Finding(reason: ConditionReason.exhausted, message: error.description))
    }
    var next = answers.makeIterator()
    return needs.map { need in
      holder.interfaces.insert(need.interface)
      holder.subnets.formUnion(need.subnets.map(\.name))
      let addresses = need.subnets.map { ($0.parsed, next.next() ?? []) }
      let mac = need.mac ?? hardwareAddress(for: holder.owner(need.interface), with: addresses.first?.1.first)
      hardware[mac] = holder.owner(need.interface)
      holder.hardware.insert(mac)
      return Allocation(need, mac: mac, addresses: addresses)
    }
  }

  /// The address that goes with an IP address or, without one, with the owner's name; another one when somebody else
  /// has it.
  private func hardwareAddress(for owner: String, with address: IPAddress?) -> MACAddress {
    var candidate = address.map { MACAddress(for: $0) } ?? MACAddress(hashing: owner)
    var attempt = 0
    while let other = hardware[candidate], other != owner {
      attempt += 1
      candidate = MACAddress(hashing: "\(owner)#\(attempt)")
    }
    return candidate
  }

  /// Whether no pod holds anything and no subnet gives anything out.
  var isEmpty: Bool { holders.isEmpty && hardware.isEmpty && allocator.owners.isEmpty && allocator.poolIDs.isEmpty }

  /// What is wrong with the books: addresses that several pods say they have. Empty, always, if nobody interferes.
  var violations: [String] { allocator.violations().map(\.description) }
}

extension Allocation {
  fileprivate init(_ need: PodNeeds.Need, mac: MACAddress, addresses: [(ParsedSubnet, [IPAddress])]) {
    self.init(
      network: need.network, interface: need.interface, mac: mac,
      ips: addresses.flatMap { subnet, addresses in
        addresses.compactMap { InterfaceAddress("\($0)/\(subnet.cidr.prefixLength)") }
      },
      gateway: addresses.compactMap(\.0.gateway),
      routes: addresses.flatMap { $0.0.routes.map { .init(destination: $0.destination, nextHop: $0.nextHop) } },
      mtu: need.mtu, vlan: need.vlan)
  }
}

extension Finding {
  fileprivate static func noSubnet(for address: IPAddress, _ need: PodNeeds.Need) -> Finding {
    let subnets = need.subnets.map { "\($0.parsed.cidr)" }
    return Finding(
      reason: ConditionReason.invalid,
      message: "annotation \(PodAnnotation.networks): address \(address) is in no subnet of network \(need.network); "
        + (subnets.isEmpty
          ? "the network has no subnets, leave ips out" : "use one of \(subnets.joined(separator: ", "))"))
  }
}
