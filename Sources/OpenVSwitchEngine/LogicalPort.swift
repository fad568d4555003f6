import NetworkTypes
import OVSDB

/// Which port of an OVN logical switch a port on the integration bridge is: ovn-controller finds it by `external_ids` of
/// the Interface (ovn-controller(8), "Open vSwitch Database Usage"). The Port bears the same marks, so that they can be put
/// back.
public struct LogicalPort: Sendable, Hashable {
  /// The name of the Logical_Switch_Port.
  public var name: String
  /// What the logical port must say too for the two to come together (`iface-id-ver`): the pod's uid. Nil: any.
  public var version: String?
  /// The Ethernet address of the device.
  public var macAddress: MACAddress?

  /// Describes a port.
  public init(name: String, version: String? = nil, macAddress: MACAddress? = nil) {
    self.name = name
    self.version = version
    self.macAddress = macAddress
  }

  private enum Key: String, CaseIterable {
    case name = "iface-id"
    case version = "iface-id-ver"
    case macAddress = "attached-mac"
  }

  static let keys = Set(Key.allCases.map(\.rawValue))

  static func marks(in externalIDs: [String: String]) -> [String: String] {
    externalIDs.filter { keys.contains($0.key) }
  }

  var marks: [String: String] {
    var marks = [Key.name.rawValue: name]
    marks[Key.version.rawValue] = version
    marks[Key.macAddress.rawValue] = macAddress?.description
    return marks
  }

  /// Reads marks; nil when they name no port.
  fileprivate init?(_ marks: [String: String]) {
    guard let name = marks[Key.name.rawValue] else { return nil }
    self.init(
      name: name, version: marks[Key.version.rawValue],
      macAddress: marks[Key.macAddress.rawValue].flatMap { MACAddress($0) })
  }
}

extension LogicalPort: CustomStringConvertible {
  /// "test/pod/net1" and, where there is one, the version: "test/pod/net1 (version ...)".
  public var description: String { version.map { "\(name) (version \($0))" } ?? name }
}

extension ObservedPort {
  /// What its marks say of its part in OVN.
  var logicalMarks: [String: String] { LogicalPort.marks(in: externalIDs) }

  /// The port of OVN that it was made for; nil when it has nothing to do with OVN.
  public var logicalPort: LogicalPort? { LogicalPort(externalIDs) }
}

extension ObservedInterface {
  var logicalMarks: [String: String] { LogicalPort.marks(in: externalIDs) }

  /// The port of OVN that ovn-controller takes it for.
  public var logicalPort: LogicalPort? { LogicalPort(externalIDs) }

  /// Whether ovn-controller has all flows of the logical port in place.
  public var isInstalled: Bool { InterfaceRow.isInstalled(externalIDs) }
}

extension InterfaceRow {
  static func isInstalled(_ externalIDs: [String: String]) -> Bool { externalIDs["ovn-installed"] == "true" }
}

extension OpenVSwitchEngine {
  /// Returns when ovn-controller has all flows of these ports in place, or when `limit` is over.
  ///
  /// - Returns: the names of those whose flows are not; empty when all is well.
  public func awaitInstallation(of names: [String], limit: Duration) async throws -> [String] {
    let interfaces = try names.compactMap { name in
      try client.replica.port(named: name)?.interfaces.first.map { (name: name, id: $0.id) }
    }
    do {
      try await withDeadline(limit) {
        for interface in interfaces {
          try await self.client.waitForRow(InterfaceRow.self, interface.id) { row in
            // One that is gone is not waited for: whoever removed it knows.
            row.map { InterfaceRow.isInstalled($0.externalIDs) } == false ? nil : ()
          }
        }
      }
      return []
    } catch is DeadlineExceeded {
      return try interfaces.filter { interface in
        try client.replica.row(InterfaceRow.self, interface.id).map { !InterfaceRow.isInstalled($0.externalIDs) }
          ?? false
      }.map(\.name)
    }
  }
}
