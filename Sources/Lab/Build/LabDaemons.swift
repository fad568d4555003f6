import Files
import Netlink

/// Where programs of Open vSwitch and OVN run in a lab: a machine's network namespace, and a folder for their sockets,
/// process numbers and logs. Daemons go on when this process ends.
struct LabDaemons: Sendable {
  let machine: String
  /// Where the namespace is bound.
  let namespace: String
  let folder: String
  /// Where the machine's Open vSwitch has its sockets; nil: in the folder.
  var openVSwitch: String?

  /// Runs a program to its end, or until it has become a daemon.
  /// - Throws: ``LabError`` with what it said.
  func run(_ program: String, _ arguments: [String]) async throws {
    let environment = [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OVS_RUNDIR": openVSwitch ?? folder, "OVS_LOGDIR": folder,
      "OVS_DBDIR": folder, "OVS_SYSCONFDIR": folder, "OVN_RUNDIR": folder,
    ]
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(program, arguments, environment: environment), in: NetworkNamespace.open(path: namespace))
    guard outcome.isSuccess else {
      throw LabError(
        "run \(program) on \(machine)", reason: outcome.errorText.isEmpty ? "\(outcome.status)" : outcome.errorText,
        remedy: "see the logs in \(folder)")
    }
  }

  /// Starts a daemon; when this returns it serves.
  ///
  /// - Parameters:
  ///   - name: of its files; nil: the program's.
  ///   - hasControl: whether it takes the path of its control socket; ovn-controller picks one itself.
  func start(
    _ program: String, name: String? = nil, hasControl: Bool = true, _ arguments: [String]
  ) async throws {
    let files = "\(folder)/\(name ?? program)"
    try await run(
      program,
      arguments + (hasControl ? ["--unixctl=\(files).ctl"] : []) + [
        "--pidfile=\(files).pid", "--log-file=\(files).log", "-vconsole:off", "-vsyslog:off", "--no-chdir", "--detach",
      ])
  }
}
