import NetworkTypes

extension Allocator {
  /// Takes everything from the owner. Its addresses rest from now on.
  /// - Returns: what it had.
  @discardableResult
  public mutating func release(_ owner: Owner, at now: Duration) -> [Assignment] {
    let released = assignments(of: owner)
    for assignment in released { giveBack(assignment, from: owner, restUntil: now + quarantine) }
    return released
  }

  /// Takes one address from the owner; it rests from now on.
  /// - Returns: whether the owner had it.
  @discardableResult
  public mutating func release(_ assignment: Assignment, of owner: Owner, at now: Duration) -> Bool {
    guard assignments(of: owner).contains(assignment) else { return false }
    giveBack(assignment, from: owner, restUntil: now + quarantine)
    return true
  }

  mutating func giveBack(_ assignment: Assignment, from owner: Owner, restUntil: Duration) {
    assignments[owner]?.removeAll { $0 == assignment }
    if assignments[owner]?.isEmpty == true { assignments[owner] = nil }
    pools[assignment.pool]?.giveBack(assignment.address, from: owner, restUntil: restUntil)
    forgetIfUnused(assignment.pool)
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
}

// MARK: - Invariants

/// A breach of what the allocator guarantees. The number of them must always be 0.
public enum AllocationViolation<Owner: Hashable & Sendable>: Hashable, Sendable, CustomStringConvertible {
  /// Several owners have the address: it was restored for each of them.
  case contested(Assignment, owners: Set<Owner>)
  /// The pool and the owner disagree on whether the owner has the address: a defect of the allocator.
  case inconsistent(Assignment, Owner?)
  /// The address has an owner and rests: a defect of the allocator.
  case heldWhileResting(Assignment)

  public var description: String {
    switch self {
    case .contested(let assignment, let owners):
      "address \(assignment.address) of subnet \(assignment.pool) has \(owners.count) owners: "
        + "\(owners.map { "\($0)" }.sorted().joined(separator: ", ")); delete all of these pods but one"
    case .inconsistent(let assignment, let owner):
      "address \(assignment.address) of subnet \(assignment.pool) is booked differently for "
        + "\(owner.map { "\($0)" } ?? "nobody") and in the subnet"
    case .heldWhileResting(let assignment):
      "address \(assignment.address) of subnet \(assignment.pool) has an owner and rests at once"
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
      violations += pool.heldWhileResting.map { .heldWhileResting(Assignment(pool: id, address: $0)) }
    }
    return violations
  }
}
