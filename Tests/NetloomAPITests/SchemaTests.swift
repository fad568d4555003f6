import JSON
import Testing

@testable import NetloomAPI

/// What the API server, and so kubectl, refuses or lets pass before Netloom looks.
@Suite struct SchemaTests {
  @Test(arguments: Samples.complete) func theManifestIsAccepted(_ sample: Sample) {
    #expect(Server.refusals(ofDefinition: CRDGenerator.manifest(for: sample.kind)) == [])
  }

  /// A complete sample with one field changed.
  struct Change: Sendable {
    let sample: Sample
    let path: [String]
    let value: JSONValue?

    init(_ resource: some DeclaredResource, _ path: String..., to value: JSONValue?) {
      sample = Sample(resource)
      self.path = path
      self.value = value
    }

    func refusals() throws -> [String] {
      var json = try sample.resource.json()
      json[path: path] = value
      return try Server.refusals(of: json, as: sample.kind)
    }
  }

  static let refused: [(Change, String)] = [
    (
      Change(Samples.l2Service, "spec", "segmentationID", to: 0),
      "spec.segmentationID: Invalid value: 0: spec.segmentationID in body should be greater than or equal to 1"
    ),
    (
      Change(Samples.l2Service, "spec", "segmentationID", to: 4095),
      "spec.segmentationID: Invalid value: 4095: spec.segmentationID in body should be less than or equal to 4094"
    ),
    (Change(Samples.l2Service, "spec", "segmentationID", to: 5000), "spec.segmentationID: "),
    (Change(Samples.l2Service, "spec", "segmentationID", to: "13"), "spec.segmentationID: "),
    (Change(Samples.l2Service, "spec", "subnets", to: ["a", "b", "c"]), "spec.subnets: "),
    (Change(Samples.l2Service, "spec", "subnets", to: ["a", "a"]), "spec.subnets[1]: "),
    (Change(Samples.l2Service, "spec", "subnets", to: ["Upper"]), "spec.subnets[0]: "),
    (Change(Samples.l2Service, "spec", "allowedNamespaces", to: ["from": "Some"]), "spec.allowedNamespaces.from: "),
    (Change(Samples.l2Service, "spec", "callbackURL", to: "mano.example"), "spec.callbackURL: "),
    (Change(Samples.l2Service, "spec", to: nil), "spec: "),
    (
      Change(Samples.attachment, "spec", "vlanType", to: "Access"),
      #"spec.vlanType: Unsupported value: "Access": supported values: "access", "trunk", "selectivetrunk""#
    ),
    (Change(Samples.attachment, "spec", "vlanType", to: nil), "spec.vlanType: Required value"),
    (Change(Samples.attachment, "spec", "implementation", to: "macvtap"), "spec.implementation: "),
    (Change(Samples.attachment, "spec", "podInterfaceType", to: "vfio"), "spec.podInterfaceType: "),
    (Change(Samples.attachment, "spec", "l2Services", to: []), "spec.l2Services: "),
    (Change(Samples.attachment, "spec", "l2Services", to: ["a/b/c"]), "spec.l2Services[0]: "),
    (Change(Samples.subnet, "spec", "cidr", to: "10.10.13.0"), "spec.cidr: "),
    (Change(Samples.subnet, "spec", "cidr", to: "net/24"), "spec.cidr: "),
    (Change(Samples.subnet, "spec", "gateway", to: "gateway"), "spec.gateway: "),
    (Change(Samples.subnet, "spec", "pools", to: [["start": "10.10.13.1"]]), "spec.pools[0].end: Required value"),
    (Change(Samples.connectionPoint, "spec", "mtu", to: 67), "spec.mtu: "),
    (Change(Samples.connectionPoint, "spec", "interfaces", to: []), "spec.interfaces: "),
    (
      Change(
        Samples.connectionPoint, "spec", "interfaces", to: [["implementation": "ovs", "bridge": "much-too-long-name"]]),
      "spec.interfaces[0].bridge: "
    ),
    (
      Change(Samples.fabric, "spec", "switches", to: [["name": "a", "endpoint": "leaf1:6640"]]),
      "spec.switches[0].endpoint: "
    ),
    (
      Change(
        Samples.fabric, "spec", "switches",
        to: [["name": "a", "endpoint": "unix:/a"], ["name": "a", "endpoint": "unix:/b"]]),
      #"spec.switches[1]: Duplicate value: "#
    ),
    (Change(Samples.bridgeDomain, "spec", "vlan", to: 0), "spec.vlan: "),
    (Change(Samples.l2Service, "spec", "vlan", to: 13), #"unknown field "spec.vlan""#),
  ]

  @Test(arguments: refused.indices) func isRefused(_ index: Int) throws {
    let (change, text) = Self.refused[index]
    let refusals = try change.refusals()
    #expect(refusals.count == 1 && refusals.first?.contains(text) ?? false, "\(refusals)")
  }

  static let accepted: [Change] =
    Samples.complete.map { Change($0.resource, "metadata", "labels", to: ["a": "b"]) } + [
      Change(Samples.l2Service, "spec", to: [:]),
      Change(Samples.l2Service, "spec", "callbackURL", to: "http://[::1]:8080/a?b=c"),
      Change(Samples.attachment, "spec", "l2Services", to: ["vlan13", "other.ns/vlan-14"]),
      Change(Samples.subnet, "spec", "cidr", to: "::/0"),
      Change(Samples.subnet, "spec", "exclude", to: ["10.10.13.7", "10.10.13.128/28", "::1"]),
      Change(Samples.subnet, "spec", "dns", to: ["search": ["example.com.", "svc.cluster.local"]]),
      Change(Samples.fabric, "spec", "switches", to: [["name": "a", "endpoint": "tcp:[::1]:6640"]]),
      Change(Samples.fabric, "spec", "switches", to: [["name": "a", "endpoint": "unix:/run/ovs.sock"]]),
    ]

  @Test(arguments: accepted.indices) func passes(_ index: Int) throws {
    #expect(try Self.accepted[index].refusals() == [])
  }
}
