import OVSDB

/// Single rows by name, for callers that would otherwise look through all that the switch holds.
extension OpenVSwitchEngine {
  /// Those of these names that are pods' ports of ours.
  public func podPorts(named names: some Collection<String>) async throws -> [String: ObservedPort] {
    try await connected("looking up ports \(names.joined(separator: ", "))", timeout: .seconds(5))
    let replica = client.replica
    var ports: [String: ObservedPort] = [:]
    for name in names {
      if let port = try replica.port(named: name), port.isPodPort, port.owner == owner { ports[name] = port }
    }
    return ports
  }

  /// The socket on which ovs-vswitchd lets a bridge be managed (ovs-vswitchd(8)).
  public func managementSocket(of bridge: String) -> String { flows.managementSocket(of: bridge) }

  /// The bridge; nil when there is none of that name.
  public func bridge(named name: String, timeout: Duration = .seconds(5)) async throws -> ObservedBridge? {
    try await connected("looking up bridge \(name)", timeout: timeout)
    guard let row = try client.replica.rows(BridgeRow.self, .column("name"), .string(name)).first else { return nil }
    return ObservedBridge(
      id: row.id, owner: row.externalIDs[Ownership.owner], datapathType: row.datapathType, failMode: row.failMode,
      ports: [])
  }
}
