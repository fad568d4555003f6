import Compiler
import FabricEngines
import KubernetesModel
import Logging
import NetloomAPI
import NetworkTypes

/// Carries BridgeDomains to the drivers of their fabrics, and what the drivers report back. Lives in one task.
///
/// Only fabrics of driver `ovs` are carried out here; those of other drivers are somebody else's to reconcile.
struct FabricController {
  /// A fabric and its driver.
  private struct Managed {
    var fabric: Fabric
    var driver: OVSFabricDriver
    /// Finished when the driver is to stop.
    var stop: AsyncStream<Void>.Continuation
    var credentials: [String: FabricCredentials] = [:]
    /// What was last reported.
    var status: FabricStatus?
    var switches: [String: Fabric.SwitchStatus] = [:]
    var isStale = true
  }

  private struct Domain {
    var object: BridgeDomain
    /// The switches that the VLAN was on and is not any more, until the object goes.
    var left: Set<String> = []
  }

  private var managed: [String: Managed] = [:]
  private var domains: [String: [String: Domain]] = [:]
  private var vlans: [String: FabricVLANs] = [:]
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  /// A driver that was made and has to be run, or a fabric whose credentials have to be read.
  enum Start {
    case driver(String, OVSFabricDriver, until: AsyncStream<Void>)
    case credentials(Fabric)
  }

  /// Takes changes of the world in.
  mutating func apply(_ changes: [Compiler.Change]) -> [Start] {
    var starts: [Start] = []
    for change in changes {
      switch change {
      case .put(.bridgeDomain(let domain)): put(domain)
      case .remove(let id) where id.kind == .bridgeDomain: remove(id.name.name)
      case .put(.fabric(let fabric)): starts += put(fabric)
      case .remove(let id) where id.kind == .fabric: managed.removeValue(forKey: id.name.name)?.stop.finish()
      default: break
      }
    }
    return starts
  }

  /// Tells the drivers what is wanted from now on. What it was not told of, a driver takes away: to be called when
  /// every object is known.
  mutating func program() {
    for (name, item) in managed where item.isStale {
      managed[name]?.isStale = false
      item.driver.set(FabricDefinition(item.fabric, credentials: item.credentials), vlans[name] ?? [:])
    }
  }

  /// The credentials of a fabric's switches were read.
  mutating func set(_ credentials: [String: FabricCredentials], of fabric: String) {
    guard managed[fabric]?.credentials != credentials else { return }
    managed[fabric]?.credentials = credentials
    managed[fabric]?.isStale = true
  }

  /// The names of all bridge domains.
  var bridgeDomains: [String] { domains.values.flatMap(\.keys).sorted() }

  /// The driver of a fabric, if it is one of ours.
  func driver(of fabric: String) -> OVSFabricDriver? { managed[fabric]?.driver }

  /// Takes in what is so on a fabric.
  ///
  /// - Returns: how the switches stand, and the bridge domains whose status is another one now.
  mutating func set(
    _ status: FabricStatus, of name: String, now: String
  ) -> (switches: [Fabric.SwitchStatus], domains: [BridgeDomain])? {
    guard let item = managed[name] else { return nil }
    let switches = status.switches.sorted { $0.key < $1.key }.map { switchName, state in
      // One more attempt to connect tells nothing new of a switch that did not answer the last one.
      state == .connecting ? item.switches[switchName] ?? .init(switchName, state) : .init(switchName, state)
    }
    managed[name]?.switches = Dictionary(uniqueKeysWithValues: switches.map { ($0.name, $0) })
    managed[name]?.status = status
    return (switches, (domains[name] ?? [:]).values.compactMap { report($0, status, now: now) })
  }

  /// A bridge domain with what its driver reports now; nil when the object says so already.
  func report(of name: String, now: String) -> BridgeDomain? {
    guard let fabric = DomainID(name: name)?.fabric, let status = managed[fabric]?.status,
      let domain = domains[fabric]?[name]
    else { return nil }
    return report(domain, status, now: now)
  }

  private func report(_ domain: Domain, _ status: FabricStatus, now: String) -> BridgeDomain? {
    var object = domain.object
    let isCurrent = object.status?.observedGeneration == object.metadata.generation
    // What this process has not seen itself may still be open anywhere.
    let left = object.spec.ports.isEmpty && !isCurrent ? Set(status.switches.keys) : domain.left
    let new = BridgeDomain.Status(of: object, on: status, leaving: left, now: now)
    // Connecting anew, or undoing what somebody changed, takes nothing away from what works.
    if isCurrent, object.status?.phase == .ready, new.phase == .pending { return nil }
    guard new != object.status else { return nil }
    object.status = new
    return object
  }

  // MARK: What is wanted

  private mutating func put(_ fabric: Fabric) -> [Start] {
    let name = fabric.metadata.name
    guard fabric.spec.driver == "ovs", fabric.validate().isEmpty,
      !fabric.metadata.isBeingDeleted || managed[name] != nil
    else { return [] }
    var starts: [Start] = []
    if managed[name] == nil {
      let driver = OVSFabricDriver(fabric: name, logger: logger)
      let (stopped, stop) = AsyncStream<Void>.makeStream()
      managed[name] = Managed(fabric: fabric, driver: driver, stop: stop)
      starts.append(.driver(name, driver, until: stopped))
    } else if managed[name]?.fabric.spec != fabric.spec {
      managed[name]?.isStale = true
    }
    managed[name]?.fabric = fabric
    if fabric.spec.switches.contains(where: { $0.credentials != nil }) { starts.append(.credentials(fabric)) }
    return starts
  }

  private mutating func put(_ object: BridgeDomain) {
    let (name, fabric) = (object.metadata.name, object.spec.fabric)
    let before = domains[fabric]?[name]
    var domain = before ?? Domain(object: object)
    domain.object = object
    if before?.object.spec != object.spec {
      if let before { change(before.object) { $0.remove($1) } }
      change(object) { $0.insert($1) }
      let switches = Set(object.spec.ports.map(\.switch))
      domain.left = domain.left.union(before?.object.spec.ports.map(\.switch) ?? []).subtracting(switches)
      managed[fabric]?.isStale = true
    }
    domains[fabric, default: [:]][name] = domain
  }

  private mutating func remove(_ name: String) {
    for (fabric, items) in domains {
      guard let domain = items[name] else { continue }
      change(domain.object) { $0.remove($1) }
      domains[fabric]?[name] = nil
      managed[fabric]?.isStale = true
    }
  }

  private mutating func change(_ domain: BridgeDomain, _ body: (inout Set<VLANID>, VLANID) -> Void) {
    guard let vlan = VLANID(rawValue: UInt16(clamping: domain.spec.vlan)) else { return }
    for port in domain.spec.ports {
      body(&vlans[domain.spec.fabric, default: [:]][port.switch, default: [:]][port.port, default: []], vlan)
      if vlans[domain.spec.fabric]?[port.switch]?[port.port]?.isEmpty == true {
        vlans[domain.spec.fabric]?[port.switch]?[port.port] = nil
      }
    }
  }
}
