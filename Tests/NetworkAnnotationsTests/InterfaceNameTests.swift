import NetworkAnnotations
import Testing

@Suite struct InterfaceNameTests {
  private func names(_ annotation: String) throws -> [String] {
    try InterfaceName.assigned(to: NetworkSelection.list(parsing: annotation, namespace: "test"))
  }

  @Test func goByPositionUnlessAskedFor() throws {
    #expect(try names("a, b@data, a") == ["net1", "data", "net3"])
    #expect(try names("") == [])
  }

  @Test(arguments: [
    ("a@eth0", "[0].interface \"eth0\": the cluster's default network has this interface name already"),
    ("a@lo", "[0].interface \"lo\": the loopback interface has this interface name already"),
    ("a@data,b@data", "[1].interface \"data\": element [0] (test/a) has this interface name already"),
    ("a@net2,b", "[0].interface \"net2\": element [1] (test/b) has this interface name already"),
  ])
  func namesThatAreTakenAreRefused(annotation: String, message: String) {
    #expect { try names(annotation) } throws: {
      "\($0)" == "annotation k8s.v1.cni.cncf.io/networks, \(message); ask for another name"
    }
  }

  /// Interfaces of a running pod keep their names when its list of networks changes.
  @Test(arguments: [
    ("a,b", "b", ["net2"]), ("a,b", "b,a", ["net2", "net1"]), ("a,b", "b,c", ["net2", "net1"]),
    ("a,b", "c,b", ["net1", "net2"]), ("a,b,c", "c,d", ["net3", "net2"]), ("a,a", "a", ["net1"]),
    ("a,a", "a,a,a", ["net1", "net2", "net3"]), ("a,b@data", "b", ["data"]), ("a,b", "b@net1,a", ["net1", "net2"]),
    ("a", "b,a", ["net2", "net1"]), ("a,b", "a,b,c,d", ["net1", "net2", "net3", "net4"]), ("a,b", "", []),
  ])
  func namesStay(before: String, after: String, expected: [String]) throws {
    let earlier = try NetworkSelection.list(parsing: before, namespace: "test")
    let present = zip(earlier, try InterfaceName.assigned(to: earlier)).map {
      NetworkStatus(name: "\($0.network)", interface: $1)
    }
    let selections = try NetworkSelection.list(parsing: after, namespace: "test")
    #expect(
      try InterfaceName.assigned(
        to: selections, having: [NetworkStatus(name: "test/b", interface: "eth0", isDefault: true)] + present)
        == expected)
  }
}
