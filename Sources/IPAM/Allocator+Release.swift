import NetworkTypes

extension Allocator {
  /// Takes everything from the owner. Its addresses rest from now on.
  /// - Parameter identity: the name by which they are kept for whoever comes after the owner.
  /// - Returns: what it had.
  @discardableResult
  public mutating func release(
    _ owner: Owner, keptFor identity: InterfaceIdentity? = nil, at now: Duration
  ) -> [Assignment] {
    let released = assignments(of: owner)
    for assignment in released { giveBack(assignment, from: owner, keptFor: identity, restUntil: now + quarantine) }
    return released
  }

  /// Takes one address from the owner; it rests from now on.
  /// - Returns: whether the owner had it.
  @discardableResult
  public mutating func release(_ assignment: Assignment, of owner: Owner, at now: Duration) -> Bool {
    guard assignments(of: owner).contains(assignment) else { return false }
    giveBack(assignment, from: owner, keptFor: nil, restUntil: now + quarantine)
    return true
  }

  private mutating func giveBack(
    _ assignment: Assignment, from owner: Owner, keptFor identity: InterfaceIdentity?, restUntil: Duration
  ) {
    forget(assignment, of: owner)
    pools[assignment.pool]?.giveBack(assignment.address, from: owner, keptFor: identity, restUntil: restUntil)
    forgetIfUnused(assignment.pool)
  }

  private mutating func forget(_ assignment: Assignment, of owner: Owner) {
    assignments[owner]?.removeAll { $0 == assignment }
    if assignments[owner]?.isEmpty == true { assignments[owner] = nil }
  }
}

// MARK: - Setting aside

extension Allocator {
  /// Takes an address from the owner because somebody unknown has it too; nobody gets it before ``retrial`` is over.
  /// - Returns: whether the owner had it.
  @discardableResult
  public mutating func setAside(_ note: SetAside, of pool: PoolID, from owner: Owner, at now: Duration) -> Bool {
    let assignment = Assignment(pool: pool, address: note.address)
    guard assignments(of: owner).contains(assignment) else { return false }
    forget(assignment, of: owner)
    pools[pool]?.setAside(note, from: owner, until: now + retrial)
    self.note(pool)
    return true
  }

  /// Whether an address is set aside.
  public func isSetAside(_ assignment: Assignment) -> Bool {
    pools[assignment.pool]?.isSetAside(assignment.address) ?? false
  }

  /// The addresses of a pool that are set aside, ascending.
  public func setAside(of pool: PoolID) -> [SetAside] { pools[pool]?.notes ?? [] }

  /// The addresses of a pool that are kept for those who come by a name, the longest kept first.
  public func reservations(of pool: PoolID) -> [(address: IPAddress, name: InterfaceIdentity)] {
    pools[pool]?.reservations ?? []
  }

  /// When something next changes by time alone: an address may be tried again, or is no longer kept for its name alone.
  /// O(pools that have such addresses).
  public func nextChange(after now: Duration) -> Duration? {
    timed.compactMap { pools[$0]?.nextChange(after: now) }.min()
  }

  /// Brings everything to a time.
  /// - Parameter before: the time to which it was brought last.
  /// - Returns: the pools in which something has changed.
  public mutating func advance(from before: Duration, to now: Duration) -> Set<PoolID> {
    var changed: Set<PoolID> = []
    for id in timed {
      guard let next = pools[id]?.nextChange(after: before), next <= now else { continue }
      pools[id]?.readmit(at: now)
      changed.insert(id)
    }
    for id in changed { note(id) }
    return changed
  }
}

// MARK: - Restoring

extension Allocator {
  /// Notes that the owner has these addresses, as its pod's annotation says. The order of restoring does not matter, nor
  /// whether the pool is known yet, has changed since, or someone else claims the same address: what pods really use is
  /// never dropped. Restoring twice is restoring once.
  /// - Returns: those of the addresses that others claim too; they stay in `violations()` until all but one let go.
  @discardableResult
  public mutating func restore(_ restored: [Assignment], of owner: Owner) -> [AllocationViolation<Owner>] {
    restored.compactMap { assignment in
      if !assignments(of: owner).contains(assignment) { assignments[owner, default: []].append(assignment) }
      pools[assignment.pool, default: Pool(assignment.pool)].restore(assignment.address, for: owner)
      let owners = owners(of: assignment)
      return owners.count > 1 ? .contested(assignment, owners: owners) : nil
    }
  }

  /// Notes what was known before a restart of addresses that nobody has: what was set aside is set aside anew, what was
  /// kept rests anew, the longest kept first.
  public mutating func restore(
    _ pool: PoolID, setAside: [SetAside], kept: [(IPAddress, InterfaceIdentity)], at now: Duration
  ) {
    pools[pool]?.restore(setAside: setAside, kept: kept, until: (now + retrial, now + quarantine))
    note(pool)
  }
}

// MARK: - Invariants

/// A breach of what the allocator guarantees. The number of them must always be 0.
public enum AllocationViolation<Owner: Hashable & Sendable>: Hashable, Sendable, CustomStringConvertible {
  /// Several owners have the address: it was restored for each of them.
  case contested(Assignment, owners: Set<Owner>)
  /// The pool and the owner disagree on whether the owner has the address: a defect of the allocator.
  case inconsistent(Assignment, Owner?)
  /// The address has an owner and is free, kept or set aside: a defect of the allocator.
  case misplaced(Assignment)

  public var description: String {
    switch self {
    case .contested(let assignment, let owners):
      "address \(assignment.address) of subnet \(assignment.pool) has \(owners.count) owners: "
        + "\(owners.map { "\($0)" }.sorted().joined(separator: ", ")); delete all of these pods but one"
    case .inconsistent(let assignment, let owner):
      "address \(assignment.address) of subnet \(assignment.pool) is booked differently for "
        + "\(owner.map { "\($0)" } ?? "nobody") and in the subnet"
    case .misplaced(let assignment):
      "address \(assignment.address) of subnet \(assignment.pool) has an owner and is free at once"
    }
  }
}

extension Allocator {
  /// Checks everything against everything; O(addresses in use).
  public func violations() -> [AllocationViolation<Owner>] {
    var violations: [AllocationViolation<Owner>] = []
    for (owner, assignments) in assignments {
      for assignment in assignments where !owners(of: assignment).contains(owner) {
        violations.append(.inconsistent(assignment, owner))
      }
      if Set(assignments).count < assignments.count { violations.append(.inconsistent(assignments[0], owner)) }
    }
    for (id, pool) in pools {
      for (address, owner) in pool.holders {
        let assignment = Assignment(pool: id, address: address)
        if !assignments(of: owner).contains(assignment) { violations.append(.inconsistent(assignment, owner)) }
      }
      for (address, owners) in pool.contested {
        violations.append(.contested(Assignment(pool: id, address: address), owners: owners))
      }
      violations += pool.misplaced.map { .misplaced(Assignment(pool: id, address: $0)) }
    }
    return violations
  }
}
