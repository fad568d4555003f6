import NetworkTypes

/// One subnet's addresses and who has them. Knows nothing of an owner's other addresses.
struct Pool<Owner: Hashable & Sendable>: Sendable {
  let id: PoolID
  /// Nil when the pool was removed (or is not known yet) while addresses of it have owners.
  private(set) var configuration: PoolConfiguration?
  private var assignable = AddressSet()
  /// The owner of each address that has exactly one.
  private(set) var holders: [IPAddress: Owner] = [:]
  /// The owners of each address that was restored for several.
  private(set) var contested: [IPAddress: Set<Owner>] = [:]
  private var resting = RestingAddresses()
  /// Where to look for never-used addresses; made when first needed, when all from before a restart is known.
  private var sweep: Sweep?
  private var highestRestored: IPAddress?
  /// Of the addresses with owners, those in `assignable`.
  private var usedInside = 0

  /// Every address with owners, in no order.
  private var held: [IPAddress] { Array(holders.keys) + contested.keys }

  private var used: Int { holders.count + contested.count }

  init(_ id: PoolID) {
    self.id = id
  }

  /// Whether nothing would be lost by dropping the pool.
  var isForgettable: Bool { configuration == nil && used == 0 }

  /// Addresses with owners stay with them, wherever they now lie.
  mutating func configure(_ configuration: PoolConfiguration?) {
    guard configuration != self.configuration else { return }
    self.configuration = configuration
    assignable = configuration?.assignable ?? AddressSet()
    resting.formIntersection(assignable)
    sweep = nil
    usedInside = held.count { assignable.contains($0) }
  }

  func isHeld(_ address: IPAddress) -> Bool { holders[address] != nil || contested[address] != nil }

  func usage(at now: Duration) -> PoolUsage {
    let resting = resting.countResting(at: now)
    let total = assignable.count
    return PoolUsage(
      total: total, used: UInt128(used), outside: UInt128(used - usedInside), resting: UInt128(resting),
      free: total - UInt128(usedInside) - UInt128(resting))
  }

  // MARK: - Taking

  /// Gives the owner an address: one that was never used, else the one that rested longest.
  mutating func take(for owner: Owner, at now: Duration) throws(IPAMError) -> IPAddress {
    guard configuration != nil else { throw .unknownPool(id) }
    guard let address = nextFree(at: now) else { throw .exhausted(id, usage(at: now)) }
    hold(address, owner)
    return address
  }

  private mutating func nextFree(at now: Duration) -> IPAddress? {
    // Bounds the memory: what was used long ago is used again before it outnumbers what is in use.
    if resting.count > max(used, 1_000), resting.hasRested(at: now) { return resting.removeFirst() }
    return nextNeverUsed() ?? resting.removeFirst()
  }

  private mutating func nextNeverUsed() -> IPAddress? {
    // What was released before a restart is forgotten; most likely it lies below the highest restored address.
    var sweep = self.sweep ?? Sweep(over: assignable, after: highestRestored)
    defer { self.sweep = sweep }
    while let address = sweep.advance() {
      if !isHeld(address), !resting.contains(address) { return address }
    }
    return nil
  }

  /// Gives the owner this address.
  mutating func take(_ address: IPAddress, for owner: Owner) throws(IPAMError) {
    guard let configuration else { throw .unknownPool(id) }
    if let reason = configuration.refusal(of: address) { throw .notAssignable(address, id, reason: reason) }
    if let holder = holders[address] ?? contested[address]?.first { throw .taken(address, id, owner: "\(holder)") }
    resting.remove(address)
    hold(address, owner)
  }

  private mutating func hold(_ address: IPAddress, _ owner: Owner) {
    holders[address] = owner
    if assignable.contains(address) { usedInside += 1 }
  }

  /// Notes that the owner has this address, whatever the pool or others say.
  mutating func restore(_ address: IPAddress, for owner: Owner) {
    highestRestored = max(highestRestored ?? address, address)
    if contested[address]?.insert(owner) != nil { return }
    if let holder = holders[address] {
      guard holder != owner else { return }
      holders[address] = nil
      contested[address] = [holder, owner]
    } else {
      resting.remove(address)
      hold(address, owner)
    }
  }

  // MARK: - Giving back

  /// Takes the address from the owner, who has it. It rests until the given time, unless others claim it or it is no
  /// longer the pool's.
  mutating func giveBack(_ address: IPAddress, from owner: Owner, restUntil: Duration) {
    if var owners = contested[address] {
      owners.remove(owner)
      contested[address] = owners.count > 1 ? owners : nil
      if owners.count == 1 { holders[address] = owners.first }
      return
    }
    holders[address] = nil
    guard assignable.contains(address) else { return }
    usedInside -= 1
    resting.insert(address, until: restUntil)
  }

  /// The addresses that rest and have an owner, which must be none.
  var heldWhileResting: [IPAddress] {
    held.filter { resting.contains($0) }
  }
}
