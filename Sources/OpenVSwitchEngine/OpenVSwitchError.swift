/// Why Open vSwitch could not be brought where it is wanted.
public struct OpenVSwitchError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: Sendable, Hashable {
    /// The database cannot be reached, or not in time.
    case unreachable
    /// The bridge does not exist.
    case noSuchBridge
    /// A port of that name exists and is somebody else's.
    case notOurs
    /// ovs-vswitchd reported an error for the interface.
    case interfaceFailed
    /// ovs-vswitchd did not take the interface up in time: it is not running or very busy.
    case notRealized
    /// The port is there, but ovs-vswitchd did not take the flows that hold it to its rate and to who the pod is.
    case flowsFailed
    /// Others kept changing the database at the same moment.
    case contended
    /// The name cannot be a port's or bridge's.
    case invalidName
  }

  /// The kind of failure.
  public let code: Code
  /// What was attempted and on what: "adding port veth1 to bridge br-data".
  public let attempt: String
  /// Why it failed and what to do.
  public let reason: String

  /// Describes a failure.
  public init(_ code: Code, attempt: String, reason: String) {
    self.code = code
    self.attempt = attempt
    self.reason = reason
  }

  public var description: String { "\(attempt): \(reason)" }
}
