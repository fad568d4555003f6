import Glibc

extension NetworkNamespace {
  /// Has these interfaces of the namespace take no addresses, routes and settings from routers' advertisements (RFC 4861):
  /// what others configure is all there is. Best done while they are down. rtnetlink does not carry the setting
  /// (`accept_ra` in the kernel's ip-sysctl.rst); an interface without IPv6 has nothing to set. Fails with `EROFS` where
  /// `/proc/sys` is mounted for reading only.
  public func ignoreRouterAdvertisements(on interfaces: [String]) throws(NetlinkError) {
    try visit {
      Result { () throws(NetlinkError) in
        for interface in interfaces { try Self.ignoreRouterAdvertisements(on: interface) }
      }
    }.get()
  }

  /// In the calling thread's namespace, which is the one that `/proc/sys/net` shows.
  private static func ignoreRouterAdvertisements(on interface: String) throws(NetlinkError) {
    let operation = "ignore router advertisements on"
    let file: Descriptor
    do {
      file = Descriptor(
        owning: Int32(
          try check(operation, interface) {
            Int(Glibc.open("/proc/sys/net/ipv6/conf/\(interface)/accept_ra", O_WRONLY | O_CLOEXEC))
          }))
    } catch {
      guard error.errno == ENOENT else { throw error }
      return
    }
    try check(operation, interface) { write(file.rawValue, "0", 1) }
  }
}
