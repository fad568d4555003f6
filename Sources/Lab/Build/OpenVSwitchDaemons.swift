import Files
import JSON

/// One machine's own Open vSwitch: a database server and a switch daemon in the machine's network namespace, with
/// private folders. The packets are switched in user space (`datapath_type=netdev`).
struct OpenVSwitchDaemons: Sendable {
  let daemons: LabDaemons

  static let schema = "/usr/share/openvswitch/vswitch.ovsschema"

  private var folder: String { daemons.folder }

  /// Makes an empty database: the folder, and in it the one row that everything else hangs from
  /// (ovs-vswitchd.conf.db(5)).
  func createDatabase() async throws {
    try Files.makeFolder(folder)
    try await daemons.run("ovsdb-tool", ["create", "\(folder)/conf.db", Self.schema])
    let row: JSONValue = ["Open_vSwitch", ["op": "insert", "table": "Open_vSwitch", "row": [:]]]
    try await daemons.run("ovsdb-tool", ["transact", "\(folder)/conf.db", row.description])
  }

  /// Starts both daemons; when it returns the database answers.
  func start() async throws {
    try await daemons.start(
      "ovsdb-server",
      [
        "\(folder)/conf.db", "--remote=punix:\(folder)/db.sock",
        "--remote=db:Open_vSwitch,Open_vSwitch,manager_options",
      ])
    try await daemons.start("ovs-vswitchd", ["unix:\(folder)/db.sock", "--disable-system"])
  }
}
