import Compiler
import KubernetesModel
import NetloomAPI

/// What a changed L2Service costs the compiler among many.
struct CompilerCost {
  let rounds: Int
  let isQuick: Bool

  func run() throws -> Section {
    var section = Section(
      title: "The compiler: one changed L2Service",
      method:
        "Each L2Service with a subnet and an attachment, everything programmed. One gets another VLAN: the change "
        + "taken in, what it touches compiled, the actions told; median of \(rounds) services. From scratch: everything "
        + "read by a new compiler that finds nothing to do, as after a restart.")
    let sizes = [(10, 2), (100, 2), (1000, 2)] + (isQuick ? [] : [(10_000, 2), (1000, 50)])
    for (services, nodes) in sizes {
      try Task.checkCancellation()
      var network = SampleNetwork(services: services, nodes: nodes)
      let title = "\(services) services, \(nodes) nodes"
      let base = section.figures.isEmpty ? nil : "10 services, 2 nodes"
      let changed = network.timesOfChanges(min(rounds, services))
      section.figures.append(Figure(title, changed, "ms", peer: base))
      section.figures.append(Figure("\(title), from scratch", network.timeFromScratch().milliseconds, "ms"))
      if services == 1000 {
        section.bounds.append(
          Bound(claim: "one changed L2Service among \(title)", limit: 1, found: changed.median, unit: "ms"))
      }
    }
    return section
  }
}

/// Many services on few connection points, with all that belongs to them.
struct SampleNetwork {
  private var stage = Stage()

  /// A VLAN means one thing on a physical network, so there is one for each 2,000 services; the rest of the VLANs is
  /// for changes.
  private static let servicesOnPhysicalNetwork = 2000

  init(services: Int, nodes: Int) {
    let nodeNames = (1...nodes).map { "worker\($0)" }
    stage.put(.namespace(name: "test", labels: [:]))
    for name in nodeNames { stage.put(.node(name: name, labels: [:])) }
    for number in 0...((services - 1) / Self.servicesOnPhysicalNetwork) {
      stage.put(Self.connectionPoint(number))
      stage.put(Self.fabric(number, nodeNames))
    }
    for index in 0..<services {
      stage.put(Self.subnet(index))
      stage.put(Self.service(index, vlan: index % Self.servicesOnPhysicalNetwork + 1))
      stage.put(Self.attachment(index))
    }
    stage.settle()
  }

  /// How long the compiler takes for one service with another VLAN, for so many of them.
  mutating func timesOfChanges(_ count: Int) -> Measurements {
    var times = Measurements()
    for index in 0..<count {
      guard case .service(var service)? = stage.objects[Self.serviceID(index)] else { continue }
      service.spec.segmentationID = 4000 - index
      service.metadata.generation = 2
      var actions: [Action] = []
      times.append(
        time {
          stage.put(.service(service))
          actions = stage.compile()
        }.milliseconds)
      stage.settle(actions)
    }
    return times
  }

  /// How long a new compiler takes for everything.
  func timeFromScratch() -> Duration {
    var fresh = Stage()
    return time {
      for object in stage.objects.values { fresh.put(object) }
      _ = fresh.compile()
    }
  }

  private static func serviceID(_ index: Int) -> WorldID {
    WorldID(.service, NamespacedName(namespace: "test", name: "s\(index)"))
  }

  private static func metadata(_ name: String, namespace: String? = "test") -> ObjectMeta {
    var metadata = ObjectMeta(name: name, namespace: namespace)
    metadata.uid = "uid-\(name)"
    metadata.generation = 1
    metadata.creationTimestamp = "2026-01-01T00:00:00Z"
    return metadata
  }

  private static func service(_ index: Int, vlan: Int) -> WorldObject {
    .service(
      L2Service(
        metadata: metadata("s\(index)"),
        spec: .init(
          segmentationID: vlan, physicalNetworks: ["physnet\(index / servicesOnPhysicalNetwork)"],
          subnets: ["v4-\(index)"])))
  }

  private static func subnet(_ index: Int) -> WorldObject {
    .subnet(Subnet(metadata: metadata("v4-\(index)"), spec: .init(cidr: "10.\(index / 250).\(index % 250).0/24")))
  }

  private static func attachment(_ index: Int) -> WorldObject {
    .attachment(
      L2ServiceAttachment(
        metadata: metadata("a\(index)"),
        spec: .init(l2Services: ["s\(index)"], connectionPoint: "cp\(index / servicesOnPhysicalNetwork)")))
  }

  private static func connectionPoint(_ number: Int) -> WorldObject {
    .connectionPoint(
      ConnectionPoint(
        metadata: metadata("cp\(number)", namespace: nil),
        spec: .init(
          interfaces: [.init(implementation: .netloom, bridge: "br-data\(number)", uplink: "eth\(number)")],
          physicalNetwork: "physnet\(number)")))
  }

  /// Two leaves; every node is connected to one of them.
  private static func fabric(_ number: Int, _ nodes: [String]) -> WorldObject {
    .fabric(
      Fabric(
        metadata: metadata("dc\(number)", namespace: nil),
        spec: .init(
          switches: [
            .init(name: "leaf1", endpoint: "tcp:127.0.0.1:6641"), .init(name: "leaf2", endpoint: "tcp:127.0.0.1:6642"),
          ],
          links: nodes.enumerated().map { index, node in
            .init(node: node, interface: "eth\(number)", switch: "leaf\(index % 2 + 1)", port: "swp\(index + 1)")
          },
          interSwitchLinks: [.init(a: .init(switch: "leaf1", port: "up1"), b: .init(switch: "leaf2", port: "up1"))],
          uplinks: [.init(gateway: "dcgw1", physicalNetwork: "physnet\(number)", switch: "leaf1", port: "swp99")])))
  }
}
