import NetworkTypes

/// One step from what a switch holds to what it is wanted to hold.
public enum SwitchAction: Sendable, Hashable {
  /// Makes a bridge, with its own port parked.
  case createBridge(String, datapathType: String, failMode: DesiredBridge.FailMode?)
  /// Sets what a bridge of ours does without a controller.
  case updateBridge(String, failMode: DesiredBridge.FailMode?)
  /// Removes a bridge of ours that has no port left but its own.
  case deleteBridge(String)
  /// Puts a port on a bridge.
  case createPort(String, bridge: String, DesiredPort, role: String)
  /// Sets the VLANs, MTU, options and marks of a port of ours.
  case updatePort(String, DesiredPort, role: String)
  /// Gives a pod's port the VLANs, the limit and the tie to OVN's port back that somebody else changed.
  case restorePodPort(String, PortVLANs, limit: PortRate.Limit?)
  /// Takes a port of ours off its bridge.
  case deletePort(String, bridge: String)
  /// Removes the limit that a port has left behind.
  case deleteLimit(String)
  /// Changes what makes the switch a chassis of OVN.
  case configureChassis(ChassisChange)
}

/// Something that is wanted and cannot be, by bridge; the rest goes on.
public struct SwitchProblem: Sendable, Hashable, CustomStringConvertible {
  /// The bridge that it concerns.
  public let bridge: String
  /// What cannot be, why, and what to do.
  public let message: String
  /// The VLANs that do not pass because of it, while others do, as they stand in `trunks`: ``PortVLANs/untagged`` among
  /// them. Nil when it concerns the bridge as a whole.
  public let vlans: Set<Int>?

  /// Describes a problem.
  public init(bridge: String, message: String, vlans: Set<Int>? = nil) {
    self.bridge = bridge
    self.message = message
    self.vlans = vlans
  }

  public var description: String { "bridge \(bridge): \(message)" }
}

/// The difference between what a switch holds and what it is wanted to hold.
public struct SwitchPlan: Sendable, Hashable {
  /// The steps, in order; none when the switch is as it is wanted.
  public var actions: [SwitchAction] = []
  /// What cannot be.
  public var problems: [SwitchProblem] = []
  /// What is not as wanted, but keeps nothing from working: an uplink whose MTU is smaller and not ours to set.
  public var remarks: [SwitchProblem] = []
  /// What mirrors wait for, by their names: they do without until it is there.
  public var awaited: [String: String] = [:]
  /// Bridges of ours that nobody wants but that still have ports, pods' or others'.
  public var retainedBridges: [String] = []

  private init() {}

  fileprivate static let empty = SwitchPlan()

  /// Compares. `owner` is the mark of what is ours; `kernelHasDatapath` tells whether the kernel can forward.
  public init(desired: DesiredSwitch, observed: ObservedSwitch, owner: String, kernelHasDatapath: Bool) {
    var planner = Planner(observed: observed, owner: owner, kernelHasDatapath: kernelHasDatapath)
    planner.resolve(desired)
    planner.planBridges(desired)
    planner.planPorts()
    planner.planPodPorts()
    planner.planRemovals(desired)
    if let chassis = desired.chassis { planner.plan(chassis) }
    self = planner.plan
  }
}

private struct Planner {
  struct Wanted {
    var bridge: String
    var port: DesiredPort
    var role: Ownership.Role
  }

  let observed: ObservedSwitch
  let owner: String
  let kernelHasDatapath: Bool
  var plan = SwitchPlan.empty
  /// The ports that are wanted, uplinks and patches included, by name.
  var wanted: [String: Wanted] = [:]
  /// Bridges that do not exist and cannot be made.
  var impossible: Set<String> = []

  init(observed: ObservedSwitch, owner: String, kernelHasDatapath: Bool) {
    self.observed = observed
    self.owner = owner
    self.kernelHasDatapath = kernelHasDatapath
  }

  // MARK: Which ports

  mutating func resolve(_ desired: DesiredSwitch) {
    var byInterface: [String: [String]] = [:]
    for (name, bridge) in desired.bridges.sorted(by: { $0.key < $1.key }) {
      for (port, wanted) in bridge.ports.sorted(by: { $0.key < $1.key }) {
        want(port, Wanted(bridge: name, port: wanted, role: .port))
      }
      if let uplink = bridge.uplink { byInterface[uplink.interface, default: []].append(name) }
    }
    for (interface, bridges) in byInterface.sorted(by: { $0.key < $1.key }) {
      resolve(uplink: interface, bridges, desired)
    }
  }

  /// The bridge that has the interface keeps it, when it is somebody else's or still wants it; otherwise the first of
  /// those that want it gets it. The others are joined to that one.
  private mutating func resolve(uplink interface: String, _ bridges: [String], _ desired: DesiredSwitch) {
    let existing = observed.port(withInterface: interface)
    let isForeign = existing.map { $0.port.owner != owner } ?? false
    let holder: String
    if let existing, isForeign || bridges.contains(existing.port.bridge) {
      holder = existing.port.bridge
    } else {
      holder = bridges[0]
    }
    let uplinks = bridges.compactMap { desired.bridges[$0]?.uplink }
    if !isForeign {
      let all = uplinks.reduce(into: Set<VLANID>()) { $0.formUnion($1.vlans) }
      let mtu = bridges.compactMap { desired.bridges[$0]?.mtu }.max()
      let trunk = PortVLANs.trunk(all, untagged: uplinks.contains(where: \.untagged))
      want(interface, Wanted(bridge: holder, port: DesiredPort(vlans: trunk, mtu: mtu), role: .uplink))
    }
    for (bridge, uplink) in zip(bridges, uplinks) where bridge != holder {
      let (near, far) = ("\(bridge)-to-\(holder)", "\(holder)-to-\(bridge)")
      let trunk = PortVLANs.trunk(uplink.vlans, untagged: uplink.untagged)
      want(near, Wanted(bridge: bridge, port: DesiredPort(.patch(peer: far), vlans: trunk), role: .patch))
      want(far, Wanted(bridge: holder, port: DesiredPort(.patch(peer: near), vlans: trunk), role: .patch))
    }
  }

  private mutating func want(_ name: String, _ new: Wanted) {
    if let other = wanted[name] {
      problem(new.bridge, "port \(name) is wanted on bridge \(other.bridge) too; a port is on one bridge")
    } else {
      wanted[name] = new
    }
  }

  // MARK: Bridges

  mutating func planBridges(_ desired: DesiredSwitch) {
    for (name, bridge) in desired.bridges.sorted(by: { $0.key < $1.key }) {
      guard let existing = observed.bridges[name] else {
        create(name, bridge)
        continue
      }
      guard existing.owner == owner else { continue }
      if existing.failMode != bridge.failMode?.rawValue {
        plan.actions.append(.updateBridge(name, failMode: bridge.failMode))
      }
    }
  }

  private mutating func create(_ name: String, _ bridge: DesiredBridge) {
    if let taken = observed.ports[name] {
      impossible.insert(name)
      problem(name, "it cannot be made: bridge \(taken.bridge) has a port of that name; choose another name")
      return
    }
    plan.actions.append(
      .createBridge(name, datapathType: datapathType(bridge), failMode: bridge.failMode))
  }

  /// Patch ports join bridges of one datapath only, so what is there decides; not OVN's bridge, which takes its type from
  /// the settings of the chassis, perhaps a moment from now.
  private func datapathType(_ bridge: DesiredBridge) -> String {
    switch bridge.datapath {
    case .system: "system"
    case .netdev: "netdev"
    case .automatic:
      if let neighbour = bridge.uplink.flatMap({ observed.port(withInterface: $0.interface)?.port.bridge })
        ?? observed.bridges.keys.filter({ $0 != ObservedSwitch.integrationBridge }).min(),
        let type = observed.bridges[neighbour]?.datapathType
      {
        type
      } else {
        kernelHasDatapath ? "system" : "netdev"
      }
    }
  }

  // MARK: Ports

  mutating func planPorts() {
    for (name, wanted) in wanted.sorted(by: { $0.key < $1.key }) where !impossible.contains(wanted.bridge) {
      let create = SwitchAction.createPort(
        name, bridge: wanted.bridge, wanted.port, role: wanted.role.rawValue)
      guard let existing = observed.ports[name] else {
        plan.actions.append(create)
        continue
      }
      guard existing.owner == owner, existing.isInfrastructure else {
        problem(
          wanted.bridge,
          "port \(name) exists on bridge \(existing.bridge) for something else (owner \(existing.owner ?? "unknown")); it is left alone"
        )
        continue
      }
      if existing.bridge != wanted.bridge || !existing.hasInterface(name, of: wanted.port.interface) {
        plan.actions += [.deletePort(name, bridge: existing.bridge), create]
      } else if !existing.matches(wanted.port, marks: Ownership.marks(owner, wanted.role)) {
        plan.actions.append(.updatePort(name, wanted.port, role: wanted.role.rawValue))
      }
    }
  }

  // MARK: Ports of pods

  mutating func planPodPorts() {
    // First, because a port that gets its limit back gets new rows with the same marks.
    plan.actions += (observed.strayLimits[owner] ?? []).sorted().map { .deleteLimit($0) }
    for (name, port) in observed.ports.sorted(by: { $0.key < $1.key }) where port.isPodPort && port.owner == owner {
      guard let vlans = port.externalIDs[Ownership.vlans].flatMap(PortVLANs.init) else { continue }
      let limit = port.externalIDs[Ownership.rate].flatMap(PortRate.init)?.ingress
      let isBound = port.interfaces.first?.logicalMarks == port.logicalMarks
      guard !isBound || !port.has(vlans) || !port.has(limit) else { continue }
      plan.actions.append(.restorePodPort(name, vlans, limit: limit))
    }
  }

  // MARK: OVN

  mutating func plan(_ chassis: DesiredChassis) {
    let (change, problems, remarks) = chassis.change(from: observed.externalIDs)
    if !change.isEmpty { plan.actions.append(.configureChassis(change)) }
    plan.problems += problems
    plan.remarks += remarks
  }

  // MARK: What nobody wants

  mutating func planRemovals(_ desired: DesiredSwitch) {
    for (name, port) in observed.ports.sorted(by: { $0.key < $1.key }) where isUnwanted(name, port) {
      plan.actions.append(.deletePort(name, bridge: port.bridge))
    }
    for (name, bridge) in observed.bridges.sorted(by: { $0.key < $1.key }) {
      guard bridge.owner == owner, desired.bridges[name] == nil else { continue }
      if bridge.ports.allSatisfy({ $0 == name || leaves($0, name) }) {
        plan.actions.append(.deleteBridge(name))
      } else {
        plan.retainedBridges.append(name)
      }
    }
  }

  private func isUnwanted(_ name: String, _ port: ObservedPort) -> Bool {
    port.owner == owner && port.isInfrastructure && wanted[name] == nil
  }

  private func leaves(_ name: String, _ bridge: String) -> Bool {
    guard let port = observed.ports[name], port.owner == owner else { return false }
    return wanted[name].map { $0.bridge != bridge } ?? isUnwanted(name, port)
  }

  private mutating func problem(_ bridge: String, _ message: String) {
    plan.problems.append(SwitchProblem(bridge: bridge, message: message))
  }
}

extension ObservedPort {
  /// Whether it has one interface, of that name and kind. ("system" is another word for "".)
  func hasInterface(_ name: String, of kind: DesiredPort.Interface) -> Bool {
    guard interfaces.count == 1, let interface = interfaces.first, interface.name == name else { return false }
    return interface.type == kind.type || (kind == .system && interface.type == "system")
  }

  /// Whether its VLAN settings are these.
  public func has(_ vlans: PortVLANs) -> Bool {
    vlanMode == vlans.mode && tag == vlans.tag && trunks == vlans.trunks && customerVLANs == vlans.customerVLANs
  }

  /// Whether its limit is this one. Where none is wanted, that of somebody else may be.
  func has(_ wanted: PortRate.Limit?) -> Bool { wanted == nil ? limit?.isOurs != true : limit?.limit == wanted }

  /// Whether nothing has to be written to make it what is wanted. Marks of others are nobody's business.
  func matches(_ wanted: DesiredPort, marks: [String: String]) -> Bool {
    has(wanted.vlans) && has(wanted.limit) && interfaces.first?.mtuRequest == wanted.mtu
      && interfaces.first?.options == wanted.interface.options
      && Ownership.optional.allSatisfy { externalIDs[$0] == marks[$0] }
      && interfaces.first?.logicalMarks == LogicalPort.marks(in: marks)
      && wanted.externalIDs.merging(marks) { $1 }.allSatisfy { externalIDs[$0.key] == $0.value }
  }
}

extension SwitchAction: CustomStringConvertible {
  /// What the step does, for people.
  public var description: String {
    switch self {
    case .createBridge(let name, let type, _): "create bridge \(name) (datapath \(type.isEmpty ? "system" : type))"
    case .updateBridge(let name, let mode): "set fail mode of bridge \(name) to \(mode?.rawValue ?? "the default")"
    case .deleteBridge(let name): "delete bridge \(name)"
    case .createPort(let name, let bridge, let port, let role):
      "add \(role) port \(name) to bridge \(bridge) (\(port.vlans))"
    case .updatePort(let name, let port, _): "change port \(name) (\(port.vlans))"
    case .restorePodPort(let name, let vlans, let limit):
      "give port \(name) of a pod back what it had (\(vlans)\(limit.map { ", at most \($0.rate) bit/s" } ?? ""))"
    case .deleteLimit(let name): "remove the limit of port \(name), which is gone"
    case .configureChassis(let change): "configure OVN: \(change)"
    case .deletePort(let name, let bridge): "remove port \(name) from bridge \(bridge)"
    }
  }
}
