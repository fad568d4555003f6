import Glibc

/// A file descriptor that is closed when its last owner goes.
final class Descriptor: Sendable {
  let rawValue: Int32

  /// Takes over an open descriptor.
  init(owning rawValue: Int32) { self.rawValue = rawValue }

  deinit { close(rawValue) }

  /// A socket made in `namespace`, where it stays; in the calling thread's namespace when nil.
  static func socket(
    _ family: Int32, _ type: __socket_type, in namespace: NetworkNamespace?, _ subject: String
  ) throws(NetlinkError) -> Descriptor {
    let open: () throws -> Descriptor = {
      Descriptor(
        owning: Int32(
          try check("open", subject) {
            Int(Glibc.socket(family, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
          }))
    }
    do {
      return try namespace.map { try $0.run(open) } ?? open()
    } catch {
      throw error as? NetlinkError ?? NetlinkError("open", on: subject, errno: EINVAL, detail: "\(error)")
    }
  }
}
