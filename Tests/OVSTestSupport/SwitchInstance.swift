import Glibc

/// A real Open vSwitch for a test: ovsdb-server, and ovs-vswitchd in a network namespace of its own, with private
/// directories. A guardian process removes all of it when the test is over, also when this process is killed.
public final class SwitchInstance: Sendable {
  /// What is started.
  public enum Kind: String, Sendable {
    /// ovsdb-server alone, with the Open_vSwitch schema.
    case database
    /// ovsdb-server alone, as a cluster of one (which remembers its transactions).
    case clusteredDatabase
    /// ovsdb-server and ovs-vswitchd.
    case full
  }

  /// The private directory.
  public let directory: String
  /// The network namespace in which ovs-vswitchd and its devices are.
  public let namespace: String
  private let kind: Kind
  private let guardian: pid_t
  private let lifeline: Command.Pipe

  /// The database's socket.
  public var socket: String { "\(directory)/db.sock" }

  /// Whether tests that need root and Open vSwitch can run here.
  public static var isAvailable: Bool { getuid() == 0 && access("/usr/sbin/ovs-vswitchd", X_OK) == 0 }
  /// Why not.
  public static let requirement = "needs root and Debian's package openvswitch-switch"

  private init(_ kind: Kind, remotes: [String]) throws {
    var template = Array("/tmp/netloom-ovs-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CommandError(description: "mkdtemp failed") }
    self.kind = kind
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    namespace = "nlt-" + directory.suffix(6)
    lifeline = try Command.Pipe()
    let output = try Command.Pipe()
    guardian = try Command.start(
      ["/bin/sh", "-c", Self.script, "guardian", directory, namespace, kind.rawValue] + remotes, input: lifeline,
      output: output)
    output.closeWriteEnd()
    let line = output.readLine()
    guard line == "ready" else {
      stop()
      throw CommandError(description: "Open vSwitch did not start: \(line)")
    }
  }

  /// Runs `body` with a fresh switch and removes it afterwards.
  public static func with<Result>(
    _ kind: Kind = .full, remotes: [String] = [], _ body: (SwitchInstance) async throws -> Result
  ) async throws -> Result {
    await places.take()
    do {
      let instance = try await Command.aside { try SwitchInstance(kind, remotes: remotes) }
      do {
        let result = try await body(instance)
        try await Command.aside { instance.stop() }
        await places.giveBack()
        return result
      } catch {
        try await Command.aside { instance.stop() }
        throw error
      }
    } catch {
      await places.giveBack()
      throw error
    }
  }

  /// Dozens of switches that start at once make each other miss their deadlines. More places than tests that need a second
  /// switch while they have one.
  private static let places = Places(8)

  /// Adds a pair of devices `name` and `name`-p to the namespace.
  public func addDevice(_ name: String) async throws {
    try await Command.run([
      "ip", "-n", namespace, "link", "add", name, "up", "type", "veth", "peer", "name", "\(name)-p",
    ])
  }

  /// Runs `ovs-vsctl` as somebody else would.
  @discardableResult
  public func vsctl(_ arguments: String...) async throws -> String { try await vsctl(arguments) }

  /// The TCP port that ovsdb-server listens on, of a remote that left the choice to the kernel ("ptcp:0:127.0.0.1").
  public func listeningPort() async throws -> Int {
    let pid = try await Command.run(["cat", "\(directory)/ovsdb-server.pid"]).filter(\.isNumber)
    let line = try await Command.run(["ss", "-Hltnp"]).split(separator: "\n").first { $0.contains("pid=\(pid),") }
    let address = line?.split(separator: " ", omittingEmptySubsequences: true).dropFirst(3).first
    guard let port = address?.split(separator: ":").last.flatMap({ Int($0) }) else {
      throw CommandError(description: "ovsdb-server listens on no TCP port")
    }
    return port
  }

  /// Runs `ovs-vsctl` as somebody else would.
  @discardableResult
  public func vsctl(_ arguments: [String]) async throws -> String {
    let wait = kind == .full ? [] : ["--no-wait"]
    let output = try await Command.run(["ovs-vsctl", "--db=unix:\(socket)", "--timeout=5"] + wait + arguments)
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
  }

  /// Kills ovsdb-server without warning.
  public func killDatabase() async throws { try await kill("ovsdb-server.pid", SIGKILL) }

  /// Starts ovsdb-server again on the same database.
  public func restartDatabase(remotes: [String] = []) async throws {
    try await Command.run(
      ["/bin/sh", "-c", Self.functions + "d=$1; shift; environment; server \"$@\"", "sh", directory] + remotes)
  }

  /// Kills ovs-vswitchd without warning.
  public func killSwitch() async throws { try await kill("ovs-vswitchd.pid", SIGKILL) }

  /// Starts ovs-vswitchd again.
  public func restartSwitch() async throws {
    try await Command.run(
      ["/bin/sh", "-c", Self.functions + "d=$1 ns=$2; environment; switch", "sh", directory, namespace])
  }

  /// Stops (`SIGSTOP`) or resumes (`SIGCONT`) ovs-vswitchd.
  public func signalSwitch(_ signal: Int32) async throws { try await kill("ovs-vswitchd.pid", signal) }

  /// Stops or resumes ovsdb-server.
  public func signalDatabase(_ signal: Int32) async throws { try await kill("ovsdb-server.pid", signal) }

  private func kill(_ file: String, _ signal: Int32) async throws {
    let text = try await Command.run(["cat", "\(directory)/\(file)"])
    guard let pid = pid_t(text.filter(\.isNumber)) else { throw CommandError(description: "no pid in \(file)") }
    Glibc.kill(pid, signal)
  }

  private func stop() {
    lifeline.closeWriteEnd()
    _ = Command.wait(guardian)
  }

  private static let functions = """
    environment() {
      export OVS_RUNDIR=$d OVS_LOGDIR=$d OVS_DBDIR=$d OVS_SYSCONFDIR=$d
      quiet="-vconsole:off -vsyslog:off --log-file=$d/daemon.log --detach --no-chdir"
    }
    server() {
      rm -f $d/ovsdb-server.pid
      remotes=
      for remote in "$@"; do remotes="$remotes --remote=$remote"; done
      ovsdb-server $d/conf.db --remote=punix:$d/db.sock $remotes --unixctl=$d/ovsdb-server.ctl \\
        --pidfile=$d/ovsdb-server.pid --private-key=$d/key.pem --certificate=$d/cert.pem --ca-cert=$d/ca.pem $quiet
    }
    switch() {
      rm -f $d/ovs-vswitchd.pid
      ip netns exec $ns ovs-vswitchd unix:$d/db.sock --unixctl=$d/ovs-vswitchd.ctl \\
        --pidfile=$d/ovs-vswitchd.pid $quiet
    }

    """

  /// Waits for the end of its standard input, then cleans up whatever state things are in.
  private static let script =
    functions + """
      d=$1 ns=$2 kind=$3
      shift 3
      clean() {
        for name in ovs-vswitchd ovsdb-server; do
          if [ -s $d/$name.pid ]; then kill -9 $(cat $d/$name.pid) 2>/dev/null; fi
        done
        ip netns del $ns 2>/dev/null
        rm -rf $d
      }
      trap clean EXIT
      trap 'exit 1' TERM INT HUP
      start() {
        environment
        ip netns add $ns && ip -n $ns link set lo up || return
        if [ $kind = clusteredDatabase ]; then
          ovsdb-tool create-cluster $d/conf.db /usr/share/openvswitch/vswitch.ovsschema unix:$d/raft.sock 2>>$d/daemon.log || return
        else
          ovsdb-tool create $d/conf.db /usr/share/openvswitch/vswitch.ovsschema || return
        fi
        if [ ! -e $d/key.pem ]; then
          openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=netloom-test \\
            -keyout $d/key.pem -out $d/cert.pem 2>/dev/null || return
          cp $d/cert.pem $d/ca.pem
        fi
        server "$@" || return
        if [ $kind = full ]; then
          ovs-vsctl --db=unix:$d/db.sock --no-wait init || return
          switch || return
        fi
        echo ready
      }
      if ! start "$@"; then cat $d/daemon.log; exit 1; fi
      read line
      """
}
