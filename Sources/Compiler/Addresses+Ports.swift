import IPAM
import KubernetesModel
import NetloomAPI
import NetworkTypes

/// What a NetworkPort needs.
struct PortNeeds: Hashable, Sendable {
  /// The port.
  var name: NamespacedName
  /// Unique over time.
  var uid: String
  /// When it was made.
  var creationTimestamp: String
  /// Why it gets nothing new; what it has stays.
  var finding: Finding?
  /// The L2Service.
  var service: NamespacedName
  /// The subnets to take addresses from.
  var subnets: [PodNeeds.Need.Source]
  /// The addresses that are asked for.
  var requested: [IPAddress]
  /// The MAC address that is asked for.
  var mac: MACAddress?
  /// The addresses that its status says it has.
  var held: [Assignment]
  /// The MAC address that its status says it has.
  var heldMAC: MACAddress?

  /// Who was there first.
  var rank: (String, NamespacedName) { (creationTimestamp, name) }
  /// Who holds its addresses.
  var owner: AddressOwner { .port(name, uid: uid) }
  /// The L2 networks that it is on.
  var networks: Set<WorldID> { [WorldID(.service, service)] }
  /// What a port that waits for an address waits for.
  var awaited: Set<Fact> { Set(subnets.map { .addresses($0.name) } + [mac].compactMap { $0.map(Fact.hardware) }) }
}

/// What a NetworkPort has.
struct PortPlan: Hashable, Sendable {
  /// Its MAC address; nil: it has none yet.
  var mac: MACAddress?
  /// Its addresses, with the prefix lengths of their subnets.
  var ips: [InterfaceAddress]
  /// Why it does not have what it asks for.
  var finding: Finding?
}

extension Addresses {
  /// A NetworkPort and its MAC address. Its IP addresses are in the allocator.
  struct PortBook: Sendable {
    var uid: String
    var mac: MACAddress?
  }

  /// Notes that a port exists, and what it has.
  ///
  /// - Returns: what has changed.
  mutating func keep(_ needs: PortNeeds, at elapsed: Duration) -> Set<Fact> {
    guard ports[needs.name]?.uid != needs.uid else { return [] }
    var changed = release(port: needs.name, at: elapsed)
    // What pods use, and what was set aside, goes before what a status says.
    let free = needs.held.filter { allocator.owners(of: $0).isEmpty && !allocator.isSetAside($0) }
    allocator.restore(free, of: needs.owner)
    changed.formUnion(free.map(\.fact))
    let mac = needs.heldMAC.flatMap { hardware.user(of: $0, on: needs.networks, beside: needs.owner) == nil ? $0 : nil }
    ports[needs.name] = PortBook(uid: needs.uid, mac: mac)
    if let mac { hardware.insert(mac, for: needs.owner, on: needs.networks) }
    return changed
  }

  /// Brings a port to what it needs: all of it or nothing. What it has and may keep it keeps.
  ///
  /// - Returns: what it has then, and what has changed.
  mutating func assign(_ needs: PortNeeds, at elapsed: Duration) -> (plan: PortPlan, changed: Set<Fact>) {
    var plan = PortPlan(ips: [], finding: needs.finding)
    var changed: Set<Fact> = []
    if plan.finding == nil {
      do throws(FindingError) {
        changed = try renew(needs, at: elapsed)
      } catch {
        plan.finding = error.finding
      }
    }
    plan.mac = ports[needs.name]?.mac
    plan.ips = needs.subnets.flatMap { subnet in
      allocator.assignments(of: needs.owner).filter { $0.pool == subnet.name.description }
        .compactMap { InterfaceAddress("\($0.address)/\(subnet.parsed.cidr.prefixLength)") }
    }
    return (plan, changed)
  }

  private mutating func renew(_ needs: PortNeeds, at elapsed: Duration) throws(FindingError) -> Set<Fact> {
    for address in needs.requested where !needs.subnets.contains(where: { $0.parsed.cidr.contains(address) }) {
      throw FindingError(.noSubnet(for: address, needs))
    }
    if let mac = needs.mac, let other = hardware.user(of: mac, on: needs.networks, beside: needs.owner) {
      throw FindingError(
        Finding(
          reason: ConditionReason.conflict,
          message: "spec.mac: \(mac) is in use on L2Service \(needs.service) by \(other); use another or leave mac out")
      )
    }
    let before = Set(allocator.assignments(of: needs.owner))
    let requests = needs.subnets.map { subnet in
      AllocationRequest(
        owner: needs.owner, pool: subnet.name.description,
        addresses: needs.requested.filter(subnet.parsed.cidr.contains))
    }
    let answers: [[IPAddress]]
    do throws(IPAMError) {
      answers = try allocator.allocate(requests, at: elapsed)
    } catch {
      let field = needs.requested.isEmpty ? "" : "spec.addresses: "
      throw FindingError(Finding(reason: error.conditionReason, message: field + error.description))
    }
    let wanted = Set(
      zip(requests, answers).flatMap { request, answer in
        answer.map { Assignment(pool: request.pool, address: $0) }
      })
    for left in before.subtracting(wanted) { allocator.release(left, of: needs.owner, at: elapsed) }
    var changed = Set(before.symmetricDifference(wanted).map(\.fact))
    let old = ports[needs.name]?.mac
    let mac = needs.mac ?? old ?? hardware.address(for: needs.owner, with: answers.first?.first)
    if mac != old {
      if let old {
        hardware.remove(old, of: needs.owner)
        changed.insert(.hardware(old))
      }
      ports[needs.name]?.mac = mac
    }
    hardware.insert(mac, for: needs.owner, on: needs.networks)
    return changed
  }

  /// Takes everything back from a port.
  ///
  /// - Returns: what has changed.
  mutating func release(port name: NamespacedName, at elapsed: Duration) -> Set<Fact> {
    guard let book = ports.removeValue(forKey: name) else { return [] }
    let owner = AddressOwner.port(name, uid: book.uid)
    var changed = giveBack(owner, keptFor: nil, at: elapsed)
    if let mac = book.mac {
      hardware.remove(mac, of: owner)
      changed.insert(.hardware(mac))
    }
    return changed
  }
}

extension Finding {
  fileprivate static func noSubnet(for address: IPAddress, _ needs: PortNeeds) -> Finding {
    let subnets = needs.subnets.map { "\($0.parsed.cidr)" }
    return Finding(
      reason: ConditionReason.invalid,
      message: "spec.addresses: \(address) is in no Subnet of L2Service \(needs.service); "
        + (subnets.isEmpty ? "it has none, leave addresses out" : "use one of \(subnets.joined(separator: ", "))"))
  }
}
