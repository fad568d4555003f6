import NetworkTypes
import ServiceLifecycle

/// The engine of one fabric: opens VLANs on ports and keeps it so.
///
/// `set` says what is wanted, `status` what is so, `events` when to look again. While `run` runs the driver works
/// towards what is wanted by itself: a switch that was away is brought up to date when it is back, and a change behind
/// the driver's back is undone. Ports and VLANs that are not the fabric's stay as they are.
public protocol FabricDriver: Service {
  /// Says what is wanted from now on. A port that is not in the fabric any more is given back as it was found.
  func set(_ fabric: FabricDefinition, _ vlans: FabricVLANs)

  /// What is so at the moment.
  var status: FabricStatus { get }

  /// What happens, from now on. `changed` comes at least once after each change of `status`.
  func events() -> AsyncStream<FabricEvent>

  /// Gives every port back as it was found; returns when all switches are clean.
  ///
  /// - Throws: `FabricError` that names the switches that could not be cleaned within `timeout`. The driver goes on
  ///   trying.
  func release(timeout: Duration) async throws
}

/// What is so on a fabric.
public struct FabricStatus: Sendable, Hashable {
  /// How a switch stands.
  public enum SwitchState: Sendable, Hashable {
    case connecting
    case connected
    /// What was attempted, on which switch, and why it failed.
    case failed(String)
  }

  /// How one VLAN stands on one port.
  public enum VLANState: Sendable, Hashable {
    /// It passes.
    case programmed
    /// It is being opened.
    case pending(String)
    /// It cannot be opened until something is done about the reason, which names the switch and the port.
    case failed(String)
  }

  /// The switches by name.
  public internal(set) var switches: [String: SwitchState] = [:]
  /// How each wanted VLAN stands, by port.
  public internal(set) var ports: [SwitchPort: [VLANID: VLANState]] = [:]
  /// Ports of the fabric that do not exist or cannot be programmed, whether a VLAN is wanted there or not.
  public internal(set) var problems: [SwitchPort: String] = [:]
  /// Switches that are not in the fabric any more but still have ports to give back.
  public internal(set) var releasing: Set<String> = []

  /// How a VLAN stands on a port; `pending` when the driver has not heard of it yet.
  public func state(of vlan: VLANID, on port: SwitchPort) -> VLANState {
    ports[port]?[vlan] ?? .pending("VLAN \(vlan) on \(port) has not been asked for yet")
  }
}

/// What happened on a fabric.
public enum FabricEvent: Sendable, Hashable {
  /// `status` is not what it was.
  case changed
  /// A switch became reachable.
  case connected(String)
  /// A switch became unreachable; with what was attempted and why it failed.
  case disconnected(String, String)
  /// Somebody else changed a port of the fabric; it has been set back.
  case drift(SwitchPort, found: String, wanted: String)
}

/// Why a fabric could not be brought where it is wanted.
public struct FabricError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was attempted, on which fabric, switch or port, why it failed and what to do.
  public let description: String

  /// Describes a failure.
  public init(_ description: String) { self.description = description }
}
