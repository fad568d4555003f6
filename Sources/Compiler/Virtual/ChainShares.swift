import KubernetesModel
import NetworkTypes

/// Which instance of a function a flow passes: a share of 64 buckets that the last bits of the left side's address
/// choose from. The left side's address is the source one way and the destination the other way, so both directions of
/// a flow pass the same instance.
enum ChainShares {
  /// How many buckets there are: a power of two.
  static let count = 64

  /// The buckets of every instance; together all of them, each once.
  ///
  /// Rendezvous hashing (Thaler and Ravishankar, 1998): an instance that comes takes its buckets from all the others
  /// alike, and one that goes leaves its own to all the others; no bucket moves otherwise. The name counts and not the
  /// address, so the pod of a StatefulSet has its buckets again after a restart.
  static func buckets(of instances: [NamespacedName]) -> [NamespacedName: [Int]] {
    var shares: [NamespacedName: [Int]] = [:]
    for bucket in 0..<count {
      let winner = instances.max { (weight($0, bucket), $0) < (weight($1, bucket), $1) }
      if let winner { shares[winner, default: []].append(bucket) }
    }
    return shares
  }

  /// The bucket of an address.
  static func bucket(of address: IPAddress) -> Int { Int(address.value % UInt128(count)) }

  /// The addresses of buckets in OVN's language: `0.0.0.5/0.0.0.63` are those whose last six bits are 5; nil for all
  /// of the buckets, which choose nothing.
  static func match(_ buckets: [Int], _ family: IPFamily) -> String? {
    guard buckets.count < count else { return nil }
    let masked = buckets.map { bucket in
      switch family {
      case .v4: "0.0.0.\(bucket)/0.0.0.\(count - 1)"
      case .v6: "::\(String(bucket, radix: 16))/::\(String(count - 1, radix: 16))"
      }
    }
    return "{\(masked.joined(separator: ", "))}"
  }

  /// How much an instance wants a bucket: FNV-1a of both, then mixed (the finalizer of SplitMix64), because names that
  /// differ in their last letter only would have weights that are too alike.
  private static func weight(_ instance: NamespacedName, _ bucket: Int) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(instance) \(bucket)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
  }
}
