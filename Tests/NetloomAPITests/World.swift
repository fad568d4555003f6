import KubernetesModel

@testable import NetloomAPI

/// A handful of objects to look up: what the operator's index is to the checks.
struct World: References {
  var points: [ConnectionPoint] = []
  var fabrics: [Fabric] = []
  var services: [L2Service] = []
  var subnets: [Subnet] = []
  var attachments: [L2ServiceAttachment] = []
  var routers: [Router] = []
  var ports: [NetworkPort] = []
  var namespaces: [String: [String: String]] = [:]

  func connectionPoint(_ name: String) -> ConnectionPoint? { points.first { $0.metadata.name == name } }
  func fabric(_ name: String) -> Fabric? { fabrics.first { $0.metadata.name == name } }
  func l2Service(_ name: NamespacedName) -> L2Service? { services.first { $0.metadata.namespacedName == name } }
  func subnet(_ name: NamespacedName) -> Subnet? { subnets.first { $0.metadata.namespacedName == name } }
  func namespaceLabels(_ name: String) -> [String: String]? { namespaces[name] }
  func l2Services(segmentationID: Int) -> [L2Service] { services.filter { $0.spec.segmentationID == segmentationID } }
  func l2Services(untaggedOn network: String) -> [L2Service] {
    services.filter { $0.spec.untaggedNetwork == network }
  }
  func attachments(connectionPoint: String) -> [L2ServiceAttachment] {
    attachments.filter { $0.spec.connectionPoint == connectionPoint }
  }
  func routers(on service: NamespacedName) -> [Router] { routers.filter { $0.serviceNames.contains(service) } }
  func networkPort(_ name: NamespacedName) -> NetworkPort? { ports.first { $0.metadata.namespacedName == name } }
  func networkPorts(behindVLAN vlan: Int) -> [NetworkPort] { ports.filter { $0.spec.host?.vlan == vlan } }
  func networkPorts(inside parent: NamespacedName) -> [NetworkPort] { ports.filter { $0.parentName == parent } }
  func isPhysicalNetworkKnown(_ name: String) -> Bool {
    if fabrics.isEmpty { return points.contains { $0.spec.physicalNetwork == name } }
    return fabrics.contains { $0.spec.uplinks?.contains { $0.physicalNetwork == name } ?? false }
  }
  func connectionPoints(leadingTo physicalNetworks: [String]) -> [String] {
    points.filter { point in
      point.spec.interfaces.contains { $0.implementation == .ovn }
        && physicalNetworks.contains(point.spec.physicalNetwork ?? point.metadata.name)
    }.map(\.metadata.name).sorted()
  }
}

extension World {
  /// Two VLANs and their subnets in namespace test, a connection point and a fabric.
  static var usual: World {
    var world = World()
    world.points = [Samples.connectionPoint]
    world.fabrics = [Samples.fabric]
    world.subnets = [
      subnet("four", "10.10.13.0/24"), subnet("four-too", "10.10.14.0/24"), subnet("six", "fd00:13::/64"),
    ]
    world.services = [service("vlan13", 13, subnets: ["four"]), service("vlan14", 14)]
    world.namespaces = ["test": [:], "guest": ["team": "blue"], "stranger": [:]]
    return world
  }

  static func subnet(_ name: String, _ cidr: String) -> Subnet {
    Subnet(metadata: ObjectMeta(name: name, namespace: "test"), spec: .init(cidr: cidr))
  }

  static func service(
    _ name: String, namespace: String = "test", _ vlan: Int?, networks: [String]? = ["physnet1"],
    untagged: [String]? = nil,
    subnets: [String]? = nil, allowed: L2Service.AllowedNamespaces? = nil, created: String? = nil
  ) -> L2Service {
    var service = L2Service(
      metadata: ObjectMeta(name: name, namespace: namespace),
      spec: .init(
        segmentationID: vlan, physicalNetworks: vlan == nil ? untagged : networks, subnets: subnets,
        allowedNamespaces: allowed))
    service.metadata.creationTimestamp = created
    return service
  }

  static func attachment(
    _ services: [String], namespace: String = "test", on point: String? = "cp-br-data", _ type: VLANType = .access,
    interface: PodInterfaceType? = nil, implementation: Implementation? = nil, name: String = "a"
  ) -> L2ServiceAttachment {
    L2ServiceAttachment(
      metadata: ObjectMeta(name: name, namespace: namespace),
      spec: .init(
        l2Services: services, connectionPoint: point, vlanType: type, podInterfaceType: interface,
        implementation: implementation))
  }
}
