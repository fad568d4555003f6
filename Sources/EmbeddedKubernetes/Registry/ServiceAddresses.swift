import APIMachinery
import JSON
import Synchronization

/// Gives every Service an address of its own out of 10.96.0.0/16.
///
/// The addresses in use are held in memory; they are read from the Services when the server starts.
final class ServiceAddresses: Sendable {
  /// An address that was taken for a Service that is being made.
  struct Claim: Sendable {
    fileprivate let addresses: ServiceAddresses
    fileprivate let address: UInt32

    /// Gives the address back: the Service was not made after all.
    func release() { addresses.used.withLock { _ = $0.remove(address) } }
  }

  private static let network: UInt32 = 10 << 24 | 96 << 16
  private static let size: UInt32 = 1 << 16
  /// The address of the Service `kubernetes` in the namespace `default`.
  static let kubernetes = "10.96.0.1"

  private let used = Mutex<Set<UInt32>>([])

  /// The Service with its address, where its type has one, and the claim on it.
  func admit(_ object: JSONValue, type: ResourceType) throws -> (JSONValue, Claim?) {
    guard type.storageKey == "services" else { return (object, nil) }
    let kind = object[path: "spec", "type"]?.string ?? "ClusterIP"
    let asked = object[path: "spec", "clusterIP"]?.string ?? ""
    if kind == "ExternalName" || asked == "None" { return (object, nil) }
    var object = object
    let address: UInt32?
    if asked.isEmpty {
      address = used.withLock { used in
        let first = UInt32.random(in: 256..<Self.size - 1)
        for step in 0..<Self.size - 257 {
          let candidate = Self.network + 256 + (first - 256 + step) % (Self.size - 257)
          if used.insert(candidate).inserted { return candidate }
        }
        return nil
      }
      guard let address else {
        throw StatusError.internalFailure("failed to allocate a serviceIP: range is full")
      }
      object[path: "spec", "clusterIP"] = .string(Self.text(address))
    } else {
      guard let given = Self.parse(asked) else { return (object, nil) }  // the kind's validation refuses it
      address = used.withLock { $0.insert(given).inserted } ? given : nil
      guard address != nil else {
        let error = FieldError.invalid(
          "spec.clusterIPs", .array([.string(asked)]),
          "failed to allocate IP \(asked): provided IP is already allocated")
        throw StatusError.invalid(
          type.qualifiedKind, name: object[path: "metadata", "name"]?.string ?? "", [error])
      }
    }
    if let ip = object[path: "spec", "clusterIP"] { object[path: "spec", "clusterIPs"] = .array([ip]) }
    return (object, address.map { Claim(addresses: self, address: $0) })
  }

  /// Notes the address of a Service that is there already.
  func note(_ object: JSONValue) {
    guard let address = (object[path: "spec", "clusterIP"]?.string).flatMap(Self.parse) else { return }
    used.withLock { _ = $0.insert(address) }
  }

  /// Frees the address of a Service that was removed.
  func release(_ object: JSONValue, type: ResourceType) {
    guard type.storageKey == "services" else { return }
    guard let address = (object[path: "spec", "clusterIP"]?.string).flatMap(Self.parse) else { return }
    used.withLock { _ = $0.remove(address) }
  }

  private static func text(_ address: UInt32) -> String {
    [24, 16, 8, 0].map { String(address >> UInt32($0) & 255) }.joined(separator: ".")
  }

  private static func parse(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, !parts.contains(nil) else { return nil }
    return parts.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
  }
}
