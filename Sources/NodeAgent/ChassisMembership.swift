import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

/// Makes the node a chassis of OVN and says so on its Node object.
struct ChassisMembership: Sendable {
  /// The node's name; that of the chassis too, unless it has one already.
  let node: String
  let overlay: NodeAgent.Configuration.Overlay
  /// The node's network namespace; nil: the process's own.
  let host: NetworkNamespace?
  /// Whether the switch forwards in the kernel, as OVN's bridge then does.
  let kernelHasDatapath: Bool
  /// The Node's annotation as it is.
  let announced: @Sendable () -> String?
  /// Writes the annotation; nil takes it away.
  let announce: @Sendable (String?) async throws -> Void

  /// What the switch has to hold for it, with the physical networks that the bridges lead to.
  func desired(_ bridges: [NodeNetwork.Bridge]) -> DesiredChassis {
    var chassis = DesiredChassis(
      settings: [
        "ovn-remote": overlay.southbound, "ovn-encap-type": overlay.encapsulation,
        "ovn-encap-ip": overlay.address.description,
      ],
      defaults: ["system-id": node, "hostname": node])
    if !kernelHasDatapath { chassis.defaults["ovn-bridge-datapath-type"] = "netdev" }
    for bridge in bridges {
      if let network = bridge.physicalNetwork { chassis.bridgeMappings[network] = bridge.name }
    }
    return chassis
  }

  /// Says on the Node what it is now.
  /// - Returns: what keeps it from being a chassis; nil when it is one.
  func announce(_ observed: ObservedSwitch, _ plan: SwitchPlan) async throws -> SwitchProblem? {
    let obstacle: String?
    var chassis: Chassis?
    if let conflict = plan.remarks.first(where: { $0.bridge == ObservedSwitch.integrationBridge }) {
      obstacle = conflict.message
    } else if observed.bridges[ObservedSwitch.integrationBridge] == nil {
      obstacle = "it is not there; ovn-controller makes it: see whether it runs on this node, and its log"
    } else if let name = observed.chassisName, let mtu = try underlayMTU() {
      chassis = Chassis(name: name, mtu: mtu - overlay.overhead)
      obstacle = nil
    } else {
      obstacle = "tunnels cannot begin here: no interface of this node has address \(overlay.address)"
    }
    if chassis?.annotation != announced() { try await announce(chassis?.annotation) }
    return obstacle.map { SwitchProblem(bridge: ObservedSwitch.integrationBridge, message: $0) }
  }

  /// The MTU of the interface that has the address where tunnels begin.
  private func underlayMTU() throws(NetlinkError) -> Int? {
    let socket = try NetlinkSocket(in: host)
    guard let holder = try socket.addresses().first(where: { $0.address.address == overlay.address }) else {
      return nil
    }
    return Int(try socket.link(.index(holder.linkIndex)).mtu)
  }
}

extension NodeAgent.Configuration.Overlay {
  /// What a tunnel puts in front of a packet: Ethernet (14), Geneve with OVN's option (16), UDP (8) and IP, in bytes.
  fileprivate var overhead: Int { 38 + (address.family == .v4 ? 20 : 40) }
}
