import Glibc

/// A file descriptor that is closed when its last owner goes.
final class Descriptor: Sendable {
  let rawValue: Int32

  /// Takes over an open descriptor.
  init(owning rawValue: Int32) { self.rawValue = rawValue }

  deinit { close(rawValue) }
}
