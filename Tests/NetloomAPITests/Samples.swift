import KubernetesModel
import Testing

@testable import NetloomAPI

/// An object and its kind.
struct Sample: Sendable, CustomTestStringConvertible {
  let kind: any DeclaredResource.Type
  let resource: any DeclaredResource

  init(_ resource: some DeclaredResource) {
    self.resource = resource
    kind = type(of: resource)
  }

  var testDescription: String { kind.definition.kind }
}

/// Objects with every field set.
enum Samples {
  static let complete: [Sample] = [
    Sample(connectionPoint), Sample(fabric), Sample(bridgeDomain), Sample(l2Service), Sample(subnet),
    Sample(attachment),
    Sample(nodeNetwork), Sample(router), Sample(networkPort), Sample(serviceChain), Sample(trafficMirror),
    Sample(NetworkAttachmentDefinition(metadata: ObjectMeta(name: "n", namespace: "test"), spec: .init(config: "{}"))),
    Sample(
      IPAMClaim(
        metadata: ObjectMeta(name: "c", namespace: "test"), spec: .init(network: "test/n", interface: "net1"),
        status: .init(ips: ["10.10.13.10/24"]))),
  ]

  static let condition = Condition(
    type: ConditionType.ready, status: .true, reason: ConditionReason.ready, message: "done",
    lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration: 1)
  static let selector = LabelSelector(
    matchLabels: ["a": "b"], matchExpressions: [.init(key: "c", operator: .in, values: ["d"])])

  static func status<S: NetloomStatus>(_ type: S.Type, _ fill: (inout S) -> Void) -> S {
    var status = S()
    status.phase = .ready
    status.observedGeneration = 1
    status.conditions = [condition]
    fill(&status)
    return status
  }

  static let connectionPoint = ConnectionPoint(
    metadata: ObjectMeta(name: "cp-br-data"),
    spec: .init(
      interfaces: [
        .init(
          implementation: .netloom, types: [.kernel], bridge: "br-data", uplink: "eth1",
          resourceName: "intel.com/virtio")
      ], physicalNetwork: "physnet1", nodeSelector: selector, mtu: 1500, description: "note",
      callbackURL: "https://mano.example/events"),
    status: status(ConnectionPoint.Status.self) {
      $0.nodeCount = 1
      $0.nodes = ["worker1"]
      $0.attachmentCount = 1
    })

  static let fabric = Fabric(
    metadata: ObjectMeta(name: "dc1"),
    spec: .init(
      switches: [
        .init(
          name: "leaf1", endpoint: "ssl:127.0.0.1:6641",
          credentials: .init(secretName: "leaf1-tls", secretNamespace: "netloom-system"))
      ], links: [.init(node: "worker1", interface: "eth1", switch: "leaf1", port: "swp1")],
      interSwitchLinks: [.init(a: .init(switch: "leaf1", port: "up1"), b: .init(switch: "leaf1", port: "up2"))],
      uplinks: [.init(gateway: "dcgw1", physicalNetwork: "physnet1", switch: "leaf1", port: "swp48")],
      description: "note", callbackURL: "https://mano.example/events"),
    status: status(Fabric.Status.self) {
      $0.switchCount = 1
      $0.switchesConnected = 1
      $0.switches = [.init(name: "leaf1", connected: true, message: "answers")]
      $0.vlanCount = 11
    })

  static let bridgeDomain = BridgeDomain(
    metadata: ObjectMeta(name: "dc1-13"),
    spec: .init(fabric: "dc1", vlan: 13, ports: [.init(switch: "leaf1", port: "swp1")]),
    status: status(BridgeDomain.Status.self) {
      $0.portCount = 1
      $0.portsProgrammed = 1
      $0.ports = [.init(switch: "leaf1", port: "swp1", state: .programmed, message: "")]
    })

  static let l2Service = L2Service(
    metadata: ObjectMeta(name: "vlan13", namespace: "test"),
    spec: .init(
      segmentationID: 13, physicalNetworks: ["physnet1"], subnets: ["ipv4-thirteen"],
      allowedNamespaces: .init(from: .selector, selector: selector), description: "note",
      callbackURL: "https://mano.example/events"),
    status: status(L2Service.Status.self) {
      $0.fabrics = [.init(name: "dc1", state: .programmed, message: "")]
      $0.nodes = [.init(name: "worker1", state: .pending, message: "agent")]
      $0.pending = ["node worker1"]
      $0.attachmentCount = 1
      $0.attachments = ["test/ovs-access"]
      $0.gatewayNode = "worker1"
      $0.podCount = 1
      $0.pods = ["test/pod"]
    })

  static let subnet = Subnet(
    metadata: ObjectMeta(name: "ipv4-thirteen", namespace: "test"),
    spec: .init(
      cidr: "10.10.13.0/24", gateway: "10.10.13.1", pools: [.init(start: "10.10.13.10", end: "10.10.13.254")],
      exclude: ["10.10.13.128/28"], routes: [.init(destination: "30.30.13.0/24", nextHop: "10.10.13.1")],
      dns: .init(nameservers: ["10.10.13.2"], domain: "example.com", search: ["example.com"]), description: "note",
      callbackURL: "https://mano.example/events"),
    status: status(Subnet.Status.self) {
      $0.used = 1
      $0.available = "228"
      $0.utilization = 1
      $0.conflicts = [.init(address: "10.10.13.20", mac: "02:00:00:00:00:09", seen: "2026-01-01T00:00:00Z")]
      $0.reservations = [.init(address: "10.10.13.21", pod: "test/web-0", interface: "net1")]
      $0.l2Services = ["vlan13"]
    })

  static let attachment = L2ServiceAttachment(
    metadata: ObjectMeta(name: "ovs-access", namespace: "test"),
    spec: .init(
      l2Services: ["vlan13"], connectionPoint: "cp-br-data", podInterfaceType: .kernel, implementation: .netloom,
      customerVLANs: ["100-199"], mtu: 1400,
      bandwidth: .init(ingressRate: 1_000_000, ingressBurst: 80_000, egressRate: 1_000_000, egressBurst: 80_000),
      portSecurity: false, description: "note", callbackURL: "https://mano.example/events"),
    status: status(L2ServiceAttachment.Status.self) {
      $0.implementation = .netloom
      $0.podInterfaceType = .kernel
      $0.networkAttachmentDefinition = "ovs-access"
      $0.vlans = [13]
      $0.podCount = 1
      $0.pods = ["test/pod"]
    })

  static let nodeNetwork = NodeNetwork(
    metadata: ObjectMeta(name: "worker1"),
    spec: .init(
      bridges: [
        .init(
          name: "br-data", uplink: "eth1", vlans: [13], mtu: 1500, physicalNetwork: "physnet1",
          owners: ["L2ServiceAttachment test/ovs-access"])
      ],
      mirrors: [
        .init(
          name: "test/tap", ports: ["test/pod/net1"], direction: .both, key: 0x80_0001, sinkPort: "test/analyser/net1",
          sinkChassis: "worker2", origins: ["worker3"])
      ]),
    status: status(NodeNetwork.Status.self) {
      $0.bridges = [.init(name: "br-data", vlans: [13], message: "")]
      $0.mirrors = [.init(name: "tenant/tap", message: "")]
    })

  static let router = Router(
    metadata: ObjectMeta(name: "rt", namespace: "test"),
    spec: .init(
      networks: [.init(l2Service: "blue", snat: true, announce: true)],
      gateway: .init(
        l2Service: "outside", addresses: ["10.50.0.2"], mode: .activeStandby, nodeSelector: selector),
      joinSubnets: ["100.64.0.0/24"], routes: [.init(destination: "0.0.0.0/0", nextHops: ["10.50.0.1"], bfd: true)],
      floatingAddresses: [.init(external: "10.50.0.10", internal: "10.1.0.5")], description: "note",
      callbackURL: "https://mano.example/events"),
    status: status(Router.Status.self) {
      $0.networks = [.init(l2Service: "test/blue", addresses: ["10.1.0.1/24"])]
      $0.gateways = [.init(node: "worker1", addresses: ["10.50.0.2/24"], active: true)]
    })

  static let networkPort = NetworkPort(
    metadata: ObjectMeta(name: "vm", namespace: "test"),
    spec: .init(
      l2Service: "blue", type: .vm, mac: "02:00:00:00:00:01", addresses: ["10.1.0.9"],
      parent: .init(networkPort: "vm", vlan: 100), host: .init(connectionPoint: "cp", vlan: 30), dhcp: true,
      portSecurity: true, node: "worker1", description: "note", callbackURL: "https://mano.example/events"),
    status: status(NetworkPort.Status.self) {
      $0.interfaceID = "NetworkPort/test/vm"
      $0.mac = "02:00:00:00:00:01"
      $0.addresses = ["10.1.0.9/24"]
      $0.node = "worker1"
      $0.up = true
    })

  static let serviceChain = ServiceChain(
    metadata: ObjectMeta(name: "sc", namespace: "test"),
    spec: .init(
      left: .init(l2Service: "blue", podSelector: selector, namespaceSelector: selector),
      right: .init(l2Service: "red", podSelector: selector, namespaceSelector: selector),
      functions: [.init(name: "firewall", podSelector: selector, left: "green", right: "grey")], onFailure: .bypass,
      description: "note", callbackURL: "https://mano.example/events"),
    status: status(ServiceChain.Status.self) {
      $0.functions = [
        .init(name: "firewall", podCount: 1, instances: [.init(pod: "test/fw", addresses: ["10.1.0.2"], share: 100)])
      ]
    })

  static let trafficMirror = TrafficMirror(
    metadata: ObjectMeta(name: "tm", namespace: "test"),
    spec: .init(
      source: .init(podSelector: selector, l2Service: "blue"),
      destination: .init(pod: "analyser", interface: "net1", networkPort: "vm"),
      direction: .both, description: "note", callbackURL: "https://mano.example/events"),
    status: status(TrafficMirror.Status.self) {
      $0.interfaceCount = 1
      $0.pods = ["test/web"]
      $0.networkPorts = ["test/vm"]
      $0.destination = "analyser/net1"
    })
}
