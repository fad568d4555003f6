import OVSDB

/// Copies of what ports of OVN's logical switches send and receive, for another such port.
///
/// An Open vSwitch mirror (ovs-vswitchd.conf.db(5), Mirror) on OVN's integration bridge: it takes packets as they come
/// from a port and as they go to it, whatever OVN's flows do with them, and changes nothing about them. To another node
/// copies go by a tunnel like OVN's own to that node, with a key of their own; no flow knows it, so they end in the
/// mirror there. A port that gets copies gets nothing else, and what it sends is dropped.
public struct DesiredMirror: Sendable, Hashable {
  /// The names of the logical ports that are copied. Those that are not on this switch are left out.
  public var ports: Set<String>
  /// Whether what the ports send is copied.
  public var copiesSent: Bool
  /// Whether what the ports receive is copied.
  public var copiesReceived: Bool
  /// The key of tunnels (RFC 8926, Virtual Network Identifier).
  public var key: Int
  /// Where the copies go.
  public var sink: Sink
  /// For a sink that is here: the chassis of OVN from which copies come too.
  public var origins: Set<String>

  /// Where copies go.
  public enum Sink: Sendable, Hashable {
    /// To a logical port on this switch.
    case port(String)
    /// To the chassis of OVN where the sink is.
    case chassis(String)
  }

  /// Describes a mirror.
  public init(
    of ports: Set<String>, sent: Bool = true, received: Bool = true, key: Int, to sink: Sink,
    origins: Set<String> = []
  ) {
    self.ports = ports
    copiesSent = sent
    copiesReceived = received
    self.key = key
    self.sink = sink
    self.origins = origins
  }

  /// The chassis that a tunnel leads to.
  private var peers: Set<String> {
    switch sink {
    case .port: origins
    case .chassis(let chassis): [chassis]
    }
  }
}

/// A row of table Mirror.
struct MirrorRow: TableRow {
  var name = ""
  /// The ports whose packets are copied as they come from them.
  var sources: Set<RowID> = []
  /// The ports whose packets are copied as they go to them.
  var destinations: Set<RowID> = []
  var output: RowID?
  var externalIDs: [String: String] = [:]

  static let tableName = "Mirror"
  static let columns = [
    Column("name", \MirrorRow.name),
    Column("select_src_port", \MirrorRow.sources),
    Column("select_dst_port", \MirrorRow.destinations),
    Column("output_port", \MirrorRow.output),
    Column("external_ids", \MirrorRow.externalIDs),
  ]

  /// All ports that it has to do with.
  var ports: Set<RowID> { sources.union(destinations).union([output].compactMap(\.self)) }
}

extension PortRow {
  /// Sets whether a port is `protected`.
  fileprivate static func protect(_ id: RowID, _ isProtected: Bool) -> Operation {
    .update(table: tableName, where: [.row(id)], row: ["protected": isProtected.datum])
  }
}

extension DesiredMirror {
  /// The tunnels to other nodes, by port name: as OVN's own to them, but for the key. A node that OVN has no tunnel to
  /// is left out until it has.
  func tunnels(on observed: ObservedSwitch) -> [String: DesiredPort] {
    var tunnels: [String: DesiredPort] = [:]
    for peer in peers {
      guard let like = observed.tunnel(to: peer), let remote = like.options["remote_ip"] else { continue }
      let name = "nlm\(hexadecimal(key, 6))\(hexadecimal(checksum(remote), 6))"
      var options = ["remote_ip": remote, "key": "\(key)"]
      options["csum"] = like.options["csum"]
      tunnels[name] = DesiredPort(.tunnel(type: like.type, options: options), vlans: .any)
    }
    return tunnels
  }

  /// What copies wait for, and what to do; nil: all that they need is there.
  func awaited(on observed: ObservedSwitch) -> String? {
    if case .port(let sink) = sink, observed.logicalPorts([sink]).isEmpty {
      return "port \(sink), which gets the copies, is not on this node's Open vSwitch yet"
    }
    guard let peer = peers.sorted().first(where: { observed.tunnel(to: $0) == nil }) else { return nil }
    return
      "OVN has no tunnel to chassis \(peer) yet, by which copies go; see that ovn-controller runs on both nodes and "
      + "reaches the southbound database"
  }

  /// The row; nil while there is nothing to copy or nowhere to copy it to.
  func row(_ name: String, on observed: ObservedSwitch, owner: String) -> MirrorRow? {
    let tunnels = Set(self.tunnels(on: observed).keys.compactMap { observed.ports[$0]?.id })
    let copied = Set(observed.logicalPorts(ports).map(\.id))
    var row = MirrorRow(
      name: name, sources: copiesSent ? copied : [], destinations: copiesReceived ? copied : [],
      externalIDs: [Ownership.owner: owner])
    switch sink {
    case .port(let sink):
      row.sources.formUnion(tunnels)
      row.output = observed.logicalPorts([sink]).first?.id
    case .chassis: row.output = tunnels.first
    }
    return row.output == nil || (row.sources.isEmpty && row.destinations.isEmpty) ? nil : row
  }
}

extension DesiredSwitch {
  /// The switch with the tunnels of its mirrors among the ports of OVN's bridge.
  func withTunnels(on observed: ObservedSwitch) -> Self {
    let tunnels = mirrors.values.reduce(into: [:]) { $0.merge($1.tunnels(on: observed)) { one, _ in one } }
    let bridge = ObservedSwitch.integrationBridge
    guard !tunnels.isEmpty, observed.bridges[bridge] != nil else { return self }
    var switched = self
    switched.bridges[bridge, default: DesiredBridge(failMode: .secure)].ports.merge(tunnels) { _, tunnel in tunnel }
    return switched
  }

  /// The operations that bring the mirrors of ours on OVN's bridge where they are wanted, the ports being there; mirrors of
  /// others stay. And the ports that changed mirrors have to do with.
  func mirrorOperations(
    _ replica: Replica, owner: String
  ) throws(OVSDBError) -> (operations: [Operation], ports: Set<RowID>) {
    let observed = try ObservedSwitch(replica)
    guard let bridge = observed.bridges[ObservedSwitch.integrationBridge] else { return ([], []) }
    var touched: Set<RowID> = []
    var present: [String: Stored<MirrorRow>] = [:]
    for row in try replica.rows(MirrorRow.self) where row.externalIDs[Ownership.owner] == owner {
      present[row.name] = row
    }
    var operations: [Operation] = []
    for (name, mirror) in mirrors.sorted(by: { $0.key < $1.key }) {
      guard let row = mirror.row(name, on: observed, owner: owner) else { continue }
      if let old = present.removeValue(forKey: name) {
        guard let update = row.update(old.id, from: old.value) else { continue }
        operations.append(update)
        touched.formUnion(old.value.ports)
      } else {
        operations.append(row.insert(named: rowName("mirror", name)))
        operations.append(
          BridgeRow.mutate(bridge.id, [Mutation("mirrors", .insert, Datum(.namedUUID(rowName("mirror", name))))]))
      }
      touched.formUnion(row.ports)
    }
    for row in present.values.sorted(by: { $0.name < $1.name }) {
      operations.append(BridgeRow.mutate(bridge.id, [Mutation("mirrors", .delete, row.id)]))
      touched.formUnion(row.value.ports)
    }
    return (operations, touched.intersection(observed.ports.values.map(\.id)))
  }
}

extension OpenVSwitchEngine {
  /// Brings the mirrors where they are wanted; the ports that they name are there.
  ///
  /// Flows that are in the datapath go on as they were when a mirror comes or goes (ovs-vswitchd before 3.2 does not look
  /// at them again), but not when a port's `protected` changes. It means nothing on OVN's bridge, and is set back.
  func mirror(_ desired: DesiredSwitch, _ attempt: String, timeout: Duration) async throws {
    let touched = try await retryingWhenOvertaken(attempt) {
      let (operations, touched) = try desired.mirrorOperations(self.client.replica, owner: self.owner)
      try await self.write(operations + touched.map { PortRow.protect($0, true) })
      return operations.isEmpty ? nil : touched
    }
    guard let touched else { return }
    try await takenOver(attempt, timeout: timeout)
    try await write(touched.map { PortRow.protect($0, false) })
    try await takenOver(attempt, timeout: timeout)
  }
}

extension ObservedSwitch {
  /// The ports on OVN's bridge that are logical ports of these names.
  fileprivate func logicalPorts(_ names: Set<String>) -> [ObservedPort] {
    ports.values.filter { port in
      port.bridge == Self.integrationBridge
        && port.interfaces.contains { $0.externalIDs["iface-id"].map(names.contains) ?? false }
    }
  }

  /// OVN's tunnel to a chassis, whose port it marks with `<chassis>@<address>` (ovn-controller(8)).
  fileprivate func tunnel(to chassis: String) -> ObservedInterface? {
    ports.values
      .filter { $0.externalIDs["ovn-chassis-id"].map { $0.split(separator: "@").first == chassis[...] } ?? false }
      .flatMap(\.interfaces).min { $0.name < $1.name }
  }
}

/// FNV-1a, 24 bits of it.
private func checksum(_ text: String) -> Int {
  var hash: UInt32 = 0x811c_9dc5
  for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
  return Int((hash >> 24) ^ (hash & 0xff_ffff))
}

private func hexadecimal(_ number: Int, _ digits: Int) -> String {
  let text = String(number, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
