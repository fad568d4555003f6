import IPAM
import NetworkTypes

/// Which interfaces have which MAC addresses, and on which networks: an address may be in use once a network.
struct HardwareAddresses: Sendable {
  /// What those that are made begin with.
  let prefix: MACPrefix
  private var users: [MACAddress: [AddressOwner: Set<WorldID>]] = [:]

  init(prefix: MACPrefix) { self.prefix = prefix }

  var isEmpty: Bool { users.isEmpty }

  /// Who else has an address on one of the networks, if anybody.
  func user(of address: MACAddress, on networks: Set<WorldID>, beside owner: AddressOwner) -> AddressOwner? {
    users[address]?.filter { $0.key != owner && !$0.value.isDisjoint(with: networks) }.keys.min()
  }

  /// The address that goes with an IP address or, without one, with the owner's name; another one when anybody else has
  /// it anywhere.
  func address(for owner: AddressOwner, with address: IPAddress?) -> MACAddress {
    var candidate =
      address.map { MACAddress(for: $0, prefix: prefix) } ?? MACAddress(hashing: owner.key, prefix: prefix)
    var attempt = 0
    while users[candidate]?.keys.contains(where: { $0 != owner }) == true {
      attempt += 1
      candidate = MACAddress(hashing: "\(owner.key)#\(attempt)", prefix: prefix)
    }
    return candidate
  }

  mutating func insert(_ address: MACAddress, for owner: AddressOwner, on networks: Set<WorldID>) {
    users[address, default: [:]][owner] = networks
  }

  mutating func remove(_ address: MACAddress, of owner: AddressOwner) {
    users[address]?[owner] = nil
    if users[address]?.isEmpty == true { users[address] = nil }
  }
}
