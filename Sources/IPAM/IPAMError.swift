import NetworkTypes

/// Why an address cannot be handed out.
public enum IPAMError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such pool, or it was removed.
  case unknownPool(PoolID)
  /// Every address of the pool has an owner.
  case exhausted(PoolID, PoolUsage)
  /// The requested address is not one that the pool hands out.
  case notAssignable(IPAddress, PoolID, reason: String)
  /// The requested address has another owner.
  case taken(IPAddress, PoolID, owner: String)
  /// The requested address is set aside.
  case setAside(SetAside, PoolID)
  /// The requested address is kept for somebody who had it, until the quarantine is over.
  case kept(IPAddress, PoolID, for: InterfaceIdentity)

  public var description: String {
    switch self {
    case .unknownPool(let pool):
      "there is no subnet \(pool) to take an address from; create it or correct its name"
    case .exhausted(let pool, let usage):
      "subnet \(pool) has no free address: "
        + (usage.kept + usage.setAside == 0
          ? "all \(usage.total) are in use"
          : "of \(usage.total), \(usage.used - usage.outside) are in use, \(usage.kept) kept for StatefulSet pods and "
            + "\(usage.setAside) set aside after conflicts")
        + "; enlarge its pools or delete pods that use it"
    case .notAssignable(let address, let pool, let reason):
      "address \(address) cannot be assigned from subnet \(pool): \(reason); request another address"
    case .taken(let address, let pool, let owner):
      "address \(address) of subnet \(pool) is in use by \(owner); request another or wait until it is released"
    case .setAside(let note, let pool):
      "address \(note.address) of subnet \(pool) is in use by \(note.mac.map { "\($0)" } ?? "somebody") outside of "
        + "Netloom (seen \(note.seen)); request another, or remove that user and wait until it is tried again, an hour "
        + "after"
    case .kept(let address, let pool, let name):
      "address \(address) of subnet \(pool) is kept for \(name), which had it last; request another or wait until its "
        + "quarantine is over"
    }
  }
}
