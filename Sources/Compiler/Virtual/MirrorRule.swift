import KubernetesModel
import NetloomAPI
import NetworkAnnotations

/// A TrafficMirror, looked up: whose traffic is copied on which node, and where the copies go.
struct MirrorView: Hashable, Sendable {
  /// What is wrong; then nothing is copied.
  var findings: [Finding] = []
  /// The names of the ports that are copied, by node.
  var ports: [String: Set<String>] = [:]
  /// Whose they are.
  var sources: Set<TrafficMirror.Endpoint> = []
  /// Where the copies go; nil: it is not said right.
  var sink: Sink?
  /// What each node is to do about it, by node.
  var nodes: [String: NodeNetwork.Mirror] = [:]

  /// Where copies go.
  enum Sink: Hashable, Sendable {
    /// To a port on a node.
    case port(String, node: String)
    /// Nowhere, for they wait for what this says.
    case awaited(String)
  }

  /// The pods that are copied, sorted.
  var pods: [NamespacedName] {
    Set(sources.compactMap { if case .interface(_, let pod) = $0 { pod } else { nil } }).sorted()
  }

  /// The NetworkPorts that are copied, sorted.
  var networkPorts: [NamespacedName] {
    sources.compactMap { if case .networkPort(let name) = $0 { name } else { nil } }.sorted()
  }
}

/// A port that is copied.
private struct Source {
  /// Whose it is.
  var endpoint: TrafficMirror.Endpoint
  /// Its name in OVN.
  var port: String
  /// Where it is; nil: nowhere yet.
  var node: String?

  init(_ view: PodInterfaceView) {
    endpoint = .interface(view.interface, of: view.pod)
    port = view.port
    node = view.node
  }

  init(_ machine: NetworkPort, on node: String?) {
    endpoint = .networkPort(machine.metadata.namespacedName)
    port = machine.logicalPort
    self.node = node
  }
}

extension Reader {
  /// Checks a TrafficMirror and looks up what it names.
  func computeMirror(_ name: NamespacedName) -> MirrorView? {
    guard let mirror = trafficMirror(name), !mirror.metadata.isBeingDeleted else { return nil }
    var view = MirrorView(findings: (mirror.validate() + mirror.validate(in: self)).map(Finding.init))
    guard view.findings.isEmpty else { return view }
    do throws(FindingError) {
      view.sink = try mirror.receiver.map(sink(for:))
    } catch {
      view.findings = [error.finding]
      return view
    }
    for source in sources(of: mirror) {
      guard let node = source.node else { continue }
      view.ports[node, default: []].insert(source.port)
      view.sources.insert(source.endpoint)
    }
    view.nodes = nodes(of: mirror, view)
    return view
  }

  private func sink(for receiver: TrafficMirror.Endpoint) throws(FindingError) -> MirrorView.Sink {
    switch receiver {
    case .interface(let interface, let pod): return try sink(interface, of: pod)
    case .networkPort(let name):
      guard let node = networkPort(name).flatMap({ node(of: $0) }) else {
        return .awaited(
          "NetworkPort \(name) is not bound to a node yet: external_ids:iface-id=\(NetworkPort.logicalPort(name)) on its "
            + "Interface of Open vSwitch binds it; the copies wait for it")
      }
      return .port(NetworkPort.logicalPort(name), node: node)
    }
  }

  private func sink(_ name: String, of owner: NamespacedName) throws(FindingError) -> MirrorView.Sink {
    guard let pod = pod(owner), !pod.isFinished else {
      return .awaited("Pod \(owner) is not there; the copies wait for it")
    }
    let interfaces = toldInterfaces(of: pod)
    guard let interface = interfaces.first(where: { $0.interface == name }) else {
      let names = interfaces.map(\.interface)
      throw FindingError(
        Finding(
          reason: ConditionReason.referenceNotFound,
          message: "Pod \(owner) has no interface \(name) on OVN; "
            + (names.isEmpty ? "give it a network on OVN" : "it has \(names.joined(separator: ", "))")))
    }
    return interface.node.map { .port(interface.port, node: $0) }
      ?? .awaited("Pod \(owner) is not bound to a node yet; the copies wait for it")
  }

  /// The ports whose traffic is copied. One that gets copies itself is not, or copies would be copied.
  private func sources(of mirror: TrafficMirror) -> [Source] {
    var sources: [Source]
    if let service = mirror.serviceName {
      sources = names(.attachmentsOfService(service)).flatMap { names(.podsOnAttachment($0)) }.compactMap { pod($0) }
        .flatMap { toldInterfaces(of: $0) }.filter { $0.service == service }.map(Source.init)
      sources += machines(on: service).map { Source($0, on: node(of: $0)) }
    } else {
      sources = pods(in: mirror.metadata.namespace ?? "").compactMap { pod($0) }
        .filter { mirror.spec.source.podSelector?.matches($0.labels) ?? false }.flatMap { toldInterfaces(of: $0) }
        .map(Source.init)
    }
    return sources.filter { names(.mirrorsTo($0.endpoint)).isEmpty }
  }

  /// The NetworkPorts of a network that have an interface of Open vSwitch of their own.
  private func machines(on service: NamespacedName) -> [NetworkPort] {
    names(.portsOnService(service)).compactMap { networkPort($0) }.filter {
      $0.spec.type == .vm && isAllowed(service, in: $0.metadata.namespace)
    }
  }

  private func nodes(of mirror: TrafficMirror, _ view: MirrorView) -> [String: NodeNetwork.Mirror] {
    guard case .port(let sink, let home)? = view.sink, let chassis = chassis(of: home)?.name else { return [:] }
    let name = mirror.metadata.namespacedName.description
    var nodes: [String: NodeNetwork.Mirror] = [:]
    for (node, ports) in view.ports where node != home {
      nodes[node] = NodeNetwork.Mirror(
        name: name, ports: ports.sorted(), direction: mirror.spec.direction ?? .both, key: mirror.tunnelKey,
        sinkChassis: chassis)
    }
    let origins = nodes.keys.compactMap { self.chassis(of: $0)?.name }.sorted()
    nodes[home] = NodeNetwork.Mirror(
      name: name, ports: (view.ports[home] ?? []).sorted(), direction: mirror.spec.direction ?? .both,
      key: mirror.tunnelKey, sinkPort: sink, origins: origins.isEmpty ? nil : origins)
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
