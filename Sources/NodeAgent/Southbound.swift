import Files
import Glibc
import Logging
import OVSDB
import OpenVSwitchEngine

/// OVN's southbound database, which is asked when there is a reason to, and not followed: every node has an ovn-controller
/// that does.
struct Southbound: Sendable {
  let servers: [Endpoint]
  /// How long each server may take to answer.
  var patience: Duration = .seconds(2)
  /// What is shown to servers of `ssl:`; nil: there is nothing to show.
  var credentials: @Sendable () async throws -> TLSCredentials? = { nil }

  /// No server answers.
  struct Silence: Error, CustomStringConvertible {
    let failures: [String]

    var description: String { "OVN's southbound database tells nothing (\(failures.joined(separator: "; ")))" }
  }

  /// The rows that each of the operations selects, from the first server that answers.
  func answers(to selections: [OVSDB.Operation]) async throws(Silence) -> [[Row]] {
    var failures: [String] = []
    for server in servers {
      do { return try await answers(of: server, to: selections) } catch {
        failures.append("\(server): \(error)")
      }
    }
    throw Silence(failures: failures)
  }

  private func answers(of server: Endpoint, to selections: [OVSDB.Operation]) async throws -> [[Row]] {
    var configuration = OVSDBClient.Configuration(endpoint: server, database: "OVN_Southbound")
    if case .tls = server {
      guard let credentials = try await credentials() else {
        throw OVSDBError(
          .invalidCredentials, attempt: "asking OVN",
          reason: "it wants a certificate, and Open vSwitch has none: ovs-vsctl set-ssl")
      }
      configuration.credentials = credentials
    }
    let client = OVSDBClient(configuration, logger: Logger(label: "southbound"))
    return try await withThrowingTaskGroup(of: [[Row]]?.self) { group in
      group.addTask {
        try await client.run()
        return nil
      }
      group.addTask {
        try await Task.sleep(for: patience)
        return nil
      }
      group.addTask {
        try await client.waitUntilSynchronized()
        return try await client.transact(selections).map { $0.rows ?? [] }
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let rows = first else {
        throw OVSDBError(.notConnected, attempt: "asking OVN", reason: "no answer within \(patience)")
      }
      return rows
    }
  }
}

extension OpenVSwitchEngine {
  /// What ovn-controller shows and trusts on TLS connections; nil when Open vSwitch was told nothing.
  @Sendable func tlsCredentials() async throws -> TLSCredentials? {
    guard let files = try await tlsFiles() else { return nil }
    func text(_ path: String) throws(FileError) -> String {
      guard let bytes = try Files.read(path) else { throw FileError("read", path, code: ENOENT) }
      return String(decoding: bytes, as: UTF8.self)
    }
    return TLSCredentials(
      certificateChain: try text(files.certificate), privateKey: try text(files.privateKey),
      trustRoots: try text(files.authority))
  }
}
