import JSON
import NetworkAnnotations
import NetworkTypes
import Testing

@Suite struct NetworkSelectionTests {
  private func list(_ text: String) throws(NetworkAnnotationError) -> [NetworkSelection] {
    try NetworkSelection.list(parsing: text, namespace: "test")
  }

  @Test(arguments: [
    ("vlan13", ["test/vlan13"]), ("vlan13,other/vlan14", ["test/vlan13", "other/vlan14"]),
    (" vlan13 ,\n vlan13 ", ["test/vlan13", "test/vlan13"]), ("other/vlan13@data", ["other/vlan13@data"]),
    ("a.b.c@ETH_1", ["test/a.b.c@ETH_1"]), ("", []), ("  \n", []), ("[]", []),
    (
      #"[{"name":"vlan13"},{"name":"vlan13","namespace":"other","interface":"data"}]"#,
      ["test/vlan13", "other/vlan13@data"]
    ),
    (#"[{"name":"vlan13","namespace":""}]"#, ["test/vlan13"]),
  ])
  func bothForms(text: String, networks: [String]) throws {
    let found = try list(text).map { "\($0.network)" + ($0.interface.map { "@\($0)" } ?? "") }
    #expect(found == networks)
  }

  @Test func everyMember() throws {
    let selection = try #require(
      list(
        """
        [{"name": "vlan13", "interface": "data", "ips": ["10.10.13.20/24", "2001:DB8::20"], "mac": "02:AA:00:00:00:01",
          "default-route": ["10.10.13.1"], "cni-args": {"a": {"b": 1}}, "portMappings":
          [{"hostPort": 8080, "containerPort": 80}, {"hostPort": 53, "containerPort": 53, "protocol": "Udp", "hostIP": "10.0.0.1"}],
          "bandwidth": {"ingressRate": 1000, "ingressBurst": 100, "egressRate": 2000}, "infiniband-guid": "C2:11:22:33:44:55:66:77",
          "deviceID": "0000:03:02.0", "vendor.example/x": [1], "unknown": 7, "interfaceX": null}]
        """
      ).first)
    #expect(selection.interface == "data")
    #expect(selection.ips.map(\.description) == ["10.10.13.20/24", "2001:db8::20"])
    #expect(selection.mac?.description == "02:aa:00:00:00:01")
    #expect(selection.defaultRoute == [IPAddress("10.10.13.1")!])
    #expect(selection.cniArguments == ["a": ["b": 1]])
    #expect(
      selection.portMappings == [
        PortMapping(hostPort: 8080, containerPort: 80),
        PortMapping(hostPort: 53, containerPort: 53, transportProtocol: .udp, hostIP: IPAddress("10.0.0.1")),
      ])
    #expect(selection.bandwidth == Bandwidth(ingressRate: 1000, ingressBurst: 100, egressRate: 2000))
    #expect(selection.infinibandGUID == "c2:11:22:33:44:55:66:77")
    #expect(selection.deviceID == "0000:03:02.0")
    #expect(selection.extensions == ["vendor.example/x": [1]])
    #expect(try list(#"[{"name":"a","ipam-claim-reference":"vm-1.net"}]"#)[0].ipamClaimReference == "vm-1.net")
    #expect(try list(#"[{"name":"a","ips":null,"default-route":[]}]"#)[0].defaultRoute == [])
  }

  /// The mistake, the place in the annotation, what stands there, and the reason.
  static let mistakes: [(text: String, field: String, value: String, reason: String)] = [
    ("a,,b", "[1]", "", "it is empty"), ("a,", "[1]", "", "it is empty"),
    ("a/b/c", "[0]", "a/b/c", "it has too many parts"),
    ("a@b@c", "[0]", "a@b@c", "it has too many parts"), ("/a", "[0]", "/a", "its namespace is empty"),
    ("a/", "[0]", "a/", "its name is empty"), ("@net1", "[0]", "@net1", "its name is empty"),
    ("A", "[0]", "A", "its name is not a DNS name"), ("a b", "[0]", "a b", "its name is not a DNS name"),
    ("-a", "[0]", "-a", "its name is not a DNS name"), ("a..b", "[0]", "a..b", "its name is not a DNS name"),
    ("x.y/a", "[0]", "x.y/a", "its namespace is not a DNS label"), ("a@", "[0]", "a@", "its interface name is empty"),
    ("a@sixteen-bytes-if", "[0]", "a@sixteen-bytes-if", "its interface name has 16 bytes, more than 15"),
    ("a@..", "[0]", "a@..", "its interface name is reserved"),
    ("a@x:1", "[0]", "a@x:1", "its interface name contains \":\""),
    ("[", "", "[", "malformed JSON at byte 1: the text ends within a value"),
    ("{\"name\":\"a\"}", "", "{\"name\":\"a\"}", "it is of type object"),
    ("\"a\"", "", "a", "it is of type string"), ("[1]", "[0]", "1", "it is of type integer"),
    ("[\"a\"]", "[0]", "a", "it is of type string"), ("[{}]", "[0]", "{}", "\"name\" is missing"),
    (#"[{"name":null}]"#, "[0]", #"{"name":null}"#, "\"name\" is missing"),
    (#"[{"name":""}]"#, "[0].name", "", "it is empty"), (#"[{"name":7}]"#, "[0].name", "7", "it is of type integer"),
    (#"[{"name":"A"}]"#, "[0].name", "A", "it is not a DNS name"),
    (#"[{"name":"a","namespace":"B"}]"#, "[0].namespace", "B", "it is not a DNS label"),
    (#"[{"name":"a","namespace":1}]"#, "[0].namespace", "1", "it is of type integer"),
    (#"[{"name":"a"},{"name":"a","interface":""}]"#, "[1].interface", "", "it is empty"),
    (#"[{"name":"a","interface":"a/b"}]"#, "[0].interface", "a/b", "it contains \"/\""),
    (#"[{"name":"a","interface":"a b"}]"#, "[0].interface", "a b", "it contains white space"),
    (
      #"[{"name":"a","interface":"0123456789abcdef"}]"#, "[0].interface", "0123456789abcdef",
      "it has 16 bytes, more than 15"
    ),
    (#"[{"name":"a","interface":"ééééééééa"}]"#, "[0].interface", "ééééééééa", "it has 17 bytes, more than 15"),
    (#"[{"name":"a","interface":["x"]}]"#, "[0].interface", #"["x"]"#, "it is of type array"),
    (#"[{"name":"a","ips":[]}]"#, "[0].ips", "[]", "it is empty"),
    (#"[{"name":"a","ips":"10.0.0.1"}]"#, "[0].ips", "10.0.0.1", "it is of type string"),
    (#"[{"name":"a","ips":[10]}]"#, "[0].ips[0]", "10", "it is of type integer"),
    (#"[{"name":"a","ips":["10.0.0.1","10.0.0.300"]}]"#, "[0].ips[1]", "10.0.0.300", "the octet 300 is more than 255"),
    (#"[{"name":"a","ips":["10.0.0.1/33"]}]"#, "[0].ips[0]", "10.0.0.1/33", "its prefix length 33 is more than 32"),
    (#"[{"name":"a","ips":["fe80::1%eth0"]}]"#, "[0].ips[0]", "fe80::1%eth0", "it has a zone id"),
    (#"[{"name":"a","ips":["10.0.0.1","10.0.0.1/24"]}]"#, "[0].ips[1]", "10.0.0.1/24", "it is listed twice"),
    (#"[{"name":"a","ips":["224.0.0.1"]}]"#, "[0].ips[0]", "224.0.0.1", "no interface can have this address"),
    (#"[{"name":"a","mac":"02:00"}]"#, "[0].mac", "02:00", "it has 2 parts separated by colons instead of 6"),
    (#"[{"name":"a","mac":"01:00:00:00:00:01"}]"#, "[0].mac", "01:00:00:00:00:01", "it is a group address"),
    (#"[{"name":"a","mac":"00:00:00:00:00:00"}]"#, "[0].mac", "00:00:00:00:00:00", "it is all zeros"),
    (#"[{"name":"a","mac":2}]"#, "[0].mac", "2", "it is of type integer"),
    (#"[{"name":"a","default-route":"10.0.0.1"}]"#, "[0].default-route", "10.0.0.1", "it is of type string"),
    (
      #"[{"name":"a","default-route":["10.0.0.1/24"]}]"#, "[0].default-route[0]", "10.0.0.1/24",
      "the octet \"1/24\" is not a decimal number"
    ),
    (
      #"[{"name":"a","default-route":["10.0.0.1"]},{"name":"b","default-route":[]}]"#, "[1].default-route", "[]",
      "element [0] has a default route already"
    ),
    (#"[{"name":"a","cni-args":[]}]"#, "[0].cni-args", "[]", "it is of type array"),
    (#"[{"name":"a","portMappings":[]}]"#, "[0].portMappings", "[]", "it is empty"),
    (#"[{"name":"a","portMappings":[1]}]"#, "[0].portMappings[0]", "1", "it is of type integer"),
    (
      #"[{"name":"a","portMappings":[{"hostPort":80}]}]"#, "[0].portMappings[0]", #"{"hostPort":80}"#,
      "\"containerPort\" is missing"
    ),
    (
      #"[{"name":"a","portMappings":[{"hostPort":0,"containerPort":1}]}]"#, "[0].portMappings[0].hostPort", "0",
      "it is out of range"
    ),
    (
      #"[{"name":"a","portMappings":[{"hostPort":1,"containerPort":65536}]}]"#, "[0].portMappings[0].containerPort",
      "65536", "it is out of range"
    ),
    (
      #"[{"name":"a","portMappings":[{"hostPort":"1","containerPort":1}]}]"#, "[0].portMappings[0].hostPort", "1",
      "it is of type string"
    ),
    (
      #"[{"name":"a","portMappings":[{"hostPort":1,"containerPort":1,"protocol":"icmp"}]}]"#,
      "[0].portMappings[0].protocol", "icmp", "it is not a known protocol"
    ),
    (#"[{"name":"a","bandwidth":{}}]"#, "[0].bandwidth", "{}", "it has neither ingressRate nor egressRate"),
    (#"[{"name":"a","bandwidth":{"egressRate":0}}]"#, "[0].bandwidth.egressRate", "0", "it is out of range"),
    (#"[{"name":"a","bandwidth":{"egressRate":1.5}}]"#, "[0].bandwidth.egressRate", "1.5", "it is of type number"),
    (
      #"[{"name":"a","bandwidth":{"egressRate":1,"ingressBurst":1}}]"#, "[0].bandwidth.ingressBurst", "1",
      "it stands without ingressRate"
    ),
    (#"[{"name":"a","bandwidth":7}]"#, "[0].bandwidth", "7", "it is of type integer"),
    (#"[{"name":"a","infiniband-guid":"02:00"}]"#, "[0].infiniband-guid", "02:00", "it is not an 8-byte GUID"),
    (
      #"[{"name":"a","ipam-claim-reference":"x","ips":["10.0.0.1"]}]"#, "[0].ipam-claim-reference", "x",
      "it stands beside \"ips\""
    ),
    (#"[{"name":"a","ipam-claim-reference":"X"}]"#, "[0].ipam-claim-reference", "X", "it is not a DNS name"),
    (#"[{"name":"a","deviceID":""}]"#, "[0].deviceID", "", "it is empty"),
  ]

  @Test(arguments: mistakes.indices)
  func everyMistakeIsNamed(index: Int) {
    let mistake = Self.mistakes[index]
    #expect {
      try list(mistake.text)
    } throws: {
      guard let error = $0 as? NetworkAnnotationError else { return false }
      return error.field == mistake.field && error.value == mistake.value && error.reason == mistake.reason
        && !error.remedy.isEmpty && error.annotation == "k8s.v1.cni.cncf.io/networks"
    }
  }

  @Test func theErrorIsOneSentence() {
    #expect {
      try list(#"[{"name":"a"},{"name":"b","mac":"02:00"}]"#)
    } throws: {
      "\($0)"
        == "annotation k8s.v1.cni.cncf.io/networks, [1].mac \"02:00\": it has 2 parts separated by colons instead of 6; "
        + "write six pairs of hexadecimal digits separated by colons, such as 02:00:0a:00:00:01"
    }
  }

  /// Whatever happens to a right annotation on its way, the answer is a list or an error, never a trap.
  @Test func noDamageTraps() {
    let text =
      Array(
        #"[{"name":"a","namespace":"b","ips":["10.0.0.1/24"],"mac":"02:00:00:00:00:01","portMappings":[{"hostPort":1,"#
          .utf8) + Array(#""containerPort":2}],"bandwidth":{"egressRate":9223372036854775807}},{"name":"c"}]"#.utf8)
    for index in text.indices {
      for byte: UInt8 in [0, 0x20, 0x22, 0x2c, 0x2d, 0x39, 0x5b, 0x7d, 0xff] {
        var damaged = text
        damaged[index] = byte
        _ = try? list(String(decoding: damaged, as: UTF8.self))
      }
      _ = try? list(String(decoding: text[..<index], as: UTF8.self))
    }
  }
}
