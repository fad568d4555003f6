import Glibc

/// A real OVN central for a test: the northbound database (one server or a cluster of three), the southbound database and
/// ovn-northd, with private directories. A guardian process removes all of it when the test is over, also when this
/// process is killed.
public final class OVNCentral: Sendable {
  /// The private directory.
  public let directory: String
  /// How many servers the northbound database has.
  public let serverCount: Int
  private let guardian: pid_t
  private let lifeline: Command.Pipe

  /// Whether OVN is installed.
  public static var isAvailable: Bool { access("/usr/bin/ovn-northd", X_OK) == 0 }
  /// Why tests need more.
  public static let requirement = "needs Debian's package ovn-central"

  /// The socket of a server of the northbound database, the first of which is 1.
  public func northbound(_ server: Int = 1) -> String { "\(directory)/nb\(server).sock" }
  /// The socket of the southbound database.
  public var southbound: String { "\(directory)/sb.sock" }

  private init(servers: Int, remotes: [String]) throws {
    var template = Array("/tmp/netloom-ovn-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CommandError(description: "mkdtemp failed") }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    serverCount = servers
    lifeline = try Command.Pipe()
    let output = try Command.Pipe()
    guardian = try Command.start(
      ["/bin/sh", "-c", Self.script, "guardian", directory, "\(servers)"] + remotes, input: lifeline, output: output)
    output.closeWriteEnd()
    let line = output.readLine()
    guard line == "ready" else {
      stop()
      throw CommandError(description: "OVN did not start: \(line)")
    }
  }

  /// Runs `body` with a fresh central and removes it afterwards.
  ///
  /// - Parameter remotes: where the first server listens besides its socket: `ptcp:0:127.0.0.1`, `pssl:0:127.0.0.1`.
  public static func with<Result>(
    servers: Int = 1, remotes: [String] = [], _ body: (OVNCentral) async throws -> Result
  ) async throws -> Result {
    let central = try await Command.aside { try OVNCentral(servers: servers, remotes: remotes) }
    do {
      let result = try await body(central)
      try await Command.aside { central.stop() }
      return result
    } catch {
      try await Command.aside { central.stop() }
      throw error
    }
  }

  /// Runs `ovn-nbctl` as somebody else would.
  @discardableResult
  public func nbctl(_ arguments: String...) async throws -> String {
    let servers = (1...serverCount).map { "unix:\(northbound($0))" }.joined(separator: ",")
    let output = try await Command.run(["ovn-nbctl", "--db=\(servers)", "--timeout=10"] + arguments)
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
  }

  /// Runs `ovn-sbctl` as ovn-controller and somebody else would.
  @discardableResult
  public func sbctl(_ arguments: String...) async throws -> String {
    try await Command.run(["ovn-sbctl", "--db=unix:\(southbound)", "--timeout=10"] + arguments)
  }

  /// Which server leads the cluster.
  public func leader() async throws -> Int {
    for server in 1...serverCount {
      guard access("\(directory)/nb\(server).pid", R_OK) == 0 else { continue }
      let status = try await Command.run(
        ["ovs-appctl", "-t", "\(directory)/nb\(server).ctl", "cluster/status", "OVN_Northbound"])
      if status.contains("Role: leader") { return server }
    }
    throw CommandError(description: "the cluster has no leader")
  }

  /// Makes the leader of the cluster give its office away.
  public func transferLeadership(from server: Int) async throws {
    try await Command.run(
      ["ovs-appctl", "-t", "\(directory)/nb\(server).ctl", "cluster/failure-test", "transfer-leadership"])
  }

  /// The text of a file of the private directory: `cert.pem`, `key.pem`, `ca.pem`.
  public func file(_ name: String) async throws -> String { try await Command.run(["cat", "\(directory)/\(name)"]) }

  /// The TCP port that the first server listens on, of a remote that left the choice to the kernel.
  public func listeningPort() async throws -> Int { try await listeningPort(of: "nb1") }

  /// Has the southbound database listen for TLS connections as well.
  ///
  /// - Returns: the port, on 127.0.0.1.
  public func openSouthbound() async throws -> Int {
    try await Command.run(
      ["ovs-appctl", "-t", "\(directory)/sb.ctl", "ovsdb-server/add-remote", "pssl:0:127.0.0.1"])
    return try await listeningPort(of: "sb")
  }

  private func listeningPort(of server: String) async throws -> Int {
    let pid = try await Command.run(["cat", "\(directory)/\(server).pid"]).filter(\.isNumber)
    let line = try await Command.run(["ss", "-Hltnp"]).split(separator: "\n").first { $0.contains("pid=\(pid),") }
    let address = line?.split(separator: " ", omittingEmptySubsequences: true).dropFirst(3).first
    guard let port = address?.split(separator: ":").last.flatMap({ Int($0) }) else {
      throw CommandError(description: "the database \(server) listens on no TCP port")
    }
    return port
  }

  /// Sends a signal to a server of the northbound database; after `SIGKILL` it is gone.
  public func signal(server: Int = 1, _ signal: Int32) async throws { try await kill("nb\(server)", signal) }

  /// Starts a server of the northbound database again.
  public func restart(server: Int = 1) async throws { try await shell("nb \(server)") }

  /// Sends a signal to the server of the southbound database; after `SIGKILL` it is gone.
  public func signalSouthbound(_ signal: Int32) async throws { try await kill("sb", signal) }

  /// Starts the server of the southbound database again.
  public func restartSouthbound() async throws { try await shell("sb") }

  /// Stops (`SIGSTOP`), resumes (`SIGCONT`) or kills ovn-northd.
  public func signalNorthd(_ signal: Int32) async throws { try await kill("northd", signal) }

  private func shell(_ command: String) async throws {
    try await Command.run(
      ["/bin/sh", "-c", Self.functions + "d=$1 servers=$2; environment; \(command)", "sh", directory, "\(serverCount)"])
  }

  private func kill(_ name: String, _ signal: Int32) async throws {
    let text = try await Command.run(["cat", "\(directory)/\(name).pid"])
    guard let pid = pid_t(text.filter(\.isNumber)) else { throw CommandError(description: "no pid of \(name)") }
    Glibc.kill(pid, signal)
    if signal == SIGKILL { unlink("\(directory)/\(name).pid") }
  }

  private func stop() {
    lifeline.closeWriteEnd()
    _ = Command.wait(guardian)
  }

  private static let functions = """
    environment() {
      export OVS_RUNDIR=$d OVS_LOGDIR=$d OVS_DBDIR=$d OVS_SYSCONFDIR=$d OVN_RUNDIR=$d OVN_LOGDIR=$d OVN_DBDIR=$d
    }
    quiet() { echo "-vconsole:off -vsyslog:off --log-file=$d/$1.log --detach --no-chdir --pidfile=$d/$1.pid --unixctl=$d/$1.ctl"; }
    nb() {
      n=$1; shift
      rm -f $d/nb$n.pid
      remotes=
      for remote in "$@"; do remotes="$remotes --remote=$remote"; done
      ovsdb-server $d/nb$n.db --remote=punix:$d/nb$n.sock $remotes --private-key=$d/key.pem --certificate=$d/cert.pem \\
        --ca-cert=$d/ca.pem $(quiet nb$n)
    }
    sb() {
      ovsdb-server $d/sb.db --remote=punix:$d/sb.sock --private-key=$d/key.pem --certificate=$d/cert.pem \\
        --ca-cert=$d/ca.pem $(quiet sb)
    }
    northd() {
      databases=unix:$d/nb1.sock
      n=1
      while [ $n -lt $servers ]; do n=$((n + 1)); databases=$databases,unix:$d/nb$n.sock; done
      ovn-northd --ovnnb-db=$databases --ovnsb-db=unix:$d/sb.sock $(quiet northd)
    }

    """

  /// Waits for the end of its standard input, then cleans up whatever state things are in.
  private static let script =
    functions + """
      d=$1 servers=$2
      shift 2
      clean() {
        for name in northd nb1 nb2 nb3 sb; do
          if [ -s $d/$name.pid ]; then kill -9 $(cat $d/$name.pid) 2>/dev/null; fi
        done
        rm -rf $d
      }
      trap clean EXIT
      trap 'exit 1' TERM INT HUP
      start() {
        environment
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=netloom-test \\
          -keyout $d/key.pem -out $d/cert.pem 2>/dev/null || return
        cp $d/cert.pem $d/ca.pem
        schema=/usr/share/ovn/ovn-nb.ovsschema
        if [ $servers = 1 ]; then
          ovsdb-tool create $d/nb1.db $schema || return
          nb 1 "$@" || return
        else
          ovsdb-tool create-cluster $d/nb1.db $schema unix:$d/raft1.sock 2>>$d/nb1.log || return
          nb 1 "$@" || return
          for n in 2 3; do
            ovsdb-tool join-cluster $d/nb$n.db OVN_Northbound unix:$d/raft$n.sock unix:$d/raft1.sock 2>>$d/nb$n.log || return
            nb $n || return
          done
          for n in 1 2 3; do ovsdb-client -t 10 wait unix:$d/nb$n.sock OVN_Northbound connected 2>>$d/nb$n.log || return; done
        fi
        ovsdb-tool create $d/sb.db /usr/share/ovn/ovn-sb.ovsschema || return
        sb || return
        northd || return
        echo ready
      }
      if ! start "$@"; then cat $d/*.log; exit 1; fi
      read line
      """
}
