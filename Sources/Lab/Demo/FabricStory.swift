import Files
import Glibc
import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// The story of VLANs: external networks declared with kubectl reach the fabric, the nodes and the pods, and go again.
struct FabricStory: Sendable {
  let stage: DemoStage
  let scenario: DemoScenario
  let receiver: CallbackReceiver

  private var console: Console { stage.console }
  private var cluster: ClusterObjects { stage.cluster }
  private var lab: Lab { stage.lab }
  private static let namespace = "test"

  /// - Returns: whether everything was as expected.
  func tell() async throws -> Bool {
    try await declarePlatform()
    try await declareNetworks()
    try await showOrder()
    try await createPods()
    let isConnected = try await measure()
    try await draw()
    if stage.demo.options.keep {
      try await stage.keepRunning(step: 6, in: Self.namespace, trial: "ping 10.10.13.1")
      return isConnected
    }
    let isUndisturbed = try await deleteInUse()
    let isClean = try await finishDeletion()
    showCallbacks()
    let isSound = try await stage.showInvariants()
    return stage.conclude(isConnected && isUndisturbed && isClean && isSound)
  }

  // MARK: - Declaring

  private func declarePlatform() async throws {
    console.step(1, "The platform admin says where pods can plug in, and what the fabric looks like")
    try await stage.apply("platform")
    try await cluster.wait(for: Node.definition, "the nodes are ready") { $0.count == 2 && $0.allSatisfy(\.isReady) }
    for kind in [ConnectionPoint.definition, Fabric.definition] {
      try await cluster.wait(for: kind, "every \(kind.kind) is ready") { !$0.isEmpty && $0.allSatisfy(\.isReady) }
    }
    try await stage.get("nodes,connectionpoints,fabrics")
    await stage.pause()
  }

  private func declareNetworks() async throws {
    console.step(2, "The cloud admin declares external networks: VLANs 10 to 20, their subnets, three ways to attach")
    try await stage.apply("namespaces")
    try await stage.apply("tenant")
    await stage.pause()
  }

  private func showOrder() async throws {
    console.step(
      3, "Netloom opens the VLANs on the fabric, then prepares the nodes, then makes the definitions for pods")
    let attachments = stage.manifests["tenant"].flatMap(\.documents).filter { $0["kind"] == "L2ServiceAttachment" }
      .count
    try await stage.milestones([
      .init("fabric: every VLAN is open on its ports", BridgeDomain.definition) { domains in
        let vlans = Set(scenario.carriage.values.flatMap(\.vlans).map { Int64($0.rawValue) })
        return vlans.isSubset(of: domains.filter(\.isReady).compactMap { $0[path: "spec", "vlan"]?.integer })
      },
      .init("nodes: bridges and uplinks carry the same VLANs", NodeNetwork.definition) {
        $0.count == lab.topology.hosts.count && $0.allSatisfy(\.isReady)
      },
      .init("pods can join: the NetworkAttachmentDefinitions are there", NetworkAttachmentDefinition.definition) {
        $0.count == attachments
      },
      .init("every L2Service reports ready", L2Service.definition) { $0.allSatisfy(\.isReady) },
      .init("every L2ServiceAttachment reports ready", L2ServiceAttachment.definition) {
        $0.count == attachments && $0.allSatisfy(\.isReady)
      },
    ])
    try await stage.get("l2services,subnets,l2serviceattachments", "-n", Self.namespace)
    try await stage.get("bridgedomains,nodenetworks")
    try await stage.get("network-attachment-definitions", "-n", Self.namespace)
    await stage.pause()
  }

  private func createPods() async throws {
    console.step(4, "Pods join by name: eth0 from the reference bridge plugin, net1 from Netloom")
    try await stage.apply("pods")
    let count = stage.manifests["pods"].flatMap(\.documents).filter { $0["kind"] == "Pod" }.count
    try await console.working("waiting for \(count) pods") {
      try await cluster.wait(for: Pod.definition, in: Self.namespace, "the pods are ready") {
        $0.count == count && $0.allSatisfy(\.isReady)
      }
    }
    try await stage.get("pods", "-n", Self.namespace, "-o", "wide")
    await stage.pause()
  }

  // MARK: - Measuring

  private func measure() async throws -> Bool {
    console.step(5, "Who reaches whom, measured with real packets: expected and found")
    let points = try await points()
    let connectivity = Connectivity(points: points)
    let frames = try connectivity.frames(vlans: probedVLANs())
    let pings = try await connectivity.pings(to: pingTargets(points))
    let isRight = stage.judge(frames, pings)
    await stage.pause()
    return isRight
  }

  /// The declared VLANs and one to each side.
  private func probedVLANs() throws -> [VLANID] { try (9...21).map { try VLANID($0) } }

  private func points() async throws -> [DemoPoint] {
    var points: [DemoPoint] = []
    for pod in try await cluster.list(Pod.definition, in: Self.namespace).sorted(by: { $0.name < $1.name }) {
      guard let namespace = try stage.namespace(of: pod) else { continue }
      let allocations = try pod.allocations()
      for (interface, _, carriage) in try scenario.interfaces(of: pod) {
        points.append(
          DemoPoint(
            name: pod.name, interface: interface, namespace: namespace, carriage: carriage,
            addresses: allocations.filter { $0.interface == interface }.flatMap(\.ips).map(\.address)))
      }
    }
    for gateway in lab.topology.gateways {
      for network in gateway.networks {
        points.append(
          DemoPoint(
            name: "\(gateway.name)/\(network.vlan)", interface: "vlan\(network.vlan)",
            namespace: try lab.namespace(of: gateway.name), carriage: .access(network.vlan)))
      }
    }
    return points
  }

  /// The gateway's addresses, what lies behind it, and every pod's address: reached exactly inside the VLAN.
  private func pingTargets(
    _ points: [DemoPoint]
  ) -> [(name: String, address: IPAddress, expected: (DemoPoint) -> Bool)] {
    var targets: [(String, IPAddress, (DemoPoint) -> Bool)] = []
    for network in lab.topology.gateways.flatMap(\.networks) {
      for address in network.addresses + (network.behind ?? []) {
        targets.append(
          (
            "\(address.address)", address.address,
            { sender in
              sender.carriage == .access(network.vlan)
                && sender.addresses.contains { $0.family == address.address.family }
            }
          ))
      }
    }
    for point in points {
      for address in point.addresses {
        targets.append(("\(address)", address, { $0.carriage == point.carriage }))
      }
    }
    return targets
  }

  private func draw() async throws {
    let carried = try await CarriedVLANs.read(
      lab.directory, switches: lab.topology.switches.map(\.name), logger: stage.demo.logger)
    var picture = TopologyPicture(title: "Netloom demo: VLANs as the switches carry them", topology: lab.topology) {
      carried[$0].map(\.rangeText)
    }
    for pod in try await cluster.list(Pod.definition, in: Self.namespace).sorted(by: { $0.name < $1.name }) {
      let addresses = try pod.allocations().flatMap(\.ips).map(\.description)
      picture.boxes.append(.init(pod.name, .pod, details: addresses))
      guard let host = pod[path: "spec", "nodeName"]?.string else { continue }
      for (interface, _, carriage) in try scenario.interfaces(of: pod) {
        picture.lines.append(
          .init(from: pod.name, to: host, label: "\(interface) \(carriage.vlans.map(\.rawValue).rangeText)"))
      }
    }
    console.block(picture.terminalLines())
    try Files.write(Array(picture.svg().utf8), to: stage.demo.options.picture)
    console.good("picture of the topology written to \(stage.demo.options.picture)")
  }

  // MARK: - Deleting

  private func deleteInUse() async throws -> Bool {
    console.step(6, "Networks in use are deleted: nothing breaks under the pods, everything goes when they have gone")
    try await stage.kubectl.run(
      ["delete", "l2service", "vlan13", "-n", Self.namespace, "--wait=false"], console: console)
    try await cluster.wait(for: L2Service.definition, in: Self.namespace, "vlan13 is terminating") {
      $0.first { $0.name == "vlan13" }?.phase == "terminating"
    }
    let service = try await cluster.list(L2Service.definition, in: Self.namespace).first { $0.name == "vlan13" }
    console.block(["vlan13 is \(service?.phase ?? "?"): \(service?.condition("Blocked")?["message"]?.string ?? "")"])
    for part in ["tenant", "platform"] { try await stage.delete(part) }
    try await stage.get("l2services,l2serviceattachments", "-n", Self.namespace)
    let points = try await points()
    let frames = try Connectivity(points: points).frames(vlans: probedVLANs())
    if frames.mistakes.isEmpty {
      console.good("meanwhile everybody still reaches everybody as before: \(frames.count) cells")
    } else {
      frames.mistakes.forEach { console.bad($0) }
    }
    console.say("now the pods go, and nothing else is asked for:")
    try await stage.delete("pods")
    return frames.mistakes.isEmpty
  }

  private func finishDeletion() async throws -> Bool {
    let kinds = [
      Pod.definition, NetworkAttachmentDefinition.definition, NodeNetwork.definition, BridgeDomain.definition,
      L2ServiceAttachment.definition, L2Service.definition, Subnet.definition, ConnectionPoint.definition,
      Fabric.definition,
    ]
    try await stage.milestones(kinds.map { kind in .init("gone: every \(kind.kind)", kind) { $0.isEmpty } })
    guard try await stage.isClean() else { return false }
    console.good("no object, VLAN, bridge, port or interface of ours is left; VLAN 100 of somebody else is untouched")
    await stage.pause()
    return true
  }

  private func showCallbacks() {
    console.step(7, "What the callback receiver was sent (the last of each object)")
    let deliveries = receiver.deliveries
    var lines: [String] = []
    var order: [String] = []
    var phases: [String: [String]] = [:]
    for delivery in deliveries {
      let key = "\(delivery.kind) \(delivery.name)"
      if phases[key] == nil { order.append(key) }
      if phases[key]?.last != delivery.phase { phases[key, default: []].append(delivery.phase) }
    }
    for key in order { lines.append("\(key): \((phases[key] ?? []).joined(separator: " -> "))") }
    console.block(lines)
    console.good("\(deliveries.count) state changes were sent")
  }
}
