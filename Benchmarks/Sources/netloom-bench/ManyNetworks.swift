import JSON
import KubernetesClient
import KubernetesModel
import Lab
import NetloomAPI
import NetworkAnnotations
import OVNModel
import Synchronization

/// Networks without a VLAN and pods on each: as objects at the API server, and as what an operator wants of OVN.
struct ManyNetworks: Sendable {
  let count: Int
  let podsEach: Int

  var pods: Int { count * podsEach }
  /// Rows of the northbound database.
  var rows: Int { count + pods }

  /// The network of a number.
  static func name(_ number: Int) -> String { "s\(number)" }

  // MARK: - Objects

  /// Creates all, and the node that the pods are on: a chassis that is not there.
  func declare(_ client: KubernetesClient) async throws {
    try await client.create(
      Node(
        metadata: ObjectMeta(
          name: OverlayPlatform.host,
          annotations: [NodeAnnotation.overlay: Chassis(name: OverlayPlatform.host, mtu: 1442).annotation])))
    try await inParallel(count) { number in
      let metadata = ObjectMeta(name: Self.name(number), namespace: "test")
      try await client.create(
        Subnet(metadata: metadata, spec: .init(cidr: "10.\(number / 250).\(number % 250).0/24")))
      try await client.create(L2Service(metadata: metadata, spec: .init(subnets: [metadata.name])))
      try await client.create(L2ServiceAttachment(metadata: metadata, spec: .init(l2Services: [metadata.name])))
    }
    try await inParallel(pods) { number in
      try await client.create(
        Pod(
          metadata: ObjectMeta(
            name: "p\(number)", namespace: "test", annotations: [PodAnnotation.networks: Self.name(number / podsEach)]),
          spec: .init(containers: [.init(name: "main", image: "none")], nodeName: OverlayPlatform.host)))
    }
  }

  /// Waits until everything is ready and every pod has its address.
  func settled(_ client: KubernetesClient) async throws {
    let objects = ClusterObjects(client: client)
    let (count, used) = (count, Int64(podsEach))
    try await objects.wait(for: L2Service.definition, timeout: .seconds(300), "the networks are ready") { services in
      services.count { $0[path: "status", "phase"] == "ready" } == count
    }
    try await objects.wait(for: Subnet.definition, timeout: .seconds(300), "the pods have addresses") { subnets in
      subnets.count { $0[path: "status", "used"]?.integer == used } == count
    }
  }

  // MARK: - Rows

  /// What one network and its pods want.
  func wanted(_ number: Int) -> [NorthboundOwner: Set<RowFragment>] {
    let network = "test/\(Self.name(number))"
    var wanted: [NorthboundOwner: Set<RowFragment>] = [
      NorthboundOwner(kind: "L2Service", name: network): [LogicalSwitch(name: network).fragment]
    ]
    for pod in 0..<podsEach {
      let name = "test/p\(number * podsEach + pod)"
      var port = LogicalSwitchPort(name: "\(name)/net1", on: network)
      port.addresses = ["02:00:00:00:\(number / 100 + 10):\(pod + 10) 10.\(number / 250).\(number % 250).\(pod + 2)"]
      port.portSecurity = port.addresses
      port.options = ["iface-id-ver": "uid-\(number)-\(pod)", "requested-chassis": OverlayPlatform.host]
      wanted[NorthboundOwner(kind: "Pod", name: name)] = [port.fragment]
    }
    return wanted
  }
}

/// Follows the switches and ports of the northbound database, and the counter that every writer of ours advances.
final class NorthboundWatch: Sendable {
  private let moments = Moments()
  private let watch: DatabaseWatch

  init(_ endpoint: String) throws {
    let (moments, rows) = (moments, Counter())
    watch = try DatabaseWatch(
      endpoint, "OVN_Northbound",
      [
        "NB_Global": ["nb_cfg"], "Logical_Switch": ["name", "ports", "other_config", "external_ids"],
        "Logical_Switch_Port": ["name", "type", "addresses", "port_security", "options", "external_ids"],
      ]
    ) { change in
      guard change.table != "NB_Global" else { return }
      if change.new == nil, let name = change.old?["name"]?.string { moments.note("without \(name)") }
      if change.new == nil { rows.add(-1) } else if change.old == nil { moments.note("\(rows.add(1)) rows") }
    }
  }

  private final class Counter: Sendable {
    private let value = Mutex(0)
    @discardableResult
    func add(_ difference: Int) -> Int {
      value.withLock {
        $0 += difference
        return $0
      }
    }
  }

  /// How many transactions have changed anything of it.
  var transactions: Int { watch.transactions }

  func stop() { watch.stop() }

  /// When there were that many switches and ports for the first time.
  func moment(ofRows count: Int) async throws -> ContinuousClock.Instant {
    try await moments.moment(of: "\(count) rows", within: .seconds(300))
  }

  /// When a switch or port went.
  func departure(of name: String) async throws -> ContinuousClock.Instant {
    try await moments.moment(of: "without \(name)", within: .seconds(300))
  }
}
