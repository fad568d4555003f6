import OVSDB
import OpenFlow

extension OpenVSwitchEngine {
  /// Brings all flows of ours on a bridge to what the marks of its ports say. Nothing happens to a bridge that is gone.
  func synchronizeFlows(of bridge: String) async throws {
    guard try !client.replica.rows(BridgeRow.self, .column("name"), .string(bridge)).isEmpty else { return }
    try await flows.synchronize(bridge) { try self.wantedFlows(of: bridge) }
  }

  /// Brings the flows of ports to what their marks say, by bridge and OpenFlow port number.
  ///
  /// - Throws: `OpenVSwitchError.flowsFailed`.
  func synchronizeFlows(of ports: [(bridge: String, number: Int)], _ attempt: String, _ timeout: Duration) async throws
  {
    for (bridge, ports) in Dictionary(grouping: ports, by: \.bridge) {
      let numbers = Set(ports.map(\.number))
      do {
        try await withDeadline(timeout) {
          try await self.flows.synchronize(bridge, ports: numbers) {
            try self.wantedFlows(of: bridge, only: numbers)
          }
        }
      } catch is DeadlineExceeded {
        throw OpenVSwitchError(
          .flowsFailed, attempt: attempt,
          reason: "ovs-vswitchd has not taken the flows for port security or rate within \(timeout); is it running?")
      } catch let error as OpenFlowError {
        throw OpenVSwitchError(.flowsFailed, attempt: attempt, reason: "flows for port security or rate: \(error)")
      }
    }
  }

  /// Has the flows of ports that are gone removed, without waiting: ovs-vswitchd answers nobody while it lets go of devices,
  /// for some 30 ms.
  func removeFlows(of ports: [ObservedPort]) {
    for (bridge, ports) in Dictionary(grouping: ports.filter { !$0.policy.isEmpty }, by: \.bridge) {
      let numbers = Set(ports.compactMap { $0.interfaces.first?.ofport }.filter { $0 > 0 })
      flows.retire(numbers, of: bridge) { try self.wantedFlows(of: bridge, only: numbers) }
    }
  }

  /// What the marks of pods' ports say, by OpenFlow port number; nil: of all ports.
  private func wantedFlows(of bridge: String, only numbers: Set<Int>? = nil) throws -> FlowKeeper.Wanted {
    let replica = client.replica
    var wanted: FlowKeeper.Wanted = [:]
    guard let bridge = try replica.rows(BridgeRow.self, .column("name"), .string(bridge)).first else { return [:] }
    for id in bridge.ports {
      guard let row = try replica.row(PortRow.self, id), row.externalIDs[Ownership.owner] == owner,
        let interface = try row.interfaces.first.flatMap({ try replica.row(InterfaceRow.self, $0) }),
        let number = interface.ofport, number > 0, numbers?.contains(number) ?? true
      else { continue }
      let policy = ObservedPort(id, row.value, bridge: bridge.name, [:], limit: nil).policy
      if !policy.isEmpty { wanted[number] = policy }
    }
    return wanted
  }
}

extension Endpoint {
  /// The folder of a unix socket: Open vSwitch's run directory, where the bridges have their sockets too.
  var socketDirectory: String? {
    guard case .unix(let path) = self, let slash = path.lastIndex(of: "/") else { return nil }
    return String(path[..<slash])
  }
}
