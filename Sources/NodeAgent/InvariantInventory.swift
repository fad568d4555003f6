import KubernetesModel
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

/// All that concerns pods' interfaces on one node: what the switch, the kernel and the API server say at one moment.
struct InvariantInventory: Sendable {
  /// A port of ours for a pod.
  struct Port: Sendable {
    var name: String
    var bridge: String
    /// The VLAN of an access port.
    var tag: Int?
    var container: String?
    var interface: String?
    /// Nil outside Kubernetes.
    var pod: NamespacedName?
    /// Whether the sandbox's network namespace exists.
    var hasNamespace: Bool
    /// Whether OVN carries it, where it is to.
    var isInstalled = true
  }

  /// A pod of this node.
  struct PodView: Sendable {
    var isRunning = false
    var isFinished = false
    var allocations: [Allocation] = []
    var statuses: [NetworkStatus] = []
  }

  var ports: [Port] = []
  /// The names of the devices that are hosts' ends by their form.
  var devices: Set<String> = []
  var pods: [NamespacedName: PodView] = [:]

  /// All that must not be.
  func violations() -> Set<InvariantViolation> {
    Set(portViolations + deviceViolations + missingPorts + duplicates)
  }

  private var portViolations: [InvariantViolation] {
    ports.flatMap { port in
      func violation(_ check: InvariantCheck) -> InvariantViolation {
        InvariantViolation(check: check, subject: "port \(port.name)", container: port.container)
      }
      var violations: [InvariantViolation] = []
      if let pod = port.pod, pods[pod] == nil { violations.append(violation(.portWithoutPod)) }
      if !port.hasNamespace { violations.append(violation(.portWithoutNamespace)) }
      if !port.isInstalled { violations.append(violation(.portNotInstalled)) }
      if !devices.contains(port.name) { violations.append(violation(.portWithoutInterface)) }
      return violations
    }
  }

  private var deviceViolations: [InvariantViolation] {
    devices.subtracting(ports.map(\.name)).map {
      InvariantViolation(check: .interfaceWithoutPort, subject: "interface \($0)")
    }
  }

  private var missingPorts: [InvariantViolation] {
    let present = Set(ports.map { Interface(pod: $0.pod, name: $0.interface) })
    return pods.filter(\.value.isRunning).flatMap { name, pod in
      pod.allocations.filter { allocation in
        pod.statuses.contains { $0.name == "\(allocation.network)" && $0.interface == allocation.interface }
          && !present.contains(Interface(pod: name, name: allocation.interface))
      }.map { allocation in
        InvariantViolation(
          check: .missingPort, subject: "interface \(allocation.interface) of pod \(name)", network: allocation.network)
      }
    }
  }

  // MARK: - Duplicates

  private struct Interface: Hashable {
    var pod: NamespacedName?
    var name: String?
  }

  /// Where an address must be alone.
  private struct Place: Hashable {
    var check: InvariantCheck
    var scope: String
    var address: String
  }

  /// An address may come once on a network, and once on a VLAN of a bridge, whatever networks use that.
  private var duplicates: [InvariantViolation] {
    var holders: [Place: Set<String>] = [:]
    func note(_ allocation: Allocation, scope: String, holder: String) {
      for ip in allocation.ips {
        holders[Place(check: .duplicateAddress, scope: scope, address: "\(ip.address)"), default: []].insert(holder)
      }
      if let mac = allocation.mac {
        holders[Place(check: .duplicateMAC, scope: scope, address: "\(mac)"), default: []].insert(holder)
      }
    }
    let portsByInterface = Dictionary(grouping: ports) { Interface(pod: $0.pod, name: $0.interface) }
    for (name, pod) in pods {
      for allocation in pod.allocations {
        if !pod.isFinished {
          note(allocation, scope: "network \(allocation.network)", holder: "\(name) \(allocation.interface)")
        }
        for port in portsByInterface[Interface(pod: name, name: allocation.interface)] ?? [] {
          guard let tag = port.tag else { continue }
          note(allocation, scope: "VLAN \(tag) of \(port.bridge)", holder: "port \(port.name)")
        }
      }
    }
    return holders.filter { $0.value.count > 1 }.map { place, holders in
      InvariantViolation(
        check: place.check,
        subject: "\(place.address) on \(place.scope): \(holders.sorted().joined(separator: ", "))")
    }
  }
}

extension InvariantInventory.Port {
  init(name: String, _ port: ObservedPort, hasNamespace: (_ path: String) -> Bool) {
    self.name = name
    bridge = port.bridge
    tag = port.tag
    container = port.externalIDs[PodPortMark.container]
    interface = port.externalIDs[PodPortMark.interface]
    let parts = (port.externalIDs[PodPortMark.pod] ?? "").split(separator: "/")
    pod = parts.count == 2 ? NamespacedName(namespace: String(parts[0]), name: String(parts[1])) : nil
    isInstalled = port.logicalPort == nil || port.interfaces.allSatisfy(\.isInstalled)
    self.hasNamespace = port.externalIDs[PodPortMark.namespacePath].map(hasNamespace) ?? true
  }
}

extension InvariantInventory.PodView {
  /// Annotations that cannot be read are somebody else's mistake, which is told elsewhere.
  init(_ pod: Pod) {
    isRunning = pod.status?.phase == "Running"
    isFinished = pod.isFinished
    let annotations = pod.metadata.annotations ?? [:]
    allocations = annotations[PodAnnotation.allocations].flatMap { try? Allocation.list(parsing: $0) } ?? []
    statuses = annotations[PodAnnotation.networkStatus].flatMap { try? NetworkStatus.list(parsing: $0) } ?? []
  }
}
