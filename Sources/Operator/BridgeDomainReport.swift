import FabricEngines
import KubernetesModel
import NetloomAPI
import NetworkTypes

extension BridgeDomain.Status {
  /// What a driver reports of a bridge domain.
  ///
  /// - Parameters:
  ///   - domain: the domain, whose status gives the times of conditions that stay.
  ///   - fabric: what is so on the fabric.
  ///   - switches: the switches that the VLAN has just been taken from.
  ///   - now: the time, RFC 3339.
  init(of domain: BridgeDomain, on fabric: FabricStatus, leaving switches: Set<String>, now: String) {
    self = domain.status ?? Self()
    let vlan = VLANID(rawValue: UInt16(clamping: domain.spec.vlan))
    ports = domain.spec.ports.map { port in
      guard let vlan else { return .init(switch: port.switch, port: port.port, state: .error) }
      return switch fabric.state(of: vlan, on: SwitchPort(switch: port.switch, port: port.port)) {
      case .programmed: .init(switch: port.switch, port: port.port, state: .programmed)
      case .pending(let reason): .init(switch: port.switch, port: port.port, state: .pending, message: reason)
      case .failed(let reason): .init(switch: port.switch, port: port.port, state: .error, message: reason)
      }
    }
    portCount = ports?.count
    portsProgrammed = ports?.count { $0.state == .programmed }
    let finding = Self.finding(ports ?? [], on: fabric, leaving: switches)
    var conditions = conditions ?? []
    for type in [ConditionType.ready, ConditionType.programmed] {
      conditions = conditions.setting(
        type, finding == nil ? .true : .false, reason: finding?.reason ?? ConditionReason.programmed,
        message: finding?.message
          ?? "VLAN \(domain.spec.vlan) is open on \(portCount ?? 0) ports and closed on all others of the fabric",
        now: now, observedGeneration: domain.metadata.generation)
    }
    self.conditions = conditions
    phase = Phase(conditions: conditions, isDeleting: domain.metadata.isBeingDeleted)
    observedGeneration = domain.metadata.generation
  }

  private static func finding(
    _ ports: [BridgeDomain.PortStatus], on fabric: FabricStatus, leaving switches: Set<String>
  ) -> (reason: String, message: String)? {
    for port in ports where port.state == .error {
      if case .failed(let reason)? = fabric.switches[port.switch] { return (ConditionReason.unreachable, reason) }
      return (ConditionReason.programmingFailed, port.message ?? "\(port.switch)/\(port.port) cannot be programmed")
    }
    if let port = ports.first(where: { $0.state == .pending }) {
      return (ConditionReason.programming, port.message ?? "\(port.switch)/\(port.port) is being programmed")
    }
    // What is to be closed can only be closed on a switch that answers.
    for name in switches.sorted() {
      switch fabric.switches[name] {
      case .failed(let reason): return (ConditionReason.unreachable, reason)
      case .connecting: return (ConditionReason.programming, "switch \(name) is being connected to")
      case .connected, nil: continue
      }
    }
    return nil
  }
}

extension Fabric.SwitchStatus {
  /// What a driver reports of a switch.
  init(_ name: String, _ state: FabricStatus.SwitchState) {
    switch state {
    case .connected: self.init(name: name, connected: true)
    // Without a message it is not known yet whether the switch answers.
    case .connecting: self.init(name: name, connected: false)
    case .failed(let reason): self.init(name: name, connected: false, message: reason)
    }
  }
}

extension FabricDefinition {
  /// A Fabric as its driver has to know it.
  init(_ fabric: Fabric, credentials: [String: FabricCredentials]) {
    self.init(name: fabric.metadata.name)
    for item in fabric.spec.switches {
      switches[item.name] = FabricSwitch(endpoint: item.endpoint, credentials: credentials[item.name])
    }
    let links = (fabric.spec.links ?? []).map { SwitchPort(switch: $0.switch, port: $0.port) }
    let uplinks = (fabric.spec.uplinks ?? []).map { SwitchPort(switch: $0.switch, port: $0.port) }
    let between = (fabric.spec.interSwitchLinks ?? []).flatMap { [$0.a, $0.b] }
      .map { SwitchPort(switch: $0.switch, port: $0.port) }
    ports = Set(links + uplinks + between)
  }
}
