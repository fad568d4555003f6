import OVSDB
public import OpenFlow

extension OpenVSwitchEngine {
  /// How much the flows have been used by which OVN decides by rules (ACLs) on this node; none without OVN's bridge.
  ///
  /// - Throws: `OpenVSwitchError.unreachable`, and what the switch answers, as `OpenFlowError`.
  public func ruleStatistics(timeout: Duration = .seconds(5)) async throws -> [FlowStatistics] {
    guard try await bridge(named: ObservedSwitch.integrationBridge) != nil else { return [] }
    let (path, group) = (flows.managementSocket(of: ObservedSwitch.integrationBridge), flows.group)
    return try await withDeadline(timeout) {
      let connection = try await OpenFlowConnection.open(path: path, group: group) { _ in }
      defer { connection.close() }
      return try await connection.perform(Self.ruleFlows).statistics
    }
  }

  /// Each of these flows wants one of four bits in register 0, which say what kind of rules is to be looked at for a packet
  /// (ovn-northd(8), "`from-lport` ACL hints"). The switch finds them by that without a look at the others.
  private static let ruleFlows = (7...10).map { OpenFlowRequest.statistics(matching: [.register(0, has: 1 << $0)]) }
}
