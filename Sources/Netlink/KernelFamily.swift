import Glibc
import NetworkTypes

extension IPAddress {
  /// The kernel's number of the address family.
  var kernelFamily: UInt8 { UInt8(family == .v4 ? AF_INET : AF_INET6) }

  /// 0.0.0.0 or ::, by the kernel's number of the family; nil for other families.
  init?(unspecifiedOfKernelFamily family: UInt8) {
    switch Int32(family) {
    case AF_INET: self = .v4(IPv4Address(rawValue: 0))
    case AF_INET6: self = .v6(IPv6Address(rawValue: 0))
    default: return nil
    }
  }
}
