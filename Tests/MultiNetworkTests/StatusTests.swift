import CNI
import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import MultiNetwork

@Suite("The standard, 2.3 and 2.5 to 2.7: status, claims, devices, policies")
struct StatusTests {
  private func delegate(_ network: String, isDefault: Bool = false) -> Delegate {
    Delegate(network: network, interface: "net1", isDefault: isDefault, configuration: plugin("x"))
  }

  private func result(_ json: JSONValue) throws -> CNIResult { try CNIResult(json: json) }

  @Test func item21OneEntryEach() throws {
    let sandbox = Sandbox(
      CNIAttachment(containerID: "c", namespacePath: "/n", interface: "eth0"),
      [delegate("cluster", isDefault: true), delegate("test/a"), delegate("test/a")])
    let empty = try result(["cniVersion": "1.0.0"])
    let status = sandbox.status([empty, empty, empty], .init(label: "test"))
    #expect(status.map(\.name) == ["cluster", "test/a", "test/a"])
    #expect(try JSONValue(parsing: NetworkStatus.text(of: status)).array?.count == 3)
  }

  @Test func item22Members() throws {
    var delegate = delegate("test/a")
    delegate.defaultRoute = [IPAddress("10.0.0.1")!]
    let status = NetworkStatus(
      delegate,
      try result([
        "cniVersion": "1.1.0",
        "interfaces": [
          ["name": "veth1"], ["name": "net1", "sandbox": "/n", "mac": "02:00:00:00:00:01", "mtu": 1400],
        ],
        "ips": [["address": "10.0.0.5/24", "gateway": "10.0.0.1", "interface": 1]],
        "routes": [["dst": "0.0.0.0/0"], ["dst": "10.9.0.0/16", "gw": "10.0.0.9"]],
        "dns": ["nameservers": ["10.0.0.2"], "domain": "x.example", "search": ["example"]],
      ]), deviceInfo: ["type": "pci", "version": "1.1.0", "pci": ["pci-address": "0000:01:00.0"]])
    let json = try #require(try JSONValue(parsing: NetworkStatus.text(of: [status]))[0])
    #expect(
      json == [
        "name": "test/a", "interface": "net1", "ips": ["10.0.0.5"], "mac": "02:00:00:00:00:01", "mtu": 1400,
        "default": false, "default-route": ["10.0.0.1"], "gateway": ["10.0.0.1"],
        "dns": ["nameservers": ["10.0.0.2"], "domain": "x.example", "search": ["example"]],
        "device-info": ["type": "pci", "version": "1.1.0", "pci": ["pci-address": "0000:01:00.0"]],
      ])
    #expect(NetworkStatus(self.delegate("cluster", isDefault: true), try result(["cniVersion": "1.0.0"])).isDefault)
  }

  @Test func item23FirstInterfaceOfTheSandbox() throws {
    let interfaces: JSONValue = [
      ["name": "host"], ["name": "net1", "sandbox": "/n", "mac": "02:00:00:00:00:01"],
      ["name": "more", "sandbox": "/n", "mac": "02:00:00:00:00:02"],
    ]
    let indexed = NetworkStatus(
      delegate("a"),
      try result([
        "cniVersion": "1.0.0", "interfaces": interfaces,
        "ips": [
          ["address": "10.0.0.1/24", "interface": 0], ["address": "10.0.0.2/24", "interface": 1],
          ["address": "10.0.0.3/24", "interface": 2], ["address": "10.0.0.4/24"],
        ],
      ]))
    #expect(indexed.interface == "net1" && indexed.mac?.description == "02:00:00:00:00:01")
    #expect(indexed.ips.map(\.description) == ["10.0.0.2"])
    let unindexed = NetworkStatus(
      delegate("a"),
      try result([
        "cniVersion": "1.0.0", "interfaces": interfaces,
        "ips": [["address": "10.0.0.4/24"], ["address": "10.0.0.9/24", "interface": 0]],
      ]))
    #expect(unindexed.ips.map(\.description) == ["10.0.0.4"])
    let empty = NetworkStatus(delegate("a"), try result(["cniVersion": "0.3.1"]))
    #expect(NetworkStatus.text(of: [empty]) == #"[{"default":false,"interface":"net1","name":"a"}]"#)
  }

  @Test func item34ClaimKind() {
    let crd = CRDGenerator.manifest(for: IPAMClaim.self)
    #expect(crd[path: "metadata", "name"] == "ipamclaims.k8s.cni.cncf.io")
    let version = crd[path: "spec", "versions"]?[0]
    #expect(version?["name"] == "v1alpha1" && version?[path: "subresources", "status"] != nil)
    let spec = version?[path: "schema", "openAPIV3Schema", "properties", "spec", "required"]?.array
    #expect(Set(spec ?? []) == ["network", "interface"])
  }

  @Test func item35ClaimsAreForSecondaryNetworks() throws {
    // The claim reaches the operator by the pod's annotation; the annotation has no element for the default network.
    let selections = try NetworkSelection.list(
      parsing: #"[{"name":"a","ipam-claim-reference":"vm.a.net1"},{"name":"b"}]"#, namespace: "test")
    #expect(selections.map(\.ipamClaimReference) == ["vm.a.net1", nil])
    var world = PlanWorld(networks: #"[{"name":"a","ipam-claim-reference":"vm.a.net1"}]"#)
    world.define("a", plugin("x", capabilities: ["ips"]))
    #expect(try world.delegates().allSatisfy { $0.capabilityArguments.isEmpty })
  }

  @Test func item36DeviceInfo() throws {
    let valid: [JSONValue] = [
      ["type": "pci", "version": "1.1.0", "pci": ["pci-address": "0000:01:00.0", "rdma-device": "mlx5_0"]],
      [
        "type": "vdpa", "version": "1.0.0",
        "vdpa": ["parent-device": "vdpa0", "driver": "vhost", "path": "/dev/vhost"],
      ],
      ["type": "vhost-user", "version": "1.1.0", "vhost-user": ["mode": "client", "path": "/x.sock"]],
      ["type": "memif", "version": "1.1.0", "memif": ["role": "master", "path": "/x", "mode": "inject-punt"]],
    ]
    for json in valid { try DeviceInfo.validate(json) }
    let invalid: [(JSONValue, String)] = [
      ([:], "type"), (["type": "usb", "version": "1.1.0"], "type"), (["type": "pci"], "version"),
      (["type": "pci", "version": "2.0.0"], "version"), (["type": "pci", "version": "1.1.0"], "pci"),
      (["type": "pci", "version": "1.1.0", "pci": [:]], "pci.pci-address"),
      (
        ["type": "vdpa", "version": "1.1.0", "vdpa": ["parent-device": "v", "driver": "usb", "path": "/x"]],
        "vdpa.driver"
      ),
      (["type": "vhost-user", "version": "1.1.0", "vhost-user": ["mode": "both", "path": "/x"]], "vhost-user.mode"),
      (["type": "memif", "version": "1.1.0", "memif": ["role": "peer", "path": "/x", "mode": "ip"]], "memif.role"),
    ]
    for (json, field) in invalid {
      let error = #expect(throws: CNIError.self) { try DeviceInfo.validate(json) }
      #expect(error?.message == "invalid field \"\(field)\" in the information on a device")
    }
  }

  @Test func item38MultiNetworkPolicy() throws {
    let crd = CRDGenerator.manifest(for: MultiNetworkPolicy.self)
    #expect(crd[path: "metadata", "name"] == "multi-networkpolicies.k8s.cni.cncf.io")
    #expect(crd[path: "spec", "names", "shortNames"] == ["multi-policy"])
    let versions = try #require(crd[path: "spec", "versions"]?.array)
    #expect(versions.map { $0["name"] } == ["v1beta1", "v1beta2"])
    #expect(versions.map { $0["storage"] } == [true, false] && versions.allSatisfy { $0["served"] == true })
    let endPorts = versions.map { version in
      version[path: "schema", "openAPIV3Schema", "properties", "spec", "properties", "ingress"]?[
        path: "items", "properties", "ports", "items", "properties", "endPort"] != nil
    }
    #expect(endPorts == [true, true], "v1beta1 has it since release 1.0.1")
    #expect(
      try NetworkReference.list(policyFor: "net1, ns/net2", namespace: "test").map(\.description) == [
        "test/net1", "ns/net2",
      ])
    #expect(try NetworkReference.list(policyFor: " ", namespace: "test").isEmpty)
    let error = #expect(throws: NetworkAnnotationError.self) {
      try NetworkReference.list(policyFor: "net1,", namespace: "test")
    }
    #expect(
      error?.description == "annotation k8s.v1.cni.cncf.io/policy-for, [1] \"\": it is no name of a "
        + "NetworkAttachmentDefinition; write name or namespace/name")
  }
}
