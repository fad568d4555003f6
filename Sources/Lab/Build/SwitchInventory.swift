import Logging
import OVSDB

/// Everything that the Open vSwitch databases of a lab hold and every interface of its machines: taken before and after,
/// the two must be equal.
struct SwitchInventory: Sendable, Hashable {
  /// One line a row, sorted; row ids and statistics left out.
  var lines: Set<String> = []

  static func take(_ directory: LabDirectory, machines: [String], logger: Logger) async throws -> SwitchInventory {
    var inventory = SwitchInventory()
    for machine in machines {
      let results = try await OVSDBClient.withClient(of: directory.databaseEndpoint(of: machine), logger: logger) {
        client in
        try await client.transact([
          .select(table: "Bridge", where: [], columns: ["name", "external_ids", "fail_mode"]),
          .select(table: "Port", where: [], columns: ["name", "tag", "trunks", "vlan_mode", "external_ids"]),
          .select(table: "Interface", where: [], columns: ["name", "type", "options", "external_ids"]),
        ])
      }
      for (table, result) in zip(["bridge", "port", "interface"], results) {
        for row in result.rows ?? [] where !isTunnel(row) {
          let columns = row.columns.sorted { $0.key < $1.key }.map { "\($0.key)=\(withoutNotes($0.value))" }
          inventory.lines.insert("\(machine) \(table) \(columns.joined(separator: " "))")
        }
      }
    }
    return inventory
  }

  /// Whether it is of a tunnel of ovn-controller, which has one to every chassis whatever networks there are.
  private static func isTunnel(_ row: Row) -> Bool {
    row["type"]?.atom == .string("geneve") || row["external_ids"]?.map?[.string("ovn-chassis-id")] != nil
  }

  /// A column without what ovn-controller notes for itself (ovn-controller(8)).
  private static func withoutNotes(_ datum: Datum) -> Datum {
    guard let map = datum.map else { return datum }
    return Datum(
      map: map.filter { key, _ in
        guard case .string(let name) = key else { return true }
        return !["ovn-nb-cfg", "ovn-startup-ts", "ct-zone-"].contains { name.hasPrefix($0) }
      })
  }

  /// What is there that was not, and what is not there that was.
  func difference(from earlier: SwitchInventory) -> [String] {
    lines.subtracting(earlier.lines).sorted().map { "+ \($0)" }
      + earlier.lines.subtracting(lines).sorted().map { "- \($0)" }
  }
}

/// The VLANs that a switch's port carries, read from the switch itself.
struct CarriedVLANs: Sendable {
  private var ports: [LabTopology.Socket: [Int64]] = [:]

  static func read(_ directory: LabDirectory, switches: [String], logger: Logger) async throws -> CarriedVLANs {
    var carried = CarriedVLANs()
    for machine in switches {
      let rows = try await OVSDBClient.withClient(of: directory.databaseEndpoint(of: machine), logger: logger) {
        client in
        try await client.transact([.select(table: "Port", where: [], columns: ["name", "trunks"])])[0].rows ?? []
      }
      for row in rows {
        guard case .string(let name)? = row["name"]?.atom else { continue }
        let trunks = (row["trunks"]?.atoms ?? []).compactMap { atom -> Int64? in
          if case .integer(let vlan) = atom { vlan } else { nil }
        }
        carried.ports[.init(machine, name)] = trunks.filter { $0 != Int64(SwitchSetup.closed) }
      }
    }
    return carried
  }

  subscript(port: LabTopology.Socket) -> [Int64]? { ports[port] }
}
