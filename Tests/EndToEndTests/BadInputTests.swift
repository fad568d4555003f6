import JSON
import KubernetesModel
import NetloomAPI
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Every mistake in a manifest is named, with its field, its value and what would be right, and changes nothing in the
  /// network.
  @Suite struct BadInputTests {
    /// A manifest with a mistake and who says so.
    struct Mistake: Sendable {
      enum Judge: Sendable {
        /// kubectl prints it, and nothing is stored.
        case kubectl
        /// The object is stored; its status says it within seconds.
        case status
      }

      var title: String
      var manifest: JSONValue
      var judge: Judge
      /// The whole text about the field.
      var says: String
    }

    @Test func everyMistakeIsNamedAndChangesNothing() async throws {
      try await Tenant.with("bad-input") { tenant in
        let foreign: JSONValue = [
          "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition", "metadata": ["name": "foreign"],
          "spec": ["config": #"{"cniVersion": "1.0.0", "name": "foreign", "type": "macvlan"}"#],
        ]
        try await tenant.apply(
          foreign, Manifest.subnet("v4", "10.220.0.0/24"), Manifest.subnet("v4b", "10.221.0.0/24"),
          Manifest.service("taken", vlan: 220, subnets: ["v4"]), Manifest.service("other", vlan: 221),
          Manifest.attachment("good", ["taken"], "access"))
        try await tenant.waitUntilReady()
        let before = try await NetworkState.take(tenant.cluster)
        for mistake in Self.mistakes {
          switch mistake.judge {
          case .kubectl: try await refused(mistake, tenant)
          case .status: try await reported(mistake, tenant)
          }
          try await NetworkState.expect(before, on: tenant.cluster, mistake.title)
          try await tenant.delete(mistake.manifest["kind"]?.string ?? "", mistake.manifest.name, "--ignore-not-found")
        }
        try await tenant.waitUntilReady()
      }
    }

    private func refused(_ mistake: Mistake, _ tenant: Tenant) async throws {
      let outcome = try await tenant.cluster.kubectl(
        "apply", "-n", tenant.namespace, "-f", "-", input: [mistake.manifest].asText)
      #expect(outcome.status == .exited(1), "\(mistake.title)")
      #expect(outcome.errorText.contains(mistake.says), "\(mistake.title): \(outcome.errorText)")
    }

    private func reported(_ mistake: Mistake, _ tenant: Tenant) async throws {
      let kind = try #require(Self.kinds[mistake.manifest["kind"]?.string ?? ""])
      try await tenant.apply(mistake.manifest)
      let object = try await tenant.wait(for: kind, mistake.manifest.name, "is judged", timeout: .seconds(10)) {
        $0.condition("Ready")?["status"] == "False" && $0.condition("Ready")?["reason"] != "Programming"
      }
      let message = object.condition("Ready")?["message"]?.string ?? ""
      // Of a pod it is the container runtime that tells, and what it tells has the plugin's name before it.
      #expect(
        kind == Pod.definition ? message.contains(mistake.says) : message == mistake.says,
        "\(mistake.title): \(message)")
      if kind != Pod.definition { #expect(object.phase == "error", "\(mistake.title)") }
    }

    static let kinds: [String: ResourceDefinition] = [
      "L2Service": L2Service.definition, "Subnet": Subnet.definition,
      "L2ServiceAttachment": L2ServiceAttachment.definition, "Pod": Pod.definition,
    ]

    static func service(_ spec: JSONValue) -> JSONValue { Manifest.netloom("L2Service", "bad", spec: spec) }
    static func subnet(_ spec: JSONValue) -> JSONValue { Manifest.netloom("Subnet", "bad", spec: spec) }
    static func attachment(_ spec: JSONValue) -> JSONValue {
      Manifest.netloom("L2ServiceAttachment", "bad", spec: spec)
    }

    static let mistakes: [Mistake] = [
      .init(
        title: "VLAN 0", manifest: service(["segmentationID": 0]), judge: .kubectl,
        says: "spec.segmentationID: Invalid value: 0: spec.segmentationID in body should be greater than or equal to 1"),
      .init(
        title: "VLAN 4095", manifest: service(["segmentationID": 4095]), judge: .kubectl,
        says:
          "spec.segmentationID: Invalid value: 4095: spec.segmentationID in body should be less than or equal to 4094"
      ),
      .init(
        title: "VLAN taken", manifest: service(["segmentationID": 220, "physicalNetworks": ["physnet1"]]),
        judge: .status,
        says: "spec.segmentationID: Duplicate value: 220: the VLAN is taken on physical network physnet1 by L2Service "
          + "bad-input/taken; use another VLAN or another physical network"),
      .init(
        title: "host bits", manifest: subnet(["cidr": "10.222.0.5/24"]), judge: .status,
        says: #"spec.cidr: Invalid value: "10.222.0.5/24": it has host bits set; write 10.222.0.0/24"#),
      .init(
        title: "pool outside",
        manifest: subnet(["cidr": "10.222.0.0/24", "pools": [["start": "10.222.0.10", "end": "10.222.1.10"]]]),
        judge: .status,
        says: #"spec.pools[0].end: Invalid value: "10.222.1.10": it is outside the subnet 10.222.0.0/24; "#
          + "use an address from 10.222.0.1 to 10.222.0.254"),
      .init(
        title: "pools that overlap",
        manifest: subnet([
          "cidr": "10.222.0.0/24",
          "pools": [
            ["start": "10.222.0.10", "end": "10.222.0.20"], ["start": "10.222.0.20", "end": "10.222.0.30"],
          ],
        ]), judge: .status,
        says: #"spec.pools[1]: Invalid value: "10.222.0.20-10.222.0.30": it overlaps spec.pools[0] "#
          + "(10.222.0.10-10.222.0.20); let every address stand in one pool"),
      .init(
        title: "next hop outside",
        manifest: subnet([
          "cidr": "10.222.0.0/24", "routes": [["destination": "30.0.0.0/24", "nextHop": "10.223.0.1"]],
        ]), judge: .status,
        says: #"spec.routes[0].nextHop: Invalid value: "10.223.0.1": it is outside the subnet 10.222.0.0/24; "#
          + "use an address from 10.222.0.1 to 10.222.0.254"),
      .init(
        title: "unknown subnet",
        manifest: service(["segmentationID": 222, "physicalNetworks": ["physnet1"], "subnets": ["none"]]),
        judge: .status,
        says: #"spec.subnets[0]: Not found: "none": there is no Subnet of this name in namespace bad-input"#),
      .init(
        title: "unknown physical network",
        manifest: service(["segmentationID": 222, "physicalNetworks": ["physnet9"]]), judge: .status,
        says: #"spec.physicalNetworks[0]: Not found: "physnet9": no Fabric has an uplink of this physicalNetwork; "#
          + "use one that a Fabric names in spec.uplinks"),
      .init(
        title: "two subnets of one family",
        manifest: service(["segmentationID": 222, "physicalNetworks": ["physnet1"], "subnets": ["v4", "v4b"]]),
        judge: .status,
        says: #"spec.subnets[1]: Invalid value: "v4b": it is IPv4 as Subnet v4 is; name one Subnet of each IP family"#),
      .init(
        title: "unknown service",
        manifest: attachment(["l2Services": ["none"], "connectionPoint": "cp-br-data", "vlanType": "access"]),
        judge: .status,
        says: #"spec.l2Services[0]: Not found: "none": there is no L2Service none in namespace bad-input"#),
      .init(
        title: "unknown connection point",
        manifest: attachment(["l2Services": ["taken"], "connectionPoint": "cp-none", "vlanType": "access"]),
        judge: .status,
        says: #"spec.connectionPoint: Not found: "cp-none": there is no ConnectionPoint of this name"#),
      .init(
        title: "access with two services",
        manifest: attachment(["l2Services": ["taken", "other"], "connectionPoint": "cp-br-data", "vlanType": "access"]),
        judge: .status,
        says:
          #"spec.l2Services: Invalid value: ["taken","other"]: vlanType access carries one L2Service; name one, or "#
          + "use vlanType selectivetrunk or trunk"),
      .init(
        title: "unknown VLAN type",
        manifest: attachment(["l2Services": ["taken"], "connectionPoint": "cp-br-data", "vlanType": "hybrid"]),
        judge: .kubectl,
        says: #"spec.vlanType: Unsupported value: "hybrid": supported values: "access", "trunk", "selectivetrunk""#),
      .init(
        title: "dpdk where nothing supports it",
        manifest: attachment([
          "l2Services": ["taken"], "connectionPoint": "cp-br-data", "vlanType": "access", "podInterfaceType": "dpdk",
        ]), judge: .status,
        says: #"spec.podInterfaceType: Unsupported value: "dpdk": ConnectionPoint cp-br-data offers netloom "#
          + "(kernel; access, trunk, selectivetrunk, qinq)"),
      .init(
        title: "a definition of that name that is not ours",
        manifest: Manifest.attachment("foreign", ["taken"], "access"), judge: .status,
        says: "NetworkAttachmentDefinition bad-input/foreign exists and was not made by Netloom; it is left as it is: "
          + "delete it, or give the attachment another name"),
      .init(
        title: "malformed network annotation",
        manifest: Manifest.pod("bad", on: "worker1", networks: "good@"), judge: .status,
        says:
          #"annotation k8s.v1.cni.cncf.io/networks, [0] "good@": its interface name is empty; use at most 15 bytes "#
          + #"without "/", ":" and white space"#),
    ]
  }
}
