import Logging
import OVSDB

extension OVNCentral {
  /// How many rows there are of what a network is made of, by the table; tables without rows are left out.
  func northboundRows(logger: Logger) async throws -> [String: Int] {
    let tables = [
      "Logical_Switch", "Logical_Switch_Port", "Logical_Router", "Logical_Router_Port", "Logical_Router_Static_Route",
      "Logical_Router_Policy", "NAT", "ACL", "Address_Set", "Port_Group", "QoS", "HA_Chassis_Group", "HA_Chassis",
      "DHCP_Options", "DNS", "BFD", "Mirror",
    ]
    let results = try await OVSDBClient.withClient(
      of: remote(of: .northbound, members.lowerBound), database: Part.northbound.database, logger: logger
    ) { client in
      try await client.transact(tables.map { .select(table: $0, where: [], columns: ["_uuid"]) })
    }
    let counts = zip(tables, results).map { ($0, $1.rows?.count ?? 0) }
    return Dictionary(uniqueKeysWithValues: counts.filter { $0.1 > 0 })
  }
}
