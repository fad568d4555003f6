import Netlink

/// Runs `body` with two network namespaces of its own and removes them afterwards.
func withNamespaces(_ body: (NetworkNamespace, NetworkNamespace) async throws -> Void) async throws {
  let paths = (0..<2).map { _ in "/run/netloom-tests/netlink-\(UInt64.random(in: 0..<1 << 40))" }
  do {
    try await body(.create(at: paths[0]), .create(at: paths[1]))
  } catch {
    for path in paths { try NetworkNamespace.remove(path: path) }
    throw error
  }
  for path in paths { try NetworkNamespace.remove(path: path) }
}
