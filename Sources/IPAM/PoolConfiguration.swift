import NetworkTypes

/// Which addresses of a subnet may be handed out.
public struct PoolConfiguration: Hashable, Sendable {
  /// The subnet.
  public var cidr: CIDR
  /// Never handed out.
  public var gateway: IPAddress?
  /// The parts of the subnet to hand out; nil for all of it.
  public var ranges: [AddressRange]?
  /// Never handed out, not even on request.
  public var exclusions: [CIDR]

  /// A pool of these parts; they are not checked, as `assignable` is right for all.
  public init(cidr: CIDR, gateway: IPAddress? = nil, ranges: [AddressRange]? = nil, exclusions: [CIDR] = []) {
    self.cidr = cidr
    self.gateway = gateway
    self.ranges = ranges
    self.exclusions = exclusions
  }

  /// The ranges within the subnet, without network, broadcast and anycast address (`CIDR.hostRange`), gateway and
  /// exclusions.
  public var assignable: AddressSet {
    AddressSet(ranges ?? [cidr.range]).intersection(AddressSet(cidr.hostRange)).subtracting(reserved)
  }

  private var reserved: AddressSet {
    AddressSet(exclusions.map(\.range) + (gateway.map { [AddressRange($0)] } ?? []))
  }

  /// Why an address is not in `assignable`; nil when it is.
  func refusal(of address: IPAddress) -> String? {
    if !cidr.contains(address) { return "it is outside the subnet \(cidr)" }
    if address == gateway { return "it is the gateway" }
    if !cidr.hostRange.contains(address) {
      return "it is the \(address.family == .v6 ? "anycast" : address == cidr.first ? "network" : "broadcast") address"
    }
    if let exclusion = exclusions.first(where: { $0.contains(address) }) { return "it is excluded by \(exclusion)" }
    if let ranges, !ranges.contains(where: { $0.contains(address) }) {
      return "it is outside the pools \(AddressSet(ranges))"
    }
    return nil
  }
}

/// How many addresses of a pool are where. `total == (used - outside) + resting + free`.
public struct PoolUsage: Hashable, Sendable {
  /// Addresses that the pool may hand out.
  public var total: UInt128
  /// Addresses with an owner.
  public var used: UInt128
  /// Those of `used` that the pool may no longer hand out, as it was changed since.
  public var outside: UInt128
  /// Released too short a time ago to be handed out, unless nothing else is free.
  public var resting: UInt128
  /// All others.
  public var free: UInt128

  /// Counts, taken as they are.
  public init(total: UInt128, used: UInt128, outside: UInt128, resting: UInt128, free: UInt128) {
    self.total = total
    self.used = used
    self.outside = outside
    self.resting = resting
    self.free = free
  }
}
