import CNI
import JSON
import NetworkTypes

/// One attachment of a sandbox: everything that its ADD and, when nothing else is left, its DEL need.
public struct Delegate: Sendable, Hashable, Codable {
  /// The name that the pod's status shows: `namespace/name` of the definition, or the name of a configuration on disk.
  public var network: String
  /// The interface in the pod.
  public var interface: String
  /// Whether it is the cluster's default network, or what the pod has in its place.
  public var isDefault = false
  /// The CNI configuration (a list, or a single plugin's) as it is run.
  public var configuration: JSONValue
  /// For plugins that have the capability of that name.
  public var capabilityArguments: [String: JSONValue] = [:]
  /// For the plugins' `args.cni`; they count more than what the configuration has there.
  public var arguments: [String: JSONValue] = [:]
  /// The gateways for the pod's default route, which moves to this network; nil when it stays.
  public var defaultRoute: [IPAddress]?
  /// Where information on the device is exchanged with the plugins; nil when there is no device.
  public var deviceInfo: DeviceInfoFile?

  /// The configuration, checked.
  func list() throws(CNIError) -> NetworkConfigurationList { try NetworkConfigurationList(json: configuration) }

  /// The attachment as its plugins see it.
  func attachment(of sandbox: Sandbox) -> CNIAttachment {
    var attachment = sandbox.attachment
    attachment.interface = interface
    attachment.capabilityArguments = capabilityArguments
    attachment.configurationArguments = arguments
    return attachment
  }
}

/// Delegates that are attached and detached in one go.
struct DelegateBatch: Sendable {
  /// Their positions in the sandbox.
  var range: Range<Int>
  /// Whether they are of our own type, and done without a process.
  var isInProcess: Bool

  /// The delegates in order: those of our own type that follow one another together, every other one alone.
  static func batches(_ delegates: [Delegate]) -> [DelegateBatch] {
    var batches: [DelegateBatch] = []
    for (position, delegate) in delegates.enumerated() {
      let isInProcess = (try? delegate.list())?.isNative ?? false
      if isInProcess, let last = batches.last, last.isInProcess {
        batches[batches.count - 1].range = last.range.lowerBound..<position + 1
      } else {
        batches.append(DelegateBatch(range: position..<position + 1, isInProcess: isInProcess))
      }
    }
    return batches
  }
}
