import Logging
import NetworkTypes
import OVSTestSupport

@testable import FabricEngines

let quiet: Logger = {
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  return logger
}()

func vlan(_ id: UInt16) -> VLANID { VLANID(rawValue: id) ?? .first }
func vlans(_ ids: UInt16...) -> Set<VLANID> { Set(ids.map(vlan)) }
func vlans(_ ids: ClosedRange<UInt16>) -> Set<VLANID> { Set(ids.map(vlan)) }

extension FabricDefinition {
  /// Fabric dc1 with these switches, and ports written "leaf1/swp1".
  init(_ switches: [String: SwitchInstance], _ ports: String...) {
    self.init(
      name: "dc1", switches: switches.mapValues { FabricSwitch(endpoint: "unix:\($0.socket)") },
      ports: Set(ports.map(SwitchPort.init(_:))))
  }
}

extension SwitchPort {
  init(_ text: String) {
    let parts = text.split(separator: "/")
    self.init(switch: String(parts[0]), port: String(parts[1]))
  }
}

extension FabricStatus {
  func isProgrammed(_ wanted: FabricVLANs) -> Bool {
    wanted.allSatisfy { name, ports in
      ports.allSatisfy { port, vlans in
        vlans.allSatisfy { state(of: $0, on: SwitchPort(switch: name, port: port)) == .programmed }
      }
    }
  }
}

extension OVSFabricDriver {
  /// Waits until the status is as wanted; the events tell when to look.
  func wait(_ condition: @escaping @Sendable (FabricStatus) -> Bool) async {
    let events = events()
    if condition(status) { return }
    for await _ in events where condition(status) { return }
  }
}

/// Runs `body` with a driver that runs.
func withDriver<Result: Sendable>(
  _ body: @escaping @Sendable (OVSFabricDriver) async throws -> Result
) async throws -> Result {
  let driver = OVSFabricDriver(fabric: "dc1", logger: quiet)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await driver.run() }
    defer { group.cancelAll() }
    return try await body(driver)
  }
}

/// Runs `body` with a leaf switch: a bridge with these ports, whose devices Open vSwitch makes itself.
func withLeaf<Result: Sendable>(
  _ ports: String..., body: (SwitchInstance) async throws -> Result
) async throws -> Result {
  try await SwitchInstance.with { leaf in
    try await leaf.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=netdev")
    for port in ports { try await leaf.addPort(port) }
    return try await body(leaf)
  }
}

extension SwitchInstance {
  func addPort(_ name: String) async throws {
    try await vsctl("add-port", "br0", name, "--", "set", "Interface", name, "type=internal")
  }

  func trunks(_ port: String) async throws -> String { try await vsctl("get", "Port", port, "trunks") }

  func configurations(_ ports: String...) async throws -> [String] {
    var configurations: [String] = []
    for port in ports { configurations.append(try await configuration(port)) }
    return configurations
  }

  /// The whole VLAN configuration of a port and its marks.
  func configuration(_ port: String) async throws -> String {
    try await vsctl("get", "Port", port, "trunks", "tag", "vlan_mode", "external_ids")
  }
}

/// Waits until what somebody else sees of a switch is as wanted. What is asked is another process, which has no event
/// to give, so it is asked again; not for longer than five seconds.
func settled(_ condition: () async throws -> Bool) async throws {
  for _ in 0..<250 {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(20))
  }
  throw CommandError(description: "not settled within five seconds")
}
