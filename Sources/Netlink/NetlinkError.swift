import CNetlink
import Glibc

/// What went wrong in a call to the kernel: what was attempted, on what, and the kernel's own reason.
public struct NetlinkError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was attempted, as a verb phrase: `"create veth"`.
  public var operation: String
  /// On which interface, path or program.
  public var subject: String
  /// The error number (`ENODEV`...).
  public var errno: Int32
  /// The kernel's extended acknowledgement text, or what the caller can do about it.
  public var detail: String?

  public init(_ operation: String, on subject: String, errno: Int32, detail: String? = nil) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.detail = detail
  }

  /// The symbolic name of `errno`: `"ENODEV"`.
  public var errnoName: String { String(cString: cnetlink_errno_name(errno)) }

  /// The interface, address, route or file does not exist.
  public var isNotFound: Bool { [ENODEV, ENOENT, ESRCH, EADDRNOTAVAIL, ENXIO].contains(errno) }

  /// The kernel refuses the argument as such.
  public var isInvalid: Bool { errno == EINVAL }

  /// What should be created exists already.
  public var isAlreadyExists: Bool { errno == EEXIST }

  public var description: String {
    let reason = "cannot \(operation) \(subject): \(errnoName) (\(String(cString: strerror(errno))))"
    return detail.map { "\(reason): \($0)" } ?? reason
  }
}

/// Throws the current `errno` as a ``NetlinkError`` when `result` is negative, else returns it. Calls interrupted by a
/// signal are repeated.
@discardableResult
func check(
  _ operation: String, _ subject: @autoclosure () -> String, _ call: () -> Int
) throws(NetlinkError) -> Int {
  while true {
    let result = call()
    if result >= 0 { return result }
    if errno != EINTR { throw NetlinkError(operation, on: subject(), errno: errno) }
  }
}
