import Files
import JSON
import Logging
import Netlink

/// One machine's own Open vSwitch: a database server and a switch daemon in the machine's network namespace, with
/// private folders. The packets are switched in user space (`datapath_type=netdev`).
struct OpenVSwitchDaemons: Sendable {
  let folder: String
  let machine: String
  let logger: Logger

  static let schema = "/usr/share/openvswitch/vswitch.ovsschema"

  private var environment: [String: String] {
    [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OVS_RUNDIR": folder, "OVS_LOGDIR": folder, "OVS_DBDIR": folder,
      "OVS_SYSCONFDIR": folder,
    ]
  }

  /// Makes an empty database: the folder, and in it the one row that everything else hangs from
  /// (ovs-vswitchd.conf.db(5)).
  func createDatabase(in namespace: NetworkNamespace) async throws {
    try Files.makeFolder(folder)
    try await run("ovsdb-tool", ["create", "\(folder)/conf.db", Self.schema], namespace)
    let row: JSONValue = ["Open_vSwitch", ["op": "insert", "table": "Open_vSwitch", "row": [:]]]
    try await run("ovsdb-tool", ["transact", "\(folder)/conf.db", row.description], namespace)
  }

  /// Starts both daemons; when it returns the database answers. They go on when this process ends.
  func start(in namespace: NetworkNamespace) async throws {
    try await run(
      "ovsdb-server",
      [
        "\(folder)/conf.db", "--remote=punix:\(folder)/db.sock",
        "--remote=db:Open_vSwitch,Open_vSwitch,manager_options",
      ]
        + daemonArguments("ovsdb-server"), namespace)
    try await run(
      "ovs-vswitchd", ["unix:\(folder)/db.sock", "--disable-system"] + daemonArguments("ovs-vswitchd"), namespace)
  }

  private func daemonArguments(_ name: String) -> [String] {
    [
      "--unixctl=\(folder)/\(name).ctl", "--pidfile=\(folder)/\(name).pid", "--log-file=\(folder)/\(name).log",
      "-vconsole:off", "-vsyslog:off", "--no-chdir", "--detach",
    ]
  }

  private func run(_ program: String, _ arguments: [String], _ namespace: NetworkNamespace) async throws {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(program, arguments, environment: environment), in: namespace)
    guard outcome.isSuccess else {
      throw LabError(
        "start \(program) on \(machine)", reason: outcome.errorText.isEmpty ? "\(outcome.status)" : outcome.errorText,
        remedy: "see \(folder)/\(program).log")
    }
  }
}
