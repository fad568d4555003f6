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

  /// A request; without addresses, for any one.
  public init(owner: Owner, pool: PoolID, addresses: [IPAddress] = []) {
    self.owner = owner
    self.pool = pool
    self.addresses = addresses
  }
}

/// Assigns addresses of pools to owners (an owner is a pod's UID and interface). Pure and in memory: what it holds is
/// rebuilt by `restore` from what the pods' annotations say.
///
/// - No address is ever given to two owners, and none is lost.
/// - Released addresses rest for the quarantine; they are handed out earlier only when nothing else is free.
/// - Pools are independent: the same addresses may be in several.
/// - Every operation costs O(log n) or less, amortised; memory grows with the addresses in use, not with the pools.
///
/// Time is given by the caller, as the time since any fixed moment; it should not run backwards.
public struct Allocator<Owner: Hashable & Sendable>: Sendable {
  /// How long released addresses rest.
  public var quarantine: Duration
  var pools: [PoolID: Pool<Owner>] = [:]
  var assignments: [Owner: [Assignment]] = [:]

  /// An allocator without pools.
  public init(quarantine: Duration = .seconds(60)) {
    self.quarantine = quarantine
  }

  // MARK: - Pools

  /// Adds a pool or changes it. Addresses that are no longer in it stay with their owners until released.
  public mutating func setPool(_ id: PoolID, _ configuration: PoolConfiguration) {
    pools[id, default: Pool(id)].configure(configuration)
  }

  /// Hands out nothing more from the pool, and forgets it when its last address is released.
  public mutating func removePool(_ id: PoolID) {
    pools[id]?.configure(nil)
    forgetIfUnused(id)
  }

  mutating func forgetIfUnused(_ id: PoolID) {
    if pools[id]?.isForgettable == true { pools[id] = nil }
  }

  /// The pools that addresses are handed out from.
  public var poolIDs: [PoolID] { pools.filter { $0.value.configuration != nil }.map(\.key).sorted() }

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

  // MARK: - Allocation

  /// Gives each owner what it asks for: all requests are fulfilled or none.
  ///
  /// Asking again gives the same answer: what the owner already has in the pool is kept and returned.
  /// - Returns: for each request, in order, the addresses that fulfil it.
  public mutating func allocate(
    _ requests: [AllocationRequest<Owner>], at now: Duration
  ) throws(IPAMError) -> [[IPAddress]] {
    var taken: [(Owner, Assignment)] = []
    var answers: [[IPAddress]] = []
    do {
      for request in requests { answers.append(try fulfil(request, at: now, taken: &taken)) }
    } catch {
      for (owner, assignment) in taken { giveBack(assignment, from: owner, restUntil: now) }
      throw error
    }
    return answers
  }

  /// Gives the owner an address of the pool: the requested one, else the one it has there, else any.
  public mutating func allocate(
    _ owner: Owner, from pool: PoolID, requested: IPAddress? = nil, at now: Duration
  ) throws(IPAMError) -> IPAddress {
    let request = AllocationRequest(owner: owner, pool: pool, addresses: requested.map { [$0] } ?? [])
    return try allocate([request], at: now)[0][0]
  }

  private mutating func fulfil(
    _ request: AllocationRequest<Owner>, at now: Duration, taken: inout [(Owner, Assignment)]
  ) throws(IPAMError) -> [IPAddress] {
    let owned = assignments(of: request.owner).filter { $0.pool == request.pool }.map(\.address)
    if request.addresses.isEmpty, !owned.isEmpty { return owned }
    guard pools[request.pool] != nil else { throw .unknownPool(request.pool) }
    func note(_ address: IPAddress) {
      let assignment = Assignment(pool: request.pool, address: address)
      assignments[request.owner, default: []].append(assignment)
      taken.append((request.owner, assignment))
    }
    func has(_ owner: Owner, _ address: IPAddress) -> Bool {
      owners(of: Assignment(pool: request.pool, address: address)).contains(owner)
    }
    if request.addresses.isEmpty {
      let address = try pools[request.pool]!.take(for: request.owner, at: now)
      note(address)
      return [address]
    }
    for address in request.addresses where !has(request.owner, address) {
      try pools[request.pool]!.take(address, for: request.owner)
      note(address)
    }
    return request.addresses
  }
}
