import JSON

/// How a server of a cluster stands, from the database that it keeps about itself (ovsdb-server(7), `_Server`; its
/// schema is described in ovsdb-server(5)).
enum ServerStanding {
  /// The database about the server, which is also the name of its monitor.
  static let database = "_Server"

  /// Follows how the server stands with its databases.
  static let request = ClientStateMachine.Action.request(
    method: "monitor",
    params: [
      .string(database), .string(database), ["Database": [["columns": ["name", "model", "connected", "leader"]]]],
    ])

  /// Throws `notLeader` when an update tells that the server does not lead the cluster of `name`, or is cut off from it.
  static func check(_ updates: JSONValue, of name: String) throws(OVSDBError) {
    for update in try TableUpdates(json: updates, format: .plain).tables["Database"]?.values ?? [:].values {
      let row: [String: Datum]
      switch update {
      case .insert(let columns), .replace(let columns): row = columns
      case .modify, .delete: continue
      }
      guard row["name"] == Datum(.string(name)),
        row["model"] == Datum(.string("clustered"))
      else { continue }
      let isConnected = row["connected"] == Datum(.boolean(true))
      guard isConnected, row["leader"] == Datum(.boolean(true)) else {
        throw OVSDBError(
          .notLeader, attempt: "using \(name)",
          reason: isConnected
            ? "this server is not the leader of its cluster" : "this server is cut off from the majority of its cluster"
        )
      }
    }
  }
}
