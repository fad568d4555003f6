/// What went wrong between this client and an OVSDB server: what was attempted, on what, and why it failed.
public struct OVSDBError: Error, Sendable, Hashable {
  /// The kind of failure, for a program that wants to act on it.
  public enum Code: Sendable, Hashable {
    // The server's answer to a transaction (RFC 7047 sections 3.1 and 5.2, ovsdb-server(7) section 3.1).
    /// "constraint violation": a value outside its column's range, a duplicate in a unique index, a missing reference.
    case constraintViolation
    /// "referential integrity violation": a row would refer to one that does not exist.
    case referentialIntegrityViolation
    /// "timed out": the condition of a `wait` did not come true.
    case waitTimedOut
    /// "not owner": an `assert` names a lock that this client does not hold.
    case notOwner
    /// "aborted": by an `abort` operation.
    case aborted
    /// "canceled": by a `cancel` request.
    case canceled
    /// "resources exhausted": the server lacks memory.
    case resourcesExhausted
    /// "I/O error": the server could not write its database.
    case ioError
    /// "domain error" or "range error": arithmetic of a `mutate`.
    case invalidArithmetic
    /// "duplicate uuid-name".
    case duplicateName
    /// "unknown database".
    case unknownDatabase
    /// "syntax error", "unknown column", "unknown table" or an unknown method.
    case invalidRequest
    /// "permission error": role-based access control refuses.
    case permissionDenied
    /// "not allowed": the server is a read-only copy.
    case notAllowed
    /// Any other error word of the server.
    case other(String)

    // This side of the connection.
    /// A text that is no endpoint.
    case invalidEndpoint
    /// Certificates or key that cannot be read.
    case invalidCredentials
    /// The server could not be reached.
    case connectFailed
    /// The server is not the leader of its cluster, or has lost the majority.
    case notLeader
    /// There is no connection: the request was not sent.
    case notConnected
    /// The connection ended before the answer: whether the request took effect is not known.
    case connectionLost
    /// The server sent something that is not OVSDB; the connection was closed.
    case protocolViolation
    /// A row does not have the shape that the program expects.
    case unexpectedShape
  }

  /// The kind of failure.
  public let code: Code
  /// What was attempted and on what: "transact on Open_vSwitch at unix:/run/openvswitch/db.sock".
  public var attempt: String
  /// Why it failed, in the server's words where there are any.
  public let reason: String
  /// The position in the transaction of the operation that failed; nil when the failure is not about one.
  public let operationIndex: Int?

  /// Describes a failure.
  public init(_ code: Code, attempt: String, reason: String, operationIndex: Int? = nil) {
    self.code = code
    self.attempt = attempt
    self.reason = reason
    self.operationIndex = operationIndex
  }
}

extension OVSDBError: CustomStringConvertible {
  /// "transact on Open_vSwitch: operation 2: constraint violation: ...".
  public var description: String {
    let position = operationIndex.map { ": operation \($0)" } ?? ""
    return "\(attempt)\(position): \(reason)"
  }
}

extension OVSDBError.Code {
  /// The code of an error word of the server.
  init(word: String) {
    self =
      switch word {
      case "constraint violation": .constraintViolation
      case "referential integrity violation": .referentialIntegrityViolation
      case "timed out": .waitTimedOut
      case "not owner": .notOwner
      case "aborted": .aborted
      case "canceled": .canceled
      case "resources exhausted": .resourcesExhausted
      case "I/O error": .ioError
      case "domain error", "range error": .invalidArithmetic
      case "duplicate uuid-name": .duplicateName
      case "unknown database": .unknownDatabase
      case "syntax error", "unknown column", "unknown table", "unknown method": .invalidRequest
      case "permission error": .permissionDenied
      case "not allowed": .notAllowed
      default: .other(word)
      }
  }
}
