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

  public var description: String {
    switch self {
    case .unknownPool(let pool):
      "there is no subnet \(pool) to take an address from; create it or correct its name"
    case .exhausted(let pool, let usage):
      "subnet \(pool) has no free address: all \(usage.total) are in use; enlarge its pools or delete pods that use it"
    case .notAssignable(let address, let pool, let reason):
      "address \(address) cannot be assigned from subnet \(pool): \(reason); request an address of its pools"
    case .taken(let address, let pool, let owner):
      "address \(address) of subnet \(pool) is in use by \(owner); request another or wait until it is released"
    }
  }
}
