import JSON
import Testing

@testable import CNI

@Suite("Network configuration")
struct ConfigurationTests {
  @Test(
    "mistakes have the standard's code and name the field",
    arguments: [
      ("", 6, "not JSON"),
      ("{", 6, "not JSON"),
      ("[]", 7, "top level"),
      ("{}", 7, "cniVersion"),
      (#"{"cniVersion":1}"#, 7, "cniVersion"),
      (#"{"cniVersion":"0.2.0","name":"a","type":"b"}"#, 1, "0.3.1"),
      (#"{"cniVersion":"1.0.0","type":"b"}"#, 7, "\"name\""),
      (#"{"cniVersion":"1.0.0","name":"a/b","type":"b"}"#, 7, "\"name\""),
      (#"{"cniVersion":"1.0.0","name":"a"}"#, 7, "\"type\""),
      (#"{"cniVersion":"1.0.0","name":"a","type":"../b"}"#, 7, "\"type\""),
      (#"{"cniVersion":"1.0.0","name":"a","type":"b","ipam":3}"#, 7, "\"ipam\""),
      (#"{"cniVersion":"1.0.0","name":"a","type":"b","prevResult":[]}"#, 7, "\"prevResult\""),
      (#"{"cniVersion":"1.0.0","name":"a","plugins":[]}"#, 7, "\"plugins\""),
      (#"{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"b"},{}]}"#, 7, "plugins[1]"),
      (#"{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"b"}],"disableCheck":"yes"}"#, 7, "disableCheck"),
    ])
  func mistakes(text: String, code: Int64, named: String) {
    let error = #expect(throws: CNIError.self) { try NetworkConfigurationList(parsing: Array(text.utf8)) }
    #expect(error?.code.rawValue == code)
    #expect(error?.description.contains(named) == true, "\(String(describing: error))")
  }

  @Test("a single configuration counts as a list of one")
  func single() throws {
    let list = try NetworkConfigurationList(parsing: Array(#"{"cniVersion":"0.4.0","name":"a","type":"b"}"#.utf8))
    #expect(list.plugins.map(\.type) == ["b"])
    #expect(list.version == .v040)
  }

  @Test("a plugin gets name, version, previous result and the capabilities that it has")
  func pluginInput() throws {
    let list = try NetworkConfigurationList(
      parsing: Array(
        #"{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"b","capabilities":{"mac":true,"ips":false}}]}"#.utf8))
    let attachment = CNIAttachment(
      containerID: "c", namespacePath: "/n", interface: "eth0",
      capabilityArguments: ["mac": "02:00:00:00:00:01", "ips": ["10.0.0.1/24"], "portMappings": []])
    let input = CNIRuntime.input(list.plugins[0], attachment, previous: ["cniVersion": "1.0.0"])
    #expect(input["name"] == "n" && input["cniVersion"] == "1.0.0")
    #expect(input["prevResult"] == ["cniVersion": "1.0.0"])
    #expect(input["runtimeConfig"] == ["mac": "02:00:00:00:00:01"])
  }

  @Test(
    "wrong variables have code 4 and name the variable",
    arguments: [
      ("", "/n", "eth0", "CNI_CONTAINERID"), ("../c", "/n", "eth0", "CNI_CONTAINERID"), ("c", "", "eth0", "CNI_NETNS"),
      ("c", "/n", "", "CNI_IFNAME"), ("c", "/n", "a/b", "CNI_IFNAME"), ("c", "/n", "sixteen-bytes-xx", "CNI_IFNAME"),
      ("c", "/n", "..", "CNI_IFNAME"), ("c", "/n", "a b", "CNI_IFNAME"),
    ])
  func variables(container: String, namespace: String, interface: String, named: String) {
    let attachment = CNIAttachment(containerID: container, namespacePath: namespace, interface: interface)
    let error = #expect(throws: CNIError.self) { try attachment.validate() }
    #expect(error?.code == .invalidEnvironment)
    #expect(error?.message.contains(named) == true)
  }

  @Test("CNI_ARGS is a list of pairs")
  func arguments() throws {
    #expect(try CNIAttachment.parseArguments("A=1;B=x=y;;C=") == ["A": "1", "B": "x=y", "C": ""])
    #expect(throws: CNIError.self) { try CNIAttachment.parseArguments("A") }
    #expect(throws: CNIError.self) { try CNIAttachment.parseArguments("=1") }
  }
}
