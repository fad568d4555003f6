import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Lab

/// The life of a network with pods on it, from its declaration to its end.
struct Life: Sendable {
  /// Everything that was so at its height, without what differs from life to life (identifiers, times, addresses).
  var network: Set<String> = []

  static let networks = [
    Manifest.subnet("v4", "10.200.0.0/24"), Manifest.service("one", vlan: 200, subnets: ["v4"]),
    Manifest.service("two", vlan: 201), Manifest.attachment("access", ["one"], "access"),
    Manifest.attachment("selective", ["one", "two"], "selectivetrunk"),
  ]
  static let pods = [
    Manifest.pod("a", on: "worker1", networks: "access"), Manifest.pod("b", on: "worker2", networks: "access"),
    Manifest.pod("c", on: "worker1", networks: "selective"),
  ]

  /// A moment by which a part is killed: as soon as the objects of a kind are so.
  struct Moment: Sendable {
    var kind: ResourceDefinition
    var what: String
    var hasCome: @Sendable ([JSONValue]) -> Bool

    init(_ kind: ResourceDefinition, _ what: String, _ hasCome: @escaping @Sendable ([JSONValue]) -> Bool) {
      (self.kind, self.what, self.hasCome) = (kind, what, hasCome)
    }
  }

  static let whileProgrammed = [
    Moment(L2Service.definition, "the services are declared") { $0.count == 2 },
    Moment(BridgeDomain.definition, "the fabric is asked for a VLAN") { !$0.isEmpty },
    Moment(NodeNetwork.definition, "the nodes are asked for a VLAN") { !$0.isEmpty },
    Moment(NetworkAttachmentDefinition.definition, "a definition is there") { !$0.isEmpty },
  ]
  static let whileAttached = [
    Moment(Pod.definition, "a pod is there") { !$0.isEmpty },
    Moment(Pod.definition, "a pod has its addresses") {
      $0.contains { $0[path: "metadata", "annotations", PodAnnotation.allocations] != nil }
    },
    Moment(Pod.definition, "a pod runs") { $0.contains { $0.phase == "Running" } },
  ]
  static let whileDeleted = [
    Moment(Pod.definition, "a pod is being deleted") { pods in
      pods.count < 3 || pods.contains { $0[path: "metadata", "deletionTimestamp"] != nil }
    },
    Moment(Pod.definition, "a pod is gone") { $0.count < 3 },
    Moment(NetworkAttachmentDefinition.definition, "a definition is gone") { $0.count < 2 },
    Moment(NodeNetwork.definition, "the nodes carry nothing more") { $0.isEmpty },
  ]

  /// A life in which nobody dies, lived once for all tests.
  static func undisturbed() async throws -> Life {
    try await onlyUndisturbed.value
  }

  private static let onlyUndisturbed = Task { try await live(killing: nil) }

  /// A life in which a part is killed and started again at every moment.
  static func live(killing part: LabCluster.Part?) async throws -> Life {
    var life = Life()
    try await Tenant.with("life") { tenant in
      try await tenant.apply(networks)
      try await tenant.pass(whileProgrammed, killing: part)
      try await tenant.waitUntilReady()
      try await tenant.apply(pods)
      try await tenant.pass(whileAttached, killing: part)
      try await tenant.waitUntilPodsReady()
      try await tenant.wait(for: L2ServiceAttachment.definition, "the attachments know of their pods") {
        $0.allSatisfy { ($0[path: "status", "podCount"]?.integer ?? 0) > 0 }
      }
      try await tenant.waitUntilReady()
      #expect(try tenant.mistakes(among: points(in: tenant)) == [])
      try await expectOwnAddresses(in: tenant)
      life.network = try await describe(tenant)
      try await tenant.delete("l2a,l2s,subnet,pod", "--all")
      try await tenant.pass(whileDeleted, killing: part)
      try await waitUntilGone(in: tenant)
    }
    return life
  }

  static func points(in tenant: Tenant) throws -> [DemoPoint] {
    let (one, two) = (try VLANID(200), try VLANID(201))
    return [
      try tenant.point("a", on: "worker1", .access(one)), try tenant.point("b", on: "worker2", .access(one)),
      try tenant.point("c", on: "worker1", .trunk([one, two])),
    ]
  }

  static func waitUntilGone(in tenant: Tenant) async throws {
    for kind in [Pod.definition, L2ServiceAttachment.definition, L2Service.definition, Subnet.definition] {
      try await tenant.waitUntilGone(kind)
    }
  }

  /// Every pod on the access attachment has one address, of the subnet, that no other pod has.
  private static func expectOwnAddresses(in tenant: Tenant) async throws {
    var addresses: [IPAddress] = []
    for pod in try await tenant.list(Pod.definition) {
      let text = pod[path: "metadata", "annotations", PodAnnotation.allocations]?.string ?? "[]"
      addresses += try Allocation.list(parsing: text).flatMap(\.ips).map(\.address)
    }
    let subnet = try CIDR(parsing: "10.200.0.0/24")
    #expect(addresses.count == 2 && Set(addresses).count == 2 && addresses.allSatisfy(subnet.contains), "\(addresses)")
    let used = try await tenant.wait(for: Subnet.definition, "v4", "counts two addresses") {
      $0[path: "status", "used"]?.integer == 2
    }
    #expect(used.isReady)
  }

  private static func describe(_ tenant: Tenant) async throws -> Set<String> {
    var lines: Set<String> = []
    for kind in [L2Service.definition, L2ServiceAttachment.definition, Subnet.definition] {
      for object in try await tenant.list(kind) {
        let conditions = (object[path: "status", "conditions"]?.array ?? []).map { condition in
          ["type", "status", "reason", "message"].map { condition[$0]?.string ?? "" }.joined(separator: " ")
        }
        lines.insert("\(kind.kind) \(object.name) \(object.phase ?? "") \(conditions.sorted())")
      }
    }
    for definition in try await tenant.list(NetworkAttachmentDefinition.definition) {
      lines.insert("definition \(definition.name) \(definition[path: "spec", "config"]?.description ?? "")")
    }
    for kind in [BridgeDomain.definition, NodeNetwork.definition] {
      for object in try await tenant.cluster.objects.list(kind) {
        lines.insert("\(kind.kind) \(object.name) \(object["spec"]?.description ?? "") \(object.phase ?? "")")
      }
    }
    let lab = tenant.cluster.lab
    let carried = try await CarriedVLANs.read(
      lab.directory, switches: lab.topology.switches.map(\.name), logger: TestCluster.logger)
    for cable in lab.topology.cables {
      for end in [cable.a, cable.b] {
        if let vlans = carried[end] { lines.insert("\(end) carries \(vlans)") }
      }
    }
    return lines
  }
}

extension Tenant {
  /// Waits for each moment, and kills and restarts a part when it has come.
  fileprivate func pass(_ moments: [Life.Moment], killing part: LabCluster.Part?) async throws {
    guard let part else { return }
    for moment in moments {
      // Cluster-scoped kinds have no namespace to look in: no other test is running.
      let namespace = moment.kind.scope == .namespaced ? namespace : nil
      try await cluster.objects.wait(for: moment.kind, in: namespace, moment.what, until: moment.hasCome)
      try await cluster.crash(part)
    }
  }
}
