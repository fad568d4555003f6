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
}
