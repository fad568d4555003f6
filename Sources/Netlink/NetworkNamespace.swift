import CNetlink
import Glibc

/// A network namespace, held open by a descriptor: it lives at least as long as this object.
///
/// A thread's namespace is a property of the thread, so entering one is always a synchronous function
/// (``run(_:)``): no suspension point can come in between. A socket stays in the namespace where it was made and may then be
/// used from any thread.
public final class NetworkNamespace: Sendable {
  /// The path that it was opened by, or what stands for it in messages.
  public let path: String
  private let handle: Descriptor

  /// The descriptor, for calls that take one (`IFLA_NET_NS_FD`). Valid as long as this object lives.
  public var descriptor: Int32 { handle.rawValue }

  private init(path: String, handle: Descriptor) {
    self.path = path
    self.handle = handle
  }

  /// The namespace of the calling thread.
  public static func current() throws(NetlinkError) -> NetworkNamespace {
    try NetworkNamespace(path: "the current network namespace", handle: openFile("/proc/thread-self/ns/net"))
  }

  /// The namespace bound to `path` (`/run/netns/blue`, `/proc/42/ns/net`). Fails with `EINVAL` for a file that is none,
  /// such as the mount point that a deleted namespace left behind.
  public static func open(path: String) throws(NetlinkError) -> NetworkNamespace {
    let handle = try openFile(path)
    guard cnetlink_is_namespace(handle.rawValue) == 1 else {
      throw NetlinkError("open network namespace", on: path, errno: EINVAL, detail: "the file is not a namespace")
    }
    return NetworkNamespace(path: path, handle: handle)
  }

  /// Makes a new namespace and binds it to `path`, as `ip netns add` does; missing folders are made. Its loopback is up.
  /// Fails with `EEXIST` when the path exists.
  public static func create(at path: String) throws(NetlinkError) -> NetworkNamespace {
    try makeFolders(for: path)
    let file = Glibc.open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
    guard file >= 0 else { throw NetlinkError("create network namespace", on: path, errno: errno) }
    close(file)
    do {
      // The thread ends afterwards: leaving the caller's thread in the new namespace would be unrecoverable.
      return try onFreshThread { Result { () throws(NetlinkError) in try bindNewNamespace(to: path) } }
    } catch {
      umount2(path, Int32(MNT_DETACH))
      unlink(path)
      throw error
    }
  }

  private static func bindNewNamespace(to path: String) throws(NetlinkError) -> NetworkNamespace {
    try check("create network namespace", path) { Int(cnetlink_unshare_network()) }
    try check("bind network namespace to", path) {
      Int(mount("/proc/thread-self/ns/net", path, "none", UInt(MS_BIND), nil))
    }
    try NetlinkSocket().perform(.setUp(.index(1)))
    return try open(path: path)
  }

  /// Removes the name `path`, as `ip netns delete` does. The namespace itself goes with its last process, socket and
  /// handle. A path that does not exist is no error.
  public static func remove(path: String) throws(NetlinkError) {
    if umount2(path, Int32(MNT_DETACH)) != 0, errno != EINVAL, errno != ENOENT {
      throw NetlinkError("unmount network namespace", on: path, errno: errno)
    }
    if unlink(path) != 0, errno != ENOENT {
      throw NetlinkError("remove network namespace", on: path, errno: errno)
    }
  }

  /// Runs `body` with the calling thread in this namespace and returns the thread to where it was. Aborts the process when
  /// returning is impossible: every later call of the thread would go astray.
  ///
  /// Nobody may be woken up from `body`: threads that the runtime then starts would inherit the namespace and stay in it.
  public func run<Success>(_ body: () throws -> Success) throws -> Success {
    try visit { Result(catching: body) }.get()
  }

  /// ``run(_:)`` for what fails by its result only.
  func visit<Success>(_ body: () -> Success) throws(NetlinkError) -> Success {
    let home = try NetworkNamespace.current()
    try check("enter network namespace", path) { Int(cnetlink_setns_network(descriptor)) }
    defer {
      if cnetlink_setns_network(home.descriptor) != 0 { abort() }
    }
    return body()
  }

  /// Whether both are the same namespace.
  public func isSame(as other: NetworkNamespace) -> Bool {
    var mine = stat()
    var theirs = stat()
    return fstat(descriptor, &mine) == 0 && fstat(other.descriptor, &theirs) == 0
      && mine.st_ino == theirs.st_ino && mine.st_dev == theirs.st_dev
  }

  private static func openFile(_ path: String) throws(NetlinkError) -> Descriptor {
    let descriptor = try check("open network namespace", path) { Int(Glibc.open(path, O_RDONLY | O_CLOEXEC)) }
    return Descriptor(owning: Int32(descriptor))
  }

  private static func makeFolders(for path: String) throws(NetlinkError) {
    for end in path.indices.dropFirst() where path[end] == "/" {
      let folder = String(path[..<end])
      if mkdir(folder, 0o755) != 0, errno != EEXIST { throw NetlinkError("create folder", on: folder, errno: errno) }
    }
  }
}
