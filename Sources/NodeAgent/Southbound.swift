import Logging
import OVSDB

/// OVN's southbound database, which is asked when there is a reason to, and not followed: every node has an ovn-controller
/// that does.
struct Southbound: Sendable {
  let servers: [Endpoint]
  /// How long each server may take to answer.
  var patience: Duration = .seconds(2)

  /// No server answers.
  struct Silence: Error, CustomStringConvertible {
    let failures: [String]

    var description: String { "OVN's southbound database tells nothing (\(failures.joined(separator: "; ")))" }
  }

  /// The rows that each of the operations selects, from the first server that answers.
  func answers(to selections: [OVSDB.Operation]) async throws(Silence) -> [[Row]] {
    var failures: [String] = []
    for server in servers {
      if case .tls = server {
        failures.append("\(server) is not asked: it wants a certificate")
        continue
      }
      do { return try await answers(of: server, to: selections) } catch {
        failures.append("\(server): \(error)")
      }
    }
    throw Silence(failures: failures)
  }

  private func answers(of server: Endpoint, to selections: [OVSDB.Operation]) async throws -> [[Row]] {
    let client = OVSDBClient(
      OVSDBClient.Configuration(endpoint: server, database: "OVN_Southbound"), logger: Logger(label: "southbound"))
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
