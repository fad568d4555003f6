import Files
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
      (#"{"cniVersion":"1.1.0","name":"a","plugins":[{"type":"b"}],"disableGC":1}"#, 7, "disableGC"),
      (
        #"{"cniVersion":"1.1.0","name":"a","plugins":[{"type":"b"}],"loadOnlyInlinedPlugins":[]}"#, 7,
        "loadOnlyInlinedPlugins"
      ),
      (#"{"cniVersions":"1.1.0","name":"a","plugins":[{"type":"b"}]}"#, 7, "cniVersions"),
      (#"{"cniVersions":["1.1.0",1],"name":"a","plugins":[{"type":"b"}]}"#, 7, "cniVersions"),
      (#"{"cniVersion":"0.2.0","cniVersions":["2.0.0"],"name":"a","plugins":[{"type":"b"}]}"#, 1, "2.0.0"),
      (#"{"cniVersion":"1.1.0","name":"a","plugins":{}}"#, 7, "\"plugins\""),
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

  @Test("of several versions the newest known one counts; unknown ones count for nothing")
  func severalVersions() throws {
    let list = try NetworkConfigurationList(
      parsing: Array(
        #"{"cniVersion":"0.4.0","cniVersions":["1.1.0","9.0.0","0.3.1"],"name":"a","plugins":[{"type":"b"}]}"#.utf8))
    #expect(list.versions == [.v031, .v040, .v110])
    #expect(list.version == .v110 && list.plugins[0].version == .v110)
    #expect(list.with(.v040).plugins[0].version == .v040)
  }

  @Test("a configuration without plugins inside takes those of the folder of its name; an inlined one may refuse them")
  func folder() throws {
    let path = "/tmp/netloom-configurations-\(UInt64.random(in: 0..<1 << 40))"
    defer { Files.removeTree(path) }
    try Files.makeFolder("\(path)/open")
    try Files.makeFolder("\(path)/closed")
    let inlined = #""plugins":[{"type":"first"}]"#
    for (file, text) in [
      ("10-broken.conflist", "{"), ("20-open.conflist", #"{"cniVersion":"1.1.0","name":"open",\#(inlined)}"#),
      (
        "30-closed.conflist",
        #"{"cniVersion":"1.1.0","name":"closed","loadOnlyInlinedPlugins":true,\#(inlined)}"#
      ), ("40-bare.conf", #"{"cniVersion":"0.4.0","name":"bare","type":"only"}"#), ("README", "no configuration"),
      ("open/20-b.conf", #"{"type":"third"}"#), ("open/10-a.conf", #"{"type":"second"}"#),
      ("closed/10-a.conf", #"{"type":"second"}"#),
    ] {
      try Files.write(Array(text.utf8), to: "\(path)/\(file)")
    }
    let folder = ConfigurationFolder(path)
    #expect(folder.files == ["10-broken.conflist", "20-open.conflist", "30-closed.conflist", "40-bare.conf"])
    #expect(try folder.configuration(named: "open")?.plugins.map(\.type) == ["first", "second", "third"])
    #expect(try folder.configuration(named: "closed")?.plugins.map(\.type) == ["first"])
    #expect(try folder.configuration(named: "bare")?.plugins.map(\.type) == ["only"])
    let broken = #expect(throws: CNIError.self) { try folder.configuration(inFile: "10-broken.conflist") }
    #expect(broken?.code == .decodingFailure && broken?.message.contains("10-broken.conflist") == true)
    let missing = #expect(throws: CNIError.self) { try folder.configuration(named: "absent") }
    #expect(missing?.message.contains("10-broken.conflist") == true)
  }

  @Test("what a runtime asks is read with its place")
  func runtimeConfiguration() throws {
    func read(_ text: String) throws -> RuntimeConfiguration {
      try NetworkConfiguration(
        parsing: Array(#"{"cniVersion":"1.1.0","name":"n","type":"t",\#(text)}"#.utf8)
      ).runtimeConfiguration()
    }
    let all = try read(
      #"""
      "runtimeConfig":{"ips":["10.0.0.5/24","fd00::5"],"mac":"02:00:00:00:00:05","deviceID":"0000:00:1f.6",
      "CNIDeviceInfoFile":"/f","bandwidth":{"ingressRate":8000,"ingressBurst":800,"egressRate":0}},
      "args":{"cni":{"ips":["10.9.9.9/24"]}}
      """#)
    #expect(all.ips.map(\.description) == ["10.0.0.5/24", "fd00::5"])
    #expect(all.macAddress?.description == "02:00:00:00:00:05")
    #expect(all.bandwidth == .init(ingressRate: 8000, ingressBurst: 800))
    #expect(all.deviceID == "0000:00:1f.6" && all.deviceInfoFile == "/f")
    #expect(try read(#""args":{"cni":{"ips":["10.9.9.9/24"]}}"#).ips.map(\.description) == ["10.9.9.9/24"])
    #expect(try read(#""runtimeConfig":{}"#) == RuntimeConfiguration())
    for (text, field) in [
      (#"{"ips":"10.0.0.1"}"#, "runtimeConfig.ips"), (#"{"ips":["10.0.0.1",5]}"#, "runtimeConfig.ips[1]"),
      (#"{"mac":"02:00"}"#, "runtimeConfig.mac"), (#"{"deviceID":5}"#, "runtimeConfig.deviceID"),
      (#"{"bandwidth":5}"#, "runtimeConfig.bandwidth"),
      (#"{"bandwidth":{"ingressRate":-1}}"#, "runtimeConfig.bandwidth.ingressRate"),
      (#"{"bandwidth":{"egressBurst":5}}"#, "runtimeConfig.bandwidth.egressRate"),
    ] {
      let error = #expect(throws: CNIError.self) { try read(#""runtimeConfig":\#(text)"#) }
      #expect(error?.code == .invalidConfiguration && error?.message.contains("\"\(field)\"") == true, "\(text)")
    }
  }

  @Test("a plugin gets name, version, previous result and the capabilities that it has")
  func pluginInput() throws {
    let list = try NetworkConfigurationList(
      parsing: Array(
        #"{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"b","capabilities":{"mac":true,"ips":false},"cni.dev/x":1,"args":{"cni":{"label":"old","a":1}}}]}"#
          .utf8))
    let attachment = CNIAttachment(
      containerID: "c", namespacePath: "/n", interface: "eth0",
      capabilityArguments: ["mac": "02:00:00:00:00:01", "ips": ["10.0.0.1/24"], "portMappings": []],
      configurationArguments: ["label": "new"])
    let input = CNIRuntime.input(list.plugins[0], attachment, previous: ["cniVersion": "1.0.0"])
    #expect(input["name"] == "n" && input["cniVersion"] == "1.0.0")
    #expect(input["prevResult"] == ["cniVersion": "1.0.0"])
    #expect(input["runtimeConfig"] == ["mac": "02:00:00:00:00:01"])
    #expect(input["capabilities"] == nil && input["cni.dev/x"] == nil)
    #expect(input["args"] == ["cni": ["label": "new", "a": 1]])
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
