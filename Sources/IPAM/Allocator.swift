import NetworkTypes

/// Names a pool: the subnet's "namespace/name".
public typealias PoolID = String

/// An address of a pool.
public struct Assignment: Hashable, Sendable {
  /// The pool that the address is of.
  public var pool: PoolID
  /// The address.
  public var address: IPAddress

  /// The address of the pool.
  public init(pool: PoolID, address: IPAddress) {
    self.pool = pool
    self.address = address
  }
}

/// Which addresses an owner should have.
public struct AllocationRequest<Owner: Hashable & Sendable>: Hashable, Sendable {
  /// Who asks.
  public var owner: Owner
  /// Where the addresses are to be from.
  public var pool: PoolID
  /// Exactly these, beside what the owner has in the pool; empty for what it has there, or any one address.
  public var addresses: [IPAddress]
  /// By which name an address may be kept for the owner.
  public var identity: InterfaceIdentity?

  /// A request; without addresses, for any one.
  public init(owner: Owner, pool: PoolID, addresses: [IPAddress] = [], identity: InterfaceIdentity? = nil) {
    self.owner = owner
    self.pool = pool
    self.addresses = addresses
    self.identity = identity
  }
}

/// Assigns addresses of pools to owners (an owner is a pod's UID and interface, or a claim). Pure and in memory: what it
/// holds is rebuilt by `restore` from what the objects say.
///
/// - No address is ever given to two owners, and none is lost.
/// - Released addresses rest for the quarantine; they are handed out earlier only when nothing else is free.
/// - Addresses that are kept for a name come back to it; others get them only after the quarantine, when nothing else is
///   free.
/// - Addresses that are set aside are handed out again after their time, when nothing that is known to be ours is free.
/// - Pools are independent: the same addresses may be in several.
/// - Every operation costs O(log n) or less, amortised; memory grows with the addresses in use, not with the pools.
///
/// What is forgotten by a restart is what rests: an address that was never used and one that was released before look the
/// same then. So that they are not handed out first, the search begins behind the highest address in use.
///
/// Time is given by the caller, as the time since any fixed moment, from a clock that nobody sets.
public struct Allocator<Owner: Hashable & Sendable>: Sendable {
  /// How long released addresses rest.
  public var quarantine: Duration
  /// How long addresses are set aside.
  public var retrial: Duration
  var pools: [PoolID: Pool<Owner>] = [:]
  var assignments: [Owner: [Assignment]] = [:]
  /// The pools in which something changes by time alone.
  var timed: Set<PoolID> = []

  /// An allocator without pools.
  public init(quarantine: Duration = .seconds(60), retrial: Duration = .seconds(3600)) {
    self.quarantine = quarantine
    self.retrial = retrial
  }

  // MARK: - Pools

  /// Adds a pool or changes it. Addresses that are no longer in it stay with their owners until released.
  public mutating func setPool(_ id: PoolID, _ configuration: PoolConfiguration) {
    pools[id, default: Pool(id)].configure(configuration)
    note(id)
  }

  /// Hands out nothing more from the pool, and forgets it when its last address is released.
  public mutating func removePool(_ id: PoolID) {
    pools[id]?.configure(nil)
    forgetIfUnused(id)
  }

  mutating func forgetIfUnused(_ id: PoolID) {
    if pools[id]?.isForgettable == true { pools[id] = nil }
    note(id)
  }

  /// Keeps ``timed`` right.
  mutating func note(_ id: PoolID) {
    if pools[id]?.isTimed == true { timed.insert(id) } else { timed.remove(id) }
  }

  /// The pools that addresses are handed out from.
  public var poolIDs: [PoolID] { pools.filter { $0.value.configuration != nil }.map(\.key).sorted() }

  /// Whether addresses are handed out from a pool.
  public func hasPool(_ id: PoolID) -> Bool { pools[id]?.configuration != nil }

  /// Nil when there is no such pool.
  public func usage(of id: PoolID, at now: Duration) -> PoolUsage? { pools[id]?.usage(at: now) }

  // MARK: - Owners

  /// What the owner has, in the order of assignment.
  public func assignments(of owner: Owner) -> [Assignment] { assignments[owner] ?? [] }

  /// Everybody who has an address.
  public var owners: some Collection<Owner> { assignments.keys }

  /// Who has the address: nobody, one, or several when it was restored for several.
  public func owners(of assignment: Assignment) -> Set<Owner> {
    guard let pool = pools[assignment.pool] else { return [] }
    return pool.contested[assignment.address] ?? Set(pool.holders[assignment.address].map { [$0] } ?? [])
  }

  /// Whether nobody had the address before who has it now, as far as is known: somebody unknown may have it.
  public func isFirstUse(_ assignment: Assignment) -> Bool {
    pools[assignment.pool]?.isFirstUse(assignment.address) ?? false
  }

  // MARK: - Allocation

  /// Gives each owner what it asks for: all requests are fulfilled, or none and everything is as it was.
  ///
  /// Asking again gives the same answer: what the owner already has in the pool is kept and returned.
  /// - Returns: for each request, in order, the addresses that fulfil it.
  public mutating func allocate(
    _ requests: [AllocationRequest<Owner>], at now: Duration
  ) throws(IPAMError) -> [[IPAddress]] {
    var taken: [Taken] = []
    var answers: [[IPAddress]] = []
    do {
      for request in requests { answers.append(try fulfil(request, at: now, taken: &taken)) }
    } catch {
      for taken in taken.reversed() { undo(taken) }
      throw error
    }
    for taken in taken { note(taken.assignment.pool) }
    return answers
  }

  /// Gives the owner an address of the pool: the requested one, else the one it has there, else any.
  public mutating func allocate(
    _ owner: Owner, from pool: PoolID, requested: IPAddress? = nil, at now: Duration
  ) throws(IPAMError) -> IPAddress {
    let request = AllocationRequest(owner: owner, pool: pool, addresses: requested.map { [$0] } ?? [])
    return try allocate([request], at: now)[0][0]
  }

  private struct Taken {
    var owner: Owner
    var assignment: Assignment
    var origin: Pool<Owner>.Origin
  }

  private mutating func undo(_ taken: Taken) {
    assignments[taken.owner]?.removeAll { $0 == taken.assignment }
    if assignments[taken.owner]?.isEmpty == true { assignments[taken.owner] = nil }
    pools[taken.assignment.pool]?.undo(taken.assignment.address, taken.origin)
  }

  private mutating func fulfil(
    _ request: AllocationRequest<Owner>, at now: Duration, taken: inout [Taken]
  ) throws(IPAMError) -> [IPAddress] {
    let owned = assignments(of: request.owner).filter { $0.pool == request.pool }.map(\.address)
    if request.addresses.isEmpty, !owned.isEmpty { return owned }
    guard pools[request.pool] != nil else { throw .unknownPool(request.pool) }
    func note(_ address: IPAddress, _ origin: Pool<Owner>.Origin) {
      let assignment = Assignment(pool: request.pool, address: address)
      assignments[request.owner, default: []].append(assignment)
      taken.append(Taken(owner: request.owner, assignment: assignment, origin: origin))
    }
    if request.addresses.isEmpty {
      let (address, origin) = try pools[request.pool]!.take(for: request.owner, named: request.identity, at: now)
      note(address, origin)
      return [address]
    }
    for address in request.addresses
    where !owners(of: Assignment(pool: request.pool, address: address)).contains(request.owner) {
      note(
        address, try pools[request.pool]!.take(address, for: request.owner, named: request.identity, at: now))
    }
    return request.addresses
  }
}
