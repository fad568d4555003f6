import JSON

/// The manifests that tests apply; `spec` is given whole where it is what the test is about.
enum Manifest {
  static func netloom(_ kind: String, _ name: String, spec: JSONValue) -> JSONValue {
    ["apiVersion": "netloom.dev/v1alpha1", "kind": .string(kind), "metadata": ["name": .string(name)], "spec": spec]
  }

  static func service(_ name: String, vlan: Int, subnets: [String] = [], callbackURL: String? = nil) -> JSONValue {
    var spec: JSONValue = [
      "segmentationID": .integer(Int64(vlan)), "physicalNetworks": ["physnet1"],
      "subnets": .array(subnets.map { .string($0) }),
    ]
    spec["callbackURL"] = callbackURL.map { .string($0) }
    return netloom("L2Service", name, spec: spec)
  }

  static func subnet(_ name: String, _ cidr: String) -> JSONValue {
    netloom("Subnet", name, spec: ["cidr": .string(cidr)])
  }

  static func attachment(
    _ name: String, _ services: [String], _ vlanType: String, on connectionPoint: String = "cp-br-data",
    callbackURL: String? = nil
  ) -> JSONValue {
    var spec: JSONValue = [
      "l2Services": .array(services.map { .string($0) }), "vlanType": .string(vlanType),
      "connectionPoint": .string(connectionPoint),
    ]
    spec["callbackURL"] = callbackURL.map { .string($0) }
    return netloom("L2ServiceAttachment", name, spec: spec)
  }

  static func pod(_ name: String, on node: String, networks: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": .string(name), "annotations": ["k8s.v1.cni.cncf.io/networks": .string(networks)],
      ],
      "spec": ["nodeName": .string(node), "containers": [["name": "main", "image": "none"]]],
    ]
  }
}

extension [JSONValue] {
  /// The manifests as kubectl reads them: a stream of JSON objects.
  var asText: String { map(\.description).joined(separator: "\n") }
}
