/// Why a call did not succeed: what was attempted and why it failed, in the words of the server where there are any.
public struct GRPCError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure: a status code (gRPC, "Status codes and their use").
  public struct Code: Sendable, Hashable, RawRepresentable {
    public var rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The caller was cancelled.
    public static let cancelled = Code(rawValue: 1)
    public static let unknown = Code(rawValue: 2)
    public static let invalidArgument = Code(rawValue: 3)
    /// There was no answer in time. Whether the request took effect is not known.
    public static let deadlineExceeded = Code(rawValue: 4)
    public static let notFound = Code(rawValue: 5)
    public static let alreadyExists = Code(rawValue: 6)
    public static let permissionDenied = Code(rawValue: 7)
    public static let resourceExhausted = Code(rawValue: 8)
    public static let failedPrecondition = Code(rawValue: 9)
    public static let aborted = Code(rawValue: 10)
    public static let outOfRange = Code(rawValue: 11)
    /// The server has no such method.
    public static let unimplemented = Code(rawValue: 12)
    /// Somebody broke the protocol; also: a message that cannot be read.
    public static let `internal` = Code(rawValue: 13)
    /// Nobody listens there, or the connection was lost: may pass.
    public static let unavailable = Code(rawValue: 14)
    public static let dataLoss = Code(rawValue: 15)
    public static let unauthenticated = Code(rawValue: 16)
  }

  public var code: Code
  /// What was attempted, as a verb phrase: `"call /v1.PodResourcesLister/List at /run/kubelet.sock"`.
  public var attempt: String
  public var reason: String

  public init(_ code: Code, attempting attempt: String, _ reason: String) {
    self.code = code
    self.attempt = attempt
    self.reason = reason
  }

  public var description: String { "cannot \(attempt): \(reason) (\(code))" }
}

extension GRPCError.Code: CustomStringConvertible {
  private static let names = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]

  public var description: String {
    Self.names.indices.contains(rawValue) ? Self.names[rawValue] : "status \(rawValue)"
  }
}
