import JSON
public import NetworkTypes

/// A Subnet's addresses as values, checked.
public struct ParsedSubnet: Sendable, Hashable {
  /// A route that pods get.
  public struct Route: Sendable, Hashable {
    /// The network that is reached.
    public let destination: CIDR
    /// The address in the subnet through which it is reached.
    public let nextHop: IPAddress
  }

  /// Addresses that no pod gets, not even on request, and what they are.
  public struct Exclusion: Sendable, Hashable {
    /// The addresses.
    public let range: AddressRange
    /// What they are, to be read after "it is": `excluded by spec.exclude 10.0.0.0/30`.
    public let role: String
  }

  /// The network.
  public let cidr: CIDR
  /// The gateway's address.
  public let gateway: IPAddress?
  /// The addresses for pods as declared: the pools, or the whole network without its network and broadcast addresses.
  public let pools: AddressSet
  /// What no pod gets beside the gateway and the network's own addresses: what the author excludes, the next hops, and
  /// the name servers in the subnet.
  public let exclusions: [Exclusion]
  /// The routes.
  public let routes: [Route]
  /// Addresses of the name servers, of either family.
  public let nameservers: [IPAddress]
  /// The local domain.
  public let domain: String?
  /// The domains that short names are looked up in.
  public let search: [String]

  /// What no pod gets: the exclusions, the gateway, and the network's own addresses.
  public var reserved: AddressSet {
    let own = AddressSet(cidr.range).subtracting(AddressSet(cidr.hostRange))
    return AddressSet(own.ranges + exclusions.map(\.range) + [gateway].compactMap { $0.map(AddressRange.init(_:)) })
  }

  /// The same subnet, of which no pod gets these addresses either.
  ///
  /// - Parameter role: what they are, to be read after "it is".
  public func excluding(_ addresses: some Sequence<IPAddress>, role: String) -> ParsedSubnet {
    let taken = addresses.filter(cidr.contains).map { Exclusion(range: AddressRange($0), role: role) }
    return ParsedSubnet(
      cidr: cidr, gateway: gateway, pools: pools, exclusions: exclusions + taken, routes: routes,
      nameservers: nameservers, domain: domain, search: search)
  }

  /// The addresses that are given away unasked: the pools without what is reserved. Never empty.
  public var allocatable: AddressSet { pools.subtracting(reserved) }
}

extension Subnet: ValidatedResource {
  public func validate() -> [FieldError] {
    do {
      _ = try spec.parsed()
      return []
    } catch {
      return error.errors
    }
  }
}

extension Subnet.Spec {
  /// The addresses as values; an error with every mistake, when there is one.
  public func parsed() throws(InvalidFields) -> ParsedSubnet {
    var validator = Validator()
    validator.callbackURL(callbackURL)
    let nameservers = (dns?.nameservers ?? []).enumerated().compactMap { index, text in
      validator.parse(text, at: FieldPath.spec.child("dns").child("nameservers")[index], as: IPAddress.self)
    }
    guard let cidr = parsedCIDR(&validator) else { throw InvalidFields(errors: validator.errors) }
    var reader = SubnetReader(cidr: cidr, validator: validator)
    let gateway = gateway.flatMap { reader.host($0, at: FieldPath.spec.child("gateway")) }
    let pools = reader.pools(pools)
    let excluded = reader.exclusions(exclude ?? [])
    let routes = reader.routes(routes ?? [])
    let others =
      routes.map { ParsedSubnet.Exclusion(range: AddressRange($0.nextHop), role: "the next hop of a route") }
      + nameservers.filter(cidr.contains).map { .init(range: AddressRange($0), role: "a name server") }
    let subnet = ParsedSubnet(
      cidr: cidr, gateway: gateway, pools: pools, exclusions: excluded + others, routes: routes,
      nameservers: nameservers, domain: dns?.domain, search: dns?.search ?? [])
    if reader.validator.errors.isEmpty, subnet.allocatable.isEmpty {
      reader.validator.add(
        .invalid(
          self.pools == nil ? FieldPath.spec.child("cidr") : FieldPath.spec.child("pools"),
          .string(self.pools == nil ? "\(cidr)" : "\(pools)"),
          "no address is left for pods beside the gateway, next hops, name servers and exclusions; make it larger"))
    }
    guard reader.validator.errors.isEmpty else { throw InvalidFields(errors: reader.validator.errors) }
    return subnet
  }

  /// The family of the network; nil while the CIDR is wrong, which ``parsed()`` reports.
  public var family: IPFamily? { CIDR(cidr)?.family }

  private func parsedCIDR(_ validator: inout Validator) -> CIDR? {
    let path = FieldPath.spec.child("cidr")
    guard let parsed = validator.parse(cidr, at: path, as: CIDR.self) else { return nil }
    let use = "use a unicast network such as 10.10.13.0/24 or fd00:10:10:13::/64"
    if parsed.first.isMulticast || parsed.last.isMulticast {
      validator.add(.invalid(path, .string(cidr), "it has multicast addresses, which no interface may have; \(use)"))
      return nil
    }
    if parsed.first.isLoopback || parsed.last.isLoopback {
      validator.add(.invalid(path, .string(cidr), "it has loopback addresses, which never leave a host; \(use)"))
      return nil
    }
    return parsed
  }
}

/// Reads the fields that must fit a subnet's network.
private struct SubnetReader {
  let cidr: CIDR
  var validator: Validator

  private var hosts: String { "use an address from \(cidr.hostRange.first) to \(cidr.hostRange.last)" }

  /// An address of the subnet that a host may have.
  mutating func host(_ text: String, at path: FieldPath) -> IPAddress? {
    guard let address = inside(text, at: path) else { return nil }
    guard cidr.hostRange.contains(address) else {
      let role = address == cidr.first ? "network" : "broadcast"
      validator.add(.invalid(path, .string(text), "it is the \(role) address of \(cidr); \(hosts)"))
      return nil
    }
    return address
  }

  private mutating func inside(_ text: String, at path: FieldPath) -> IPAddress? {
    guard let address: IPAddress = validator.parse(text, at: path) else { return nil }
    guard cidr.contains(address) else {
      validator.add(.invalid(path, .string(text), "it is outside the subnet \(cidr); \(hosts)"))
      return nil
    }
    return address
  }

  mutating func pools(_ pools: [Subnet.Pool]?) -> AddressSet {
    guard let pools else { return AddressSet(cidr.hostRange) }
    var read: [(range: AddressRange, index: Int)] = []
    for (index, pool) in pools.enumerated() {
      let path = FieldPath.spec.child("pools")[index]
      let start = inside(pool.start, at: path.child("start"))
      let end = inside(pool.end, at: path.child("end"))
      guard let start, let end else { continue }
      do {
        let range = try AddressRange(first: start, last: end)
        if let other = read.first(where: { $0.range.overlaps(range) }) {
          validator.add(
            .invalid(
              path, .string("\(range)"),
              "it overlaps spec.pools[\(other.index)] (\(other.range)); let every address stand in one pool"))
        } else {
          read.append((range, index))
        }
      } catch {
        validator.add(.invalid(path, .string("\(start)-\(end)"), "\(error.reason); \(error.remedy)"))
      }
    }
    return AddressSet(read.map(\.range))
  }

  mutating func exclusions(_ texts: [String]) -> [ParsedSubnet.Exclusion] {
    texts.enumerated().compactMap { index, text in
      exclusion(text, at: FieldPath.spec.child("exclude")[index]).map {
        ParsedSubnet.Exclusion(range: $0, role: "excluded by spec.exclude \(text)")
      }
    }
  }

  private mutating func exclusion(_ text: String, at path: FieldPath) -> AddressRange? {
    guard text.contains("/") else { return inside(text, at: path).map(AddressRange.init) }
    guard let network: CIDR = validator.parse(text, at: path) else { return nil }
    guard cidr.contains(network) else {
      validator.add(
        .invalid(path, .string(text), "it is not inside the subnet \(cidr); exclude only addresses of it"))
      return nil
    }
    return network.range
  }

  mutating func routes(_ routes: [Subnet.Route]) -> [ParsedSubnet.Route] {
    let path = FieldPath.spec.child("routes")
    var seen: Set<CIDR> = []
    return routes.enumerated().compactMap { index, route in
      let destination = destination(route.destination, at: path[index].child("destination"), seen: &seen)
      let nextHop = host(route.nextHop, at: path[index].child("nextHop"))
      guard let destination, let nextHop else { return nil }
      return ParsedSubnet.Route(destination: destination, nextHop: nextHop)
    }
  }

  private mutating func destination(_ text: String, at path: FieldPath, seen: inout Set<CIDR>) -> CIDR? {
    guard let destination: CIDR = validator.parse(text, at: path) else { return nil }
    let problem: FieldError? =
      if destination.family != cidr.family {
        .invalid(
          path, .string(text),
          "it is \(destination.family), the subnet is \(cidr.family); use an \(cidr.family) network")
      } else if cidr.contains(destination) {
        .invalid(
          path, .string(text), "it lies inside the subnet \(cidr), which pods reach without a route; leave it out")
      } else if !seen.insert(destination).inserted {
        .duplicate(path, .string(text), "another route has this destination; keep one of them")
      } else {
        nil
      }
    guard let problem else { return destination }
    validator.add(problem)
    return nil
  }
}
