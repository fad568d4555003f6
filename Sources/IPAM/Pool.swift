import NetworkTypes

/// An address that is not handed out because somebody else was found to have it.
public struct SetAside: Hashable, Sendable {
  /// The address.
  public var address: IPAddress
  /// Who answered, where known.
  public var mac: MACAddress?
  /// When that was, as text for people.
  public var seen: String

  /// Of the parts.
  public init(address: IPAddress, mac: MACAddress? = nil, seen: String) {
    self.address = address
    self.mac = mac
    self.seen = seen
  }
}

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
  /// Of the addresses with an owner, those that had none before, as far as is known.
  private var firstUses: Set<IPAddress> = []
  private var resting = RestingAddresses()
  private var kept = KeptAddresses()
  private var setAside: [IPAddress: (note: SetAside, until: Duration)] = [:]
  /// What was set aside and may be tried again; never before what is known to be ours.
  private var suspects = RestingAddresses()
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
    kept.formIntersection(assignable)
    suspects.formIntersection(assignable)
    sweep = nil
    usedInside = held.count { assignable.contains($0) }
  }

  func isHeld(_ address: IPAddress) -> Bool { holders[address] != nil || contested[address] != nil }

  /// Whether nobody had the address before who has it now, as far as is known.
  func isFirstUse(_ address: IPAddress) -> Bool { firstUses.contains(address) }

  func usage(at now: Duration) -> PoolUsage {
    let (resting, kept) = (resting.countResting(at: now), kept.resting.countResting(at: now))
    let setAside = setAside.keys.count { assignable.contains($0) }
    let total = assignable.count
    return PoolUsage(
      total: total, used: UInt128(used), outside: UInt128(used - usedInside), resting: UInt128(resting),
      kept: UInt128(kept), setAside: UInt128(setAside),
      free: total - UInt128(usedInside + resting + kept + setAside))
  }

  // MARK: - Taking

  /// Where an address was before it was taken, to put it back.
  enum Origin: Sendable {
    case unused(Sweep?)
    case resting(RestingAddresses.Entry)
    case kept(KeptAddresses.Kept)
    case suspects(RestingAddresses.Entry)
    case nowhere
  }

  /// Gives the owner an address: the one that is kept for its name, else one that was never used, else the one that
  /// rested longest.
  mutating func take(
    for owner: Owner, named name: InterfaceIdentity?, at now: Duration
  ) throws(IPAMError) -> (IPAddress, Origin) {
    guard configuration != nil else { throw .unknownPool(id) }
    guard let (address, origin) = nextFree(for: name, at: now) else { throw .exhausted(id, usage(at: now)) }
    hold(address, owner, from: origin)
    return (address, origin)
  }

  private mutating func nextFree(for name: InterfaceIdentity?, at now: Duration) -> (IPAddress, Origin)? {
    if let address = name.flatMap({ kept[$0] }), let mine = kept.remove(address) { return (address, .kept(mine)) }
    // Bounds the memory: what was used long ago is used again before it outnumbers what is in use.
    if resting.count > max(used, 1_000), resting.hasRested(at: now) { return longestResting() }
    if let unused = nextUnused() { return unused }
    if resting.hasRested(at: now) { return longestResting() }
    if let suspect = suspects.removeFirst() { return (suspect.address, .suspects(suspect)) }
    if let rested = longestResting() { return rested }
    guard kept.resting.hasRested(at: now), let other = kept.removeFirst() else { return nil }
    return (other.entry.address, .kept(other))
  }

  private mutating func longestResting() -> (IPAddress, Origin)? {
    resting.removeFirst().map { ($0.address, .resting($0)) }
  }

  private mutating func nextUnused() -> (IPAddress, Origin)? {
    let before = sweep
    // What was released before a restart is forgotten; most likely it lies below the highest restored address.
    var sweep = self.sweep ?? Sweep(over: assignable, after: highestRestored)
    defer { self.sweep = sweep }
    while let address = sweep.advance() {
      if !isHeld(address), !isElsewhere(address) { return (address, .unused(before)) }
    }
    return nil
  }

  /// Whether an address without owner is anywhere else than among those that were never used.
  private func isElsewhere(_ address: IPAddress) -> Bool {
    resting.contains(address) || kept.resting.contains(address) || suspects.contains(address)
      || setAside[address] != nil
  }

  /// Gives the owner this address: any of the subnet that is not reserved, also outside the ranges.
  mutating func take(
    _ address: IPAddress, for owner: Owner, named name: InterfaceIdentity?, at now: Duration
  ) throws(IPAMError) -> Origin {
    guard let configuration else { throw .unknownPool(id) }
    if let reason = configuration.refusal(of: address) { throw .notAssignable(address, id, reason: reason) }
    if let holder = holders[address] ?? contested[address]?.first { throw .taken(address, id, owner: "\(holder)") }
    if let (note, _) = setAside[address] { throw .setAside(note, id) }
    if let keeper = kept.names[address], keeper != name, !kept.resting.hasRested(address, at: now) {
      throw .kept(address, id, for: keeper)
    }
    let origin: Origin =
      if let entry = resting.remove(address) {
        .resting(entry)
      } else if let mine = kept.remove(address) {
        .kept(mine)
      } else if let suspect = suspects.remove(address) {
        .suspects(suspect)
      } else {
        .nowhere
      }
    hold(address, owner, from: origin)
    return origin
  }

  private mutating func hold(_ address: IPAddress, _ owner: Owner, from origin: Origin) {
    holders[address] = owner
    if assignable.contains(address) { usedInside += 1 }
    switch origin {
    case .unused, .suspects, .nowhere: firstUses.insert(address)
    case .resting, .kept: break
    }
  }

  /// Undoes the last taking.
  mutating func undo(_ address: IPAddress, _ origin: Origin) {
    drop(address)
    switch origin {
    case .unused(let before): sweep = before
    case .resting(let entry): resting.reinsert(entry)
    case .kept(let entry): kept.reinsert(entry)
    case .suspects(let entry): suspects.reinsert(entry)
    case .nowhere: break
    }
  }

  /// Notes that the owner has this address, whatever the pool or others say.
  mutating func restore(_ address: IPAddress, for owner: Owner) {
    highestRestored = max(highestRestored ?? address, address)
    if contested[address]?.insert(owner) != nil { return }
    if let holder = holders[address] {
      guard holder != owner else { return }
      holders[address] = nil
      contested[address] = [holder, owner]
      return
    }
    resting.remove(address)
    suspects.remove(address)
    _ = kept.remove(address)
    setAside[address] = nil
    holders[address] = owner
    if assignable.contains(address) { usedInside += 1 }
  }

  // MARK: - Giving back

  /// Takes the address from the owner, who has it. It rests until the given time, kept for a name if there is one,
  /// unless others claim it or it is not one that the pool hands out.
  mutating func giveBack(
    _ address: IPAddress, from owner: Owner, keptFor name: InterfaceIdentity? = nil, restUntil: Duration
  ) {
    guard letGo(address, of: owner), assignable.contains(address) else { return }
    rest(address, keptFor: name, until: restUntil)
  }

  /// Takes the address from the owner; it is set aside until the given time.
  mutating func setAside(_ note: SetAside, from owner: Owner, until: Duration) {
    if letGo(note.address, of: owner) { setAside[note.address] = (note, until) }
  }

  /// Removes one owner.
  ///
  /// - Returns: whether it was the last.
  private mutating func letGo(_ address: IPAddress, of owner: Owner) -> Bool {
    if var owners = contested[address] {
      owners.remove(owner)
      contested[address] = owners.count > 1 ? owners : nil
      if owners.count == 1 { holders[address] = owners.first }
      return false
    }
    drop(address)
    return true
  }

  private mutating func drop(_ address: IPAddress) {
    holders[address] = nil
    firstUses.remove(address)
    if assignable.contains(address) { usedInside -= 1 }
  }

  private mutating func rest(_ address: IPAddress, keptFor name: InterfaceIdentity?, until: Duration) {
    guard let name else { return resting.insert(address, until: until) }
    for dropped in kept.insert(address, for: name, until: until) { resting.insert(dropped, until: until) }
  }
}

// MARK: - What outlives a restart, and time

extension Pool {
  /// Notes what was known before a restart of addresses that nobody has.
  mutating func restore(setAside notes: [SetAside], kept: [(IPAddress, InterfaceIdentity)], until: (Duration, Duration))
  {
    for note in notes where !isHeld(note.address) && !isElsewhere(note.address) {
      setAside[note.address] = (note, until.0)
    }
    for (address, name) in kept where !isHeld(address) && !isElsewhere(address) && assignable.contains(address) {
      rest(address, keptFor: name, until: until.1)
    }
  }

  func isSetAside(_ address: IPAddress) -> Bool { setAside[address] != nil }

  /// The addresses that are set aside, ascending.
  var notes: [SetAside] { setAside.values.map(\.note).sorted { $0.address < $1.address } }

  /// The addresses that are kept, the longest kept first.
  var reservations: [(address: IPAddress, name: InterfaceIdentity)] {
    kept.resting.addresses.compactMap { address in kept.names[address].map { (address, $0) } }
  }

  /// Whether anything changes in the pool by time alone that others wait for.
  var isTimed: Bool { !setAside.isEmpty || kept.resting.count > 0 }

  /// When something next changes by time alone.
  func nextChange(after now: Duration) -> Duration? {
    [kept.resting.nextRested(after: now), setAside.values.map(\.until).min()].compactMap { $0 }.min()
  }

  /// Lets what was set aside long enough be tried again.
  mutating func readmit(at now: Duration) {
    for (address, entry) in setAside where entry.until <= now {
      setAside[address] = nil
      if assignable.contains(address) { suspects.insert(address, until: now) }
    }
  }

  /// The addresses that are in two places at once, which must be none.
  var misplaced: [IPAddress] { held.filter { isElsewhere($0) } }
}
