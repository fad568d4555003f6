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

  /// The files that Open vSwitch was told for TLS connections, which ovn-controller uses too (`ovs-vsctl set-ssl`;
  /// ovs-vswitchd.conf.db(5), table SSL); nil when there are none.
  public func tlsFiles(timeout: Duration = .seconds(5)) async throws -> TLSFiles? {
    try await connected("looking up the files for TLS", timeout: timeout)
    let columns = ["private_key", "certificate", "ca_cert"]
    let answer = try await client.transact([.select(table: "SSL", where: [], columns: columns)])
    guard let row = answer[0].rows?.first else { return nil }
    let paths = columns.compactMap { row[$0].flatMap { String(datum: $0) } }
    return paths.count == 3 ? TLSFiles(privateKey: paths[0], certificate: paths[1], authority: paths[2]) : nil
  }

  /// Paths of files in PEM.
  public struct TLSFiles: Sendable, Hashable {
    /// The private key.
    public let privateKey: String
    /// The certificate that is shown.
    public let certificate: String
    /// The authority that others' certificates must come from.
    public let authority: String
  }
}
