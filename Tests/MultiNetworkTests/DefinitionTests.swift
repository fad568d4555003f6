import CNI
import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import Testing

@testable import MultiNetwork

@Suite("The standard, 2.1: NetworkAttachmentDefinition")
struct DefinitionTests {
  @Test func item01Kind() throws {
    let crd = CRDGenerator.manifest(for: NetworkAttachmentDefinition.self)
    #expect(crd[path: "metadata", "name"] == "network-attachment-definitions.k8s.cni.cncf.io")
    #expect(crd[path: "spec", "scope"] == "Namespaced")
    let names: JSONValue = [
      "kind": "NetworkAttachmentDefinition", "listKind": "NetworkAttachmentDefinitionList",
      "plural": "network-attachment-definitions", "singular": "network-attachment-definition",
      "shortNames": ["net-attach-def"],
    ]
    #expect(crd[path: "spec", "names"] == names)
    let version = try #require(crd[path: "spec", "versions"]?.array?.first)
    #expect(version["name"] == "v1" && version["served"] == true)
    let config = version[path: "schema", "openAPIV3Schema", "properties", "spec", "properties", "config", "type"]
    #expect(config == "string")
    #expect(version[path: "schema", "openAPIV3Schema", "required"] == nil, "spec is optional")
  }

  @Test func item02NoConfigurationMeansNetworkOfTheNode() throws {
    var world = PlanWorld(networks: "known,empty")
    world.define("known", text: nil)
    world.define("empty", text: " \n")
    world.file("20.conflist", ["cniVersion": "1.0.0", "name": "known", "plugins": [["type": "ptp"]]])
    world.file("30.conflist", ["cniVersion": "1.0.0", "name": "empty", "plugins": [["type": "macvlan"]]])
    #expect(
      try world.delegates().map { $0.configuration[path: "plugins"]?[0]?["type"] } == ["bridge", "ptp", "macvlan"])
  }

  @Test func item03NothingButCNIInTheConfiguration() {
    var world = PlanWorld(networks: "a")
    for (text, reason) in [
      ("vlan=13", "is not JSON (malformed JSON at byte 0"), ("[]", "is of type array: write a CNI configuration"),
      ("{\"vlan\":13}", "invalid field \"type\" in the network configuration: it is missing"),
    ] {
      world.define("a", text: text)
      let failure = world.failure() ?? ""
      #expect(failure.hasPrefix("cannot attach the pod to test/a: ") && failure.contains(reason), "\(failure)")
    }
  }

  @Test func item04NamesAndReferences() {
    for name in ["a", "a-b", "0", "a.b"] {
      #expect(NetworkReference("ns/\(name)")?.description == "ns/\(name)")
    }
    for wrong in ["a", "a/b/c", "/a", "a/", "A/b", "a/-b", "a/b_c", "a.b/c", "\(String(repeating: "x", count: 64))/a"] {
      #expect(NetworkReference(wrong) == nil, "\(wrong)")
    }
  }

  @Test func item05ResolutionOrder() throws {
    var world = PlanWorld(networks: "a")
    world.define("a", text: nil)
    #expect(
      world.failure() == "cannot attach the pod to test/a: its definition has no spec.config, and no configuration in "
        + "/etc/cni/net.d is named \"a\": write spec.config, or install the configuration on the node (CNI code 11)")
    world.file("20.conf", ["cniVersion": "1.0.0", "name": "a", "type": "single"])
    #expect(try world.delegates()[1].list().plugins.map(\.type) == ["single"])
    world.file(
      "30.conflist", ["cniVersion": "1.0.0", "name": "a", "plugins": [["type": "first"], ["type": "second"]]])
    #expect(try world.delegates()[1].list().plugins.map(\.type) == ["first", "second"])
    world.define("a", plugin("own"))
    #expect(try world.delegates()[1].list().plugins.map(\.type) == ["own"])
    world.pod.networks = "b"
    #expect(
      world.failure()
        == "cannot attach the pod to test/b: there is no NetworkAttachmentDefinition of this name: create "
        + "it, or correct the pod's annotation (CNI code 11)")
  }

  @Test func item06NameInjection() throws {
    var world = PlanWorld(networks: "single,list,named")
    world.define("single", plugin("a"))
    world.define("list", ["cniVersion": "1.0.0", "plugins": [["type": "a"], ["type": "b"]]])
    world.define("named", plugin("a", ["name": "other"]))
    let lists = try world.delegates().dropFirst().map { try $0.list() }
    #expect(lists.map(\.name) == ["single", "list", "other"])
    #expect(lists[1].plugins.map(\.name) == ["list", "list"])
  }
}
