import NetworkTypes

/// Names an interface of a pod by the pod's name: the pod that comes after one of a StatefulSet has the same.
public struct InterfaceIdentity: Hashable, Sendable, CustomStringConvertible {
  /// The pod, as `namespace/name`.
  public var pod: String
  /// The interface in the pod.
  public var interface: String

  /// An interface of a pod.
  public init(pod: String, interface: String) {
    self.pod = pod
    self.interface = interface
  }

  /// `Pod test/web-0 (net1)`.
  public var description: String { "Pod \(pod) (\(interface))" }
}

/// Addresses that were released and are kept for those who come by the same name. One address a name; at most `limit`.
struct KeptAddresses: Sendable {
  /// Bounds the memory that names which never come back take.
  static var limit: Int { 1_000 }

  private(set) var resting = RestingAddresses()
  private var addresses: [InterfaceIdentity: IPAddress] = [:]
  private(set) var names: [IPAddress: InterfaceIdentity] = [:]

  /// The address that is kept for a name.
  subscript(_ name: InterfaceIdentity) -> IPAddress? { addresses[name] }

  /// Keeps an address.
  ///
  /// - Returns: the addresses that are not kept any more for it.
  mutating func insert(_ address: IPAddress, for name: InterfaceIdentity, until: Duration) -> [IPAddress] {
    var dropped = addresses[name].map { [$0] } ?? []
    for address in dropped { _ = remove(address) }
    if resting.count >= Self.limit, let oldest = removeFirst() { dropped.append(oldest.entry.address) }
    resting.insert(address, until: until)
    addresses[name] = address
    names[address] = name
    return dropped
  }

  mutating func reinsert(_ kept: Kept) {
    resting.reinsert(kept.entry)
    addresses[kept.name] = kept.entry.address
    names[kept.entry.address] = kept.name
  }

  mutating func remove(_ address: IPAddress) -> Kept? { resting.remove(address).flatMap { forget($0) } }

  mutating func removeFirst() -> Kept? { resting.removeFirst().flatMap { forget($0) } }

  private mutating func forget(_ entry: RestingAddresses.Entry) -> Kept? {
    guard let name = names.removeValue(forKey: entry.address) else { return nil }
    addresses[name] = nil
    return Kept(entry: entry, name: name)
  }

  mutating func formIntersection(_ set: AddressSet) {
    resting.formIntersection(set)
    names = names.filter { set.contains($0.key) }
    addresses = addresses.filter { set.contains($0.value) }
  }

  /// A kept address and for whom it is.
  struct Kept: Sendable {
    var entry: RestingAddresses.Entry
    var name: InterfaceIdentity
  }
}
