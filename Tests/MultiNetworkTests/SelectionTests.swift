import CNI
import JSON
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import MultiNetwork

@Suite("The standard, 2.2: selection of networks")
struct SelectionTests {
  private func world(_ networks: String, capabilities: [String] = [], _ more: [String: JSONValue] = [:]) -> PlanWorld {
    var world = PlanWorld(networks: networks)
    for name in ["a", "b", "c"] { world.define(name, plugin("x", capabilities: capabilities, more)) }
    world.define("a", namespace: "other", plugin("y"))
    return world
  }

  /// What a network is asked by an element with this member; with the capability and without.
  private func argument(_ member: String, _ capability: String) throws -> JSONValue? {
    let text = #"[{"name":"a",\#(member)}]"#
    let field = member.split(separator: "\"")[0]
    #expect(
      world(text).failure() == "cannot attach the pod to test/a: the pod asks for \"\(field)\", and no plugin of the "
        + "network has the capability \"\(capability)\": take \"\(field)\" out of the annotation, or declare the "
        + "capability where a plugin has it (CNI code 7)")
    return try world(text, capabilities: [capability]).delegates()[1].capabilityArguments[capability]
  }

  @Test func item07BothForms() throws {
    let comma = try world(" a , other/a ,b@data").delegates()
    #expect(comma.map(\.network) == ["cluster", "test/a", "other/a", "test/b"])
    #expect(comma.map(\.interface) == ["eth0", "net1", "net2", "data"])
    let json = #"[{"name":"a"},{"name":"a","namespace":"other"},{"name":"b","interface":"data"}]"#
    #expect(try world(json).delegates() == comma)
  }

  @Test func item08UnknownMembers() throws {
    let text = #"[{"name":"a","reserved-for-later":{"x":1},"vendor.example/mode":"fast"}]"#
    #expect(try world(text).delegates() == world("a").delegates())
    let selection = try NetworkSelection.list(parsing: text, namespace: "test")[0]
    #expect(selection.extensions == ["vendor.example/mode": "fast"])
  }

  @Test func item09NameAndNamespace() throws {
    #expect(world(#"[{"namespace":"other"}]"#).failure()?.contains("\"name\" is missing") == true)
    #expect(
      try world(#"[{"name":"a","namespace":""},{"name":"b"}]"#).delegates().map(\.network).suffix(2) == [
        "test/a", "test/b",
      ])
  }

  @Test func item10Addresses() throws {
    #expect(try argument(#""ips":["10.0.0.5/24","fd00::5"]"#, "ips") == ["10.0.0.5/24", "fd00::5"])
    // Where the operator assigns the addresses, it has read the wish itself.
    #expect(try world(#"[{"name":"a","ips":["10.0.0.5"]}]"#, ["ipam": ["type": "netloom-ipam"]]).delegates().count == 2)
    #expect(world(#"[{"name":"a","ips":[]}]"#).failure()?.hasPrefix(wrongAnnotation) == true)
    #expect(world(#"[{"name":"a","ips":["10.0.0.500"]}]"#).failure()?.contains("[0].ips[0] \"10.0.0.500\"") == true)
  }

  @Test func item11HardwareAddress() throws {
    #expect(try argument(#""mac":"02:AA:00:00:00:05""#, "mac") == "02:aa:00:00:00:05")
    #expect(world(#"[{"name":"a","mac":"02:aa"}]"#).failure()?.contains("[0].mac \"02:aa\"") == true)
  }

  @Test func item12InterfaceNames() throws {
    #expect(try world(#"[{"name":"a","interface":"data"}]"#).delegates()[1].interface == "data")
    for (interface, reason) in [
      ("sixteen-letters-", "it has 16 bytes, more than 15"), ("a/b", "contains \"/\""), ("a b", "contains white space"),
      ("eth0", "the cluster's default network has this interface name already"),
      ("lo", "the loopback interface has this interface name already"),
    ] {
      let failure = world(#"[{"name":"a","interface":"\#(interface)"}]"#).failure() ?? ""
      #expect(failure.hasPrefix("\(wrongAnnotation)[0].interface \"\(interface)\"") && failure.contains(reason))
    }
    let taken = world(#"[{"name":"a","interface":"data"},{"name":"b","interface":"data"}]"#).failure() ?? ""
    #expect(taken.contains("[1].interface \"data\": element [0] (test/a) has this interface name already"))
    // The default network has the name that the runtime says.
    var world = world("a@eth0")
    world.sandbox.interface = "main"
    #expect(try world.delegates().map(\.interface) == ["main", "eth0"])
  }

  @Test func item13Arguments() throws {
    let own: [String: JSONValue] = ["args": ["cni": ["kept": 1, "color": "red"], "labels": []]]
    let delegate = try world(#"[{"name":"a","cni-args":{"color":"blue","n":[1]}}]"#, own).delegates()[1]
    let sandbox = Sandbox(CNIAttachment(containerID: "c", namespacePath: "/n", interface: "eth0"), [delegate])
    let input = CNIRuntime.input(try delegate.list().plugins[0], delegate.attachment(of: sandbox))
    #expect(input["args"] == ["cni": ["kept": 1, "color": "blue", "n": [1]], "labels": []])
  }

  @Test func item14PortMappings() throws {
    #expect(
      try argument(
        #""portMappings":[{"hostPort":80,"containerPort":8080,"protocol":"Udp"},{"hostPort":1,"containerPort":2}]"#,
        "portMappings") == [
          ["hostPort": 80, "containerPort": 8080, "protocol": "udp"],
          ["hostPort": 1, "containerPort": 2, "protocol": "tcp"],
        ])
  }

  @Test func item15Bandwidth() throws {
    #expect(
      try argument(#""bandwidth":{"ingressRate":1000000,"ingressBurst":500000,"egressRate":2000}"#, "bandwidth") == [
        "ingressRate": 1_000_000, "ingressBurst": 500_000, "egressRate": 2000, "egressBurst": 12_000,
      ])
    #expect(world(#"[{"name":"a","bandwidth":{"egressBurst":1}}]"#).failure()?.contains("neither ingressRate") == true)
  }

  @Test func item16DefaultRoute() throws {
    let text = #"[{"name":"a","default-route":["10.0.0.1","10.0.0.2","fd00::1"]},{"name":"b"}]"#
    let delegates = try world(text).delegates()
    #expect(delegates.map { $0.defaultRoute?.count } == [nil, 3, nil])
    let route = DefaultRoute(gateways: delegates[1].defaultRoute!)
    #expect(route.families == [.v4, .v6])
    #expect(route.routes.map(\.priority) == [1, 2, nil])
    #expect(route.routes.map { "\($0.destination)" } == ["0.0.0.0/0", "0.0.0.0/0", "::/0"])
    #expect(DefaultRoute(gateways: []).families == [.v4, .v6] && DefaultRoute(gateways: []).routes.isEmpty)
    let two = #"[{"name":"a","default-route":[]},{"name":"b","default-route":["10.0.0.1"]}]"#
    #expect(world(two).failure()?.contains("element [0] has a default route already") == true)
  }

  @Test func item17InfinibandGUID() throws {
    #expect(
      try argument(#""infiniband-guid":"C2:11:22:33:44:55:66:77""#, "infinibandGUID") == "c2:11:22:33:44:55:66:77")
    #expect(world(#"[{"name":"a","infiniband-guid":"c2:11"}]"#).failure()?.contains("it is not an 8-byte GUID") == true)
  }

  @Test func item18ClaimReference() throws {
    // The operator takes the addresses from the claim; to a delegate it means nothing.
    #expect(try world(#"[{"name":"a","ipam-claim-reference":"vm.a"}]"#).delegates() == world("a").delegates())
    #expect(
      try NetworkSelection.list(parsing: #"[{"name":"a","ipam-claim-reference":"vm.a"}]"#, namespace: "test")[0]
        .ipamClaimReference == "vm.a")
    let both = #"[{"name":"a","ipam-claim-reference":"vm.a","ips":["10.0.0.5"]}]"#
    #expect(world(both).failure()?.contains("[0].ipam-claim-reference \"vm.a\": it stands beside \"ips\"") == true)
  }

  @Test func item19Devices() throws {
    var world = PlanWorld(networks: "a,b,a,c")
    world.define("a", plugin("sriov"), resource: "intel.com/vf")
    world.define(
      "b", ["cniVersion": "1.0.0", "plugins": [plugin("x", capabilities: ["deviceID"]), plugin("y")]],
      resource: "intel.com/vf")
    world.define("c", plugin("bridge"), resource: "bridge.network/br1")
    world.devices = ["intel.com/vf": ["0000:01:00.0", "0000:01:00.1", "0000:01:00.2"]]
    let delegates = try world.delegates()
    #expect(delegates.map { $0.configuration["deviceID"]?.string } == [nil, "0000:01:00.0", nil, "0000:01:00.2", nil])
    #expect(delegates[1].configuration["pciBusID"] == "0000:01:00.0")
    #expect(delegates[2].capabilityArguments["deviceID"] == "0000:01:00.1")
    #expect(delegates[2].configuration["plugins"]?[0]?["deviceID"] == nil)
    // A resource without devices only steers the scheduler.
    #expect(delegates[4].deviceInfo == nil)
    world.pod.networks = #"[{"name":"a","deviceID":"0000:02:00.0"}]"#
    #expect(try world.delegates()[1].configuration["deviceID"] == "0000:02:00.0")
  }

  @Test func item20SameNetworkAgain() throws {
    let delegates = try world("a,a@x,a").delegates().dropFirst()
    #expect(delegates.map(\.network) == ["test/a", "test/a", "test/a"])
    #expect(delegates.map(\.interface) == ["net1", "x", "net3"])
  }

  @Test func item30Isolation() throws {
    var world = world("other/a")
    world.configuration.isolatesNamespaces = true
    #expect(
      world.failure() == "cannot attach the pod to other/a: pods of namespace test may not join networks of other "
        + "namespaces: move the network there, or list its namespace in multiplexer.globalNamespaces (CNI code 7)")
    world.configuration.globalNamespaces = ["other"]
    #expect(try world.delegates().count == 2)
    // The cluster's own network is not the pod's choice.
    world.configuration.globalNamespaces = []
    world.configuration.clusterNetwork = .definition(NetworkReference(namespace: "other", name: "a"))
    world.pod.networks = "a"
    #expect(try world.delegates().map(\.network) == ["other/a", "test/a"])
  }

  @Test func item31ArgumentsOfTheKubelet() throws {
    var world = world("a", capabilities: ["portMappings"])
    world.sandbox.capabilityArguments = ["portMappings": [["hostPort": 80, "containerPort": 80, "protocol": "tcp"]]]
    let delegates = try world.delegates()
    #expect(delegates[0].capabilityArguments == world.sandbox.capabilityArguments)
    #expect(delegates[1].capabilityArguments.isEmpty)
  }

  @Test("v1.multus-cni.io/default-network takes the place of the cluster's network")
  func defaultNetworkAnnotation() throws {
    var world = world("a")
    world.define("alt", namespace: "kube-system", plugin("z"))
    world.pod.defaultNetwork = "alt"
    #expect(try world.delegates().map(\.network) == ["kube-system/alt", "test/a"])
    #expect(try world.delegates().map(\.isDefault) == [true, false])
    world.pod.defaultNetwork = "alt,alt"
    #expect(
      world.failure() == "the pod asks for its networks in a wrong way: annotation v1.multus-cni.io/default-network "
        + "\"alt,alt\": it names 2 networks; name one (CNI code 7)")
  }

  @Test("clusterNetwork names a configuration or a definition; without it the next file counts")
  func clusterNetwork() throws {
    var world = PlanWorld()
    world.file(
      "00-netloom.conflist",
      ["cniVersion": "1.1.0", "name": "netloom", "plugins": [["type": "netloom", "multiplexer": [:]]]])
    world.file("90.conflist", ["cniVersion": "1.0.0", "name": "late", "plugins": [["type": "ptp"]]])
    #expect(try world.delegates().map(\.network) == ["cluster"])
    world.configuration.clusterNetwork = .named("late")
    #expect(try world.delegates().map(\.network) == ["late"])
    world.configuration.clusterNetwork = .named("netloom")
    #expect(
      world.failure() == "cannot attach the pod to netloom: its configuration is the multiplexer's own: name another "
        + "network (CNI code 7)")
    world.configuration.clusterNetwork = .next
    world.removeFiles()
    #expect(
      world.failure() == "the cluster's network is not ready: /etc/cni/net.d holds no CNI configuration beside the "
        + "multiplexer's: install the cluster's network (CNI code 11)")
  }
}
