import KubernetesModel
import NetloomAPI
import NetworkAnnotations

/// A TrafficMirror, looked up: whose traffic is copied on which node, and where the copies go.
struct MirrorView: Hashable, Sendable {
  /// What is wrong; then nothing is copied.
  var findings: [Finding] = []
  /// The names of the ports that are copied, by node.
  var ports: [String: Set<String>] = [:]
  /// The pods that they are of, sorted.
  var pods: [NamespacedName] = []
  /// Where the copies go; nil: nowhere yet.
  var sink: Sink?
  /// What each node is to do about it, by node.
  var nodes: [String: NodeNetwork.Mirror] = [:]

  /// The port that gets the copies.
  struct Sink: Hashable, Sendable {
    var port: String
    var node: String
  }
}

extension Reader {
  /// Checks a TrafficMirror and looks up what it names.
  func computeMirror(_ name: NamespacedName) -> MirrorView? {
    guard let mirror = trafficMirror(name), !mirror.metadata.isBeingDeleted else { return nil }
    var view = MirrorView(findings: (mirror.validate() + mirror.validate(in: self)).map(Finding.init))
    guard view.findings.isEmpty else { return view }
    do throws(FindingError) {
      view.sink = try sink(of: mirror)
    } catch {
      view.findings = [error.finding]
      return view
    }
    for interface in sources(of: mirror) {
      guard let node = interface.node else { continue }
      view.ports[node, default: []].insert(interface.port)
      view.pods.append(interface.pod)
    }
    view.pods = Set(view.pods).sorted()
    view.nodes = nodes(of: mirror, view)
    return view
  }

  private func sink(of mirror: TrafficMirror) throws(FindingError) -> MirrorView.Sink? {
    let destination = mirror.spec.destination
    guard let pod = pod(mirror.destinationName), !pod.isFinished else {
      throw FindingError(
        Finding(
          reason: ConditionReason.waitingForDependency,
          message: "Pod \(mirror.destinationName) is not there; the copies wait for it"))
    }
    let interfaces = toldInterfaces(of: pod)
    guard let interface = interfaces.first(where: { $0.interface == destination.interface }) else {
      let names = interfaces.map(\.interface)
      throw FindingError(
        Finding(
          reason: ConditionReason.referenceNotFound,
          message: "Pod \(mirror.destinationName) has no interface \(destination.interface) on OVN; "
            + (names.isEmpty ? "give it a network on OVN" : "it has \(names.joined(separator: ", "))")))
    }
    return interface.node.map { MirrorView.Sink(port: interface.port, node: $0) }
  }

  /// The interfaces whose traffic is copied. One that gets copies itself is not, or copies would be copied.
  private func sources(of mirror: TrafficMirror) -> [PodInterfaceView] {
    let interfaces: [PodInterfaceView]
    if let service = mirror.serviceName {
      interfaces = names(.attachmentsOfService(service)).flatMap { names(.podsOnAttachment($0)) }.compactMap { pod($0) }
        .flatMap { toldInterfaces(of: $0) }.filter { $0.service == service }
    } else {
      interfaces = pods(in: mirror.metadata.namespace ?? "").compactMap { pod($0) }
        .filter { mirror.spec.source.podSelector?.matches($0.labels) ?? false }.flatMap { toldInterfaces(of: $0) }
    }
    return interfaces.filter { interface in
      !names(.mirrorsTo(pod: interface.pod)).contains {
        trafficMirror($0)?.spec.destination.interface == interface.interface
      }
    }
  }

  private func nodes(of mirror: TrafficMirror, _ view: MirrorView) -> [String: NodeNetwork.Mirror] {
    guard let sink = view.sink, let chassis = chassis(of: sink.node)?.name else { return [:] }
    let name = mirror.metadata.namespacedName.description
    var nodes: [String: NodeNetwork.Mirror] = [:]
    for (node, ports) in view.ports where node != sink.node {
      nodes[node] = NodeNetwork.Mirror(
        name: name, ports: ports.sorted(), direction: mirror.spec.direction ?? .both, key: mirror.tunnelKey,
        sinkChassis: chassis)
    }
    let origins = nodes.keys.compactMap { self.chassis(of: $0)?.name }.sorted()
    nodes[sink.node] = NodeNetwork.Mirror(
      name: name, ports: (view.ports[sink.node] ?? []).sorted(), direction: mirror.spec.direction ?? .both,
      key: mirror.tunnelKey, sinkPort: sink.port, origins: origins.isEmpty ? nil : origins)
    return nodes
  }

  /// What a node is to do about mirrors, sorted by name.
  func mirrors(on node: String) -> [NodeNetwork.Mirror] {
    trafficMirrorNames().compactMap { mirrorView($0)?.nodes[node] }.sorted { $0.name < $1.name }
  }
}

extension TrafficMirror {
  /// Tells its copies from other packets of tunnels: of the upper half of the 24 bits, which OVN, counting its networks
  /// from 1, does not reach.
  fileprivate var tunnelKey: Int {
    var hash: UInt32 = 0x811c_9dc5
    for byte in metadata.namespacedName.description.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Int(0x80_0000 | ((hash >> 8) ^ hash) & 0x7f_ffff)
  }
}
