import Logging
import NetworkTypes
import OVSDB

/// What a lab writes into the Open vSwitch of a machine that it plays itself, a leaf switch or a gateway: one bridge
/// with its ports. Nothing of it carries a mark of Netloom's: to Netloom it is somebody else's.
struct SwitchSetup {
  struct Port {
    var name: String
    /// An interface that Open vSwitch makes itself, for the machine's own addresses.
    var isInternal = false
    /// The VLAN of an access port, or that which frames without a tag are in on a trunk port.
    var tag: VLANID?
    /// The VLANs of a trunk port. Never empty: that would mean all of them.
    var trunks: [UInt16] = []
  }

  /// A VLAN that no frame can have (IEEE 802.1Q): a trunk port that carries only this one carries nothing.
  static let closed: UInt16 = 4095

  var bridge: String
  var ports: [Port]

  /// Writes the bridge in one transaction and waits until the switch daemon has taken it over.
  func apply(to endpoint: String, of machine: String, logger: Logger) async throws {
    try await OVSDBClient.withClient(of: endpoint, logger: logger) { client in
      try await client.transact(operations())
      let result = try await client.transact([.select(table: "Open_vSwitch", where: [], columns: ["next_cfg"])])
      guard let generation = result.first?.rows?.first?["next_cfg"] else {
        throw LabError("configure the switch of \(machine)", reason: "its database has no configuration row")
      }
      do {
        try await client.transact([
          .wait(
            table: "Open_vSwitch", where: [], columns: ["cur_cfg"], until: .equal, rows: [["cur_cfg": generation]],
            timeout: 10_000)
        ])
      } catch {
        throw LabError(
          "configure the switch of \(machine)", reason: "ovs-vswitchd did not take the bridge over: \(error)")
      }
    }
  }

  func operations() -> [Operation] {
    var operations: [Operation] = []
    var references = [Atom.namedUUID("own_port")]
    func port(_ name: String, id: String, type: String, row: [String: Datum]) {
      operations.append(
        .insert(
          table: "Interface", row: ["name": Datum(.string(name)), "type": Datum(.string(type))], name: "\(id)_if"))
      operations.append(
        .insert(
          table: "Port",
          row: row.merging(["name": Datum(.string(name)), "interfaces": Datum(.namedUUID("\(id)_if"))]) { $1 },
          name: id))
    }
    port(bridge, id: "own_port", type: "internal", row: [:])
    for (number, wanted) in ports.enumerated() {
      var row: [String: Datum] = [:]
      if let tag = wanted.tag { row["tag"] = Datum(.integer(Int64(tag.rawValue))) }
      if !wanted.trunks.isEmpty {
        row["trunks"] = Datum(set: wanted.trunks.map { .integer(Int64($0)) })
        row["vlan_mode"] = Datum(.string(wanted.tag == nil ? "trunk" : "native-untagged"))
      }
      port(wanted.name, id: "port\(number)", type: wanted.isInternal ? "internal" : "", row: row)
      references.append(.namedUUID("port\(number)"))
    }
    operations.append(
      .insert(
        table: "Bridge",
        row: [
          "name": Datum(.string(bridge)), "datapath_type": Datum(.string("netdev")),
          "fail_mode": Datum(.string("standalone")), "ports": Datum(set: references),
        ], name: "bridge"))
    operations.append(
      .mutate(
        table: "Open_vSwitch", where: [],
        mutations: [
          Mutation("bridges", .insert, Datum(.namedUUID("bridge"))), Mutation("next_cfg", .add, Datum(.integer(1))),
        ]))
    return operations
  }
}

extension OVSDBClient {
  /// Runs work with a connection to the database at an endpoint.
  static func withClient<Result: Sendable>(
    of endpoint: String, database: String = "Open_vSwitch", logger: Logger,
    _ work: @Sendable (OVSDBClient) async throws -> Result
  ) async throws -> Result {
    let client = OVSDBClient(.init(endpoint: try Endpoint(parsing: endpoint), database: database), logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      defer { group.cancelAll() }
      try await client.waitUntilSynchronized()
      return try await work(client)
    }
  }
}
