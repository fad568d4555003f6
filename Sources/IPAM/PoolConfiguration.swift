import NetworkTypes

/// Which addresses of a subnet may be handed out.
public struct PoolConfiguration: Hashable, Sendable {
  /// Addresses that nobody gets, and what they are for.
  public struct Exclusion: Hashable, Sendable {
    /// The addresses.
    public var range: AddressRange
    /// What they are, to be read after "it is": `the gateway`, `excluded by 10.0.0.0/30`.
    public var role: String

    /// Addresses and what they are.
    public init(_ range: AddressRange, _ role: String) {
      self.range = range
      self.role = role
    }
  }

  /// The subnet.
  public var cidr: CIDR
  /// Never handed out.
  public var gateway: IPAddress?
  /// The parts of the subnet to hand out unasked; nil for all of it. Those who ask for an address may have any.
  public var ranges: [AddressRange]?
  /// Never handed out, not even on request.
  public var exclusions: [Exclusion]

  /// A pool of these parts; they are not checked, as `assignable` is right for all.
  public init(cidr: CIDR, gateway: IPAddress? = nil, ranges: [AddressRange]? = nil, exclusions: [Exclusion] = []) {
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

  /// Why nobody may have an address, not even on request; nil for one that lies in the subnet and is free for pods.
  func refusal(of address: IPAddress) -> String? {
    if !cidr.contains(address) { return "it is outside the subnet \(cidr)" }
    if address == gateway { return "it is the gateway" }
    if !cidr.hostRange.contains(address) {
      return "it is the \(address.family == .v6 ? "anycast" : address == cidr.first ? "network" : "broadcast") address"
    }
    return exclusions.first { $0.range.contains(address) }.map { "it is \($0.role)" }
  }
}

/// How many addresses of a pool are where. `total == (used - outside) + resting + kept + setAside + free`.
public struct PoolUsage: Hashable, Sendable {
  /// Addresses that the pool may hand out.
  public var total: UInt128
  /// Addresses with an owner.
  public var used: UInt128
  /// Those of `used` that the pool does not hand out unasked, or no longer.
  public var outside: UInt128
  /// Released too short a time ago to be handed out, unless nothing else is free.
  public var resting: UInt128
  /// Released too short a time ago to be handed out to anybody but those for whom they are kept.
  public var kept: UInt128
  /// Not handed out, as somebody else was found to have them.
  public var setAside: UInt128
  /// All others.
  public var free: UInt128

  /// Counts, taken as they are.
  public init(
    total: UInt128, used: UInt128, outside: UInt128, resting: UInt128, kept: UInt128 = 0, setAside: UInt128 = 0,
    free: UInt128
  ) {
    self.total = total
    self.used = used
    self.outside = outside
    self.resting = resting
    self.kept = kept
    self.setAside = setAside
    self.free = free
  }

  /// How many can be had by whoever asks now.
  public var available: UInt128 { free + resting }

  /// How much of the pool cannot be had now, in percent, rounded down: 100 only when nothing can.
  public var utilization: Int {
    guard total > 0 else { return 100 }
    return Int((total - available) * 100 / total)
  }
}
