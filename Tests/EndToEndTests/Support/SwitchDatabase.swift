import OVSDB

@testable import Lab

/// A switch as its administrator meets it, beside Netloom.
struct SwitchDatabase {
  let lab: Lab
  let machine: String

  private func transact(_ operations: [Operation]) async throws -> [OperationResult] {
    try await OVSDBClient.withClient(of: lab.directory.databaseEndpoint(of: machine), logger: TestCluster.logger) {
      try await $0.transact(operations)
    }
  }

  /// The VLANs that a trunk port carries, sorted.
  func trunks(of port: String) async throws -> [Int64] {
    let rows = try await transact([
      .select(table: "Port", where: [Condition("name", .equal, port)], columns: ["trunks"])
    ])[0].rows
    return (rows?.first?["trunks"]?.atoms ?? []).compactMap { if case .integer(let vlan) = $0 { vlan } else { nil } }
  }

  /// Adds a VLAN to a trunk port, or removes one.
  func mutate(_ port: String, _ mutator: Mutation.Mutator, vlan: Int64) async throws {
    _ = try await transact([
      .mutate(
        table: "Port", where: [Condition("name", .equal, port)],
        mutations: [Mutation("trunks", mutator, Datum(.integer(vlan)))])
    ])
  }

  /// Waits, at most ten seconds, until a trunk port carries exactly these VLANs.
  func wait(until port: String, carries vlans: [Int64]) async throws {
    _ = try await transact([
      .wait(
        table: "Port", where: [Condition("name", .equal, port)], columns: ["trunks"], until: .equal,
        rows: [["trunks": Datum(set: vlans.map { .integer($0) })]], timeout: 10_000)
    ])
  }

  /// Adds a trunk port of somebody else's.
  func addForeignPort(_ port: String, vlan: Int64) async throws {
    _ = try await transact([
      .insert(table: "Interface", row: ["name": Datum(.string(port)), "type": Datum(.string("internal"))], name: "if"),
      .insert(
        table: "Port",
        row: [
          "name": Datum(.string(port)), "interfaces": Datum(.namedUUID("if")), "trunks": Datum(.integer(vlan)),
        ], name: "port"),
      .mutate(table: "Bridge", where: [], mutations: [Mutation("ports", .insert, Datum(.namedUUID("port")))]),
    ])
  }

  /// Removes it again.
  func removeForeignPort(_ port: String) async throws {
    let rows = try await transact([
      .select(table: "Port", where: [Condition("name", .equal, port)], columns: ["_uuid"])
    ])[0].rows
    guard let id = rows?.first?.id else { return }
    _ = try await transact([.mutate(table: "Bridge", where: [], mutations: [Mutation("ports", .delete, id)])])
  }
}

extension TestCluster {
  /// Waits until a host has no bridge of ours, and ovs-vswitchd has let go of the devices. One that OVN has ports on
  /// stays until ovn-controller has taken them away.
  func waitUntilBridgesAreGone(from host: String) async throws {
    try await OVSDBClient.withClient(of: lab.directory.databaseEndpoint(of: host), logger: Self.logger) { client in
      _ = try await client.transact([
        .wait(
          table: "Bridge", where: [Condition("external_ids", .includes, ["netloom-owner": "netloom"])],
          columns: ["name"], until: .equal, rows: [], timeout: 10_000)
      ])
      let rows = try await client.transact([
        .mutate(table: "Open_vSwitch", where: [], mutations: [Mutation("next_cfg", .add, 1)]),
        .select(table: "Open_vSwitch", where: [], columns: ["next_cfg"]),
      ])[1].rows
      guard case .integer(let asked)? = rows?.first?["next_cfg"]?.atoms?.first else { return }
      // ovs-vswitchd.conf.db(5), Open_vSwitch: cur_cfg is next_cfg when everything until then has been carried out.
      _ = try await client.transact([
        .wait(
          table: "Open_vSwitch", where: [Condition("cur_cfg", .lessThan, asked)], columns: ["cur_cfg"],
          until: .equal, rows: [], timeout: 10_000)
      ])
    }
  }
}
