import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Compiler

/// Every wrong request for an address is named with what would be right, and gets and changes nothing.
@Suite struct AddressInputTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    var networks: String
    var says: String
    var testDescription: String { networks }

    /// A selection of the network `access` with further members.
    init(_ members: String, _ says: String) {
      networks = #"[{"name":"access",\#(members)}]"#
      self.says = says
    }

    init(networks: String, _ says: String) {
      self.networks = networks
      self.says = says
    }
  }

  static let at = "annotation k8s.v1.cni.cncf.io/networks"

  static func refused(_ ip: String, _ why: String, subnet: String = "test/v4") -> Mistake {
    Mistake(
      #""ips":["\#(ip)"]"#,
      "address \(ip) cannot be assigned from subnet \(subnet): it is \(why); request another address")
  }

  static let addresses: [Mistake] = [
    refused("10.10.13.1", "the gateway"),
    refused("10.10.13.0", "the network address"),
    refused("10.10.13.255", "the broadcast address"),
    refused("10.10.13.130", "excluded by spec.exclude 10.10.13.128/28"),
    refused("10.10.13.200", "excluded by spec.exclude 10.10.13.200"),
    refused("10.10.13.2", "the next hop of a route"),
    refused("10.10.13.3", "a name server"),
    refused("fd00:13::", "the anycast address", subnet: "test/v6"),
    Mistake(
      #""ips":["10.10.14.5"]"#,
      "\(at): address 10.10.14.5 is in no subnet of network test/access; use one of 10.10.13.0/24, fd00:13::/64"),
    Mistake(
      #""ips":["fd00:14::1"]"#,
      "\(at): address fd00:14::1 is in no subnet of network test/access; use one of 10.10.13.0/24, fd00:13::/64"),
    Mistake(
      #""ips":["10.10.13.30","10.10.99.1"]"#,
      "\(at): address 10.10.99.1 is in no subnet of network test/access; use one of 10.10.13.0/24, fd00:13::/64"),
    Mistake(
      networks: #"[{"name":"bare","ips":["10.10.13.30"]}]"#,
      "\(at): address 10.10.13.30 is in no subnet of network test/bare; the network has no subnets, leave ips out"),
    Mistake(
      networks: #"[{"name":"trunk","ips":["10.10.13.30"]}]"#,
      "\(at): address 10.10.13.30 is in no subnet of network test/trunk; the network has no subnets, leave ips out"),
    Mistake(
      #""ips":["10.10.13.30/16"]"#,
      "\(at): address 10.10.13.30/16 has another prefix length than subnet test/v4 (10.10.13.0/24); write "
        + "10.10.13.30/24 or 10.10.13.30"),
    Mistake(
      #""ips":["10.10.13.30/32"]"#,
      "\(at): address 10.10.13.30/32 has another prefix length than subnet test/v4 (10.10.13.0/24); write "
        + "10.10.13.30/24 or 10.10.13.30"),
    Mistake(
      #""ips":["fd00:13::5/48"]"#,
      "\(at): address fd00:13::5/48 has another prefix length than subnet test/v6 (fd00:13::/64); write "
        + "fd00:13::5/64 or fd00:13::5"),
    Mistake(
      #""ips":["10.10.13.15"]"#,
      "address 10.10.13.15 of subnet test/v4 is in use by Pod test/holder (net1); request another or wait until it is "
        + "released"),
    Mistake(
      #""ips":["10.10.13.30","10.10.13.15"]"#,
      "address 10.10.13.15 of subnet test/v4 is in use by Pod test/holder (net1); request another or wait until it is "
        + "released"),
    Mistake(
      #""ips":["10.10.13.10"]"#,
      "address 10.10.13.10 of subnet test/v4 is in use by IPAMClaim test/used; request another or wait until it is "
        + "released"),
    Mistake(
      #""ips":["10.10.13.11"]"#,
      "address 10.10.13.11 of subnet test/v4 is kept for Pod test/web-0 (net1), which had it last; request another or "
        + "wait until its quarantine is over"),
    Mistake(
      #""ips":["10.10.13.12"]"#,
      "address 10.10.13.12 of subnet test/v4 is in use by 02:00:00:00:00:09 outside of Netloom (seen SEEN); request "
        + "another, or remove that user and wait until it is tried again, an hour after"),
    Mistake(
      networks: #"[{"name":"access","ips":["10.10.13.40"]},{"name":"access","ips":["10.10.13.40"]}]"#,
      "address 10.10.13.40 of subnet test/v4 is in use by Pod test/new (net1); request another or wait until it is "
        + "released"),
  ]

  static let hardwareAndClaims: [Mistake] = [
    Mistake(
      #""mac":"02:00:00:00:00:05""#,
      "\(at): mac 02:00:00:00:00:05 is in use on network test/access by Pod test/holder (net1); request another or "
        + "leave mac out"),
    Mistake(
      networks: #"[{"name":"twin","mac":"02:00:00:00:00:05"}]"#,
      "\(at): mac 02:00:00:00:00:05 is in use on network test/twin by Pod test/holder (net1); request another or "
        + "leave mac out"),
    Mistake(
      networks: #"[{"name":"access","mac":"02:00:00:00:00:06"},{"name":"access","mac":"02:00:00:00:00:06"}]"#,
      "\(at): mac 02:00:00:00:00:06 is requested for net1 and net2 of the same network; request another for one of them"
    ),
    Mistake(
      #""ipam-claim-reference":"none""#,
      "\(at): IPAMClaim test/none does not exist; create it, or leave ipam-claim-reference out"),
    Mistake(
      #""ipam-claim-reference":"network""#,
      "\(at): IPAMClaim test/network is for network \"test/other\", not test/access; use a claim with spec.network "
        + "test/access"),
    Mistake(
      #""ipam-claim-reference":"interface""#,
      "\(at): IPAMClaim test/interface is for interface \"net7\", not net1; use a claim with spec.interface net1"),
    Mistake(
      #""ipam-claim-reference":"leaving""#,
      "\(at): IPAMClaim test/leaving is being deleted; wait until it is gone and create it again"),
    Mistake(
      #""ipam-claim-reference":"used""#,
      "\(at): IPAMClaim test/used is in use by Pod test/claimer (net1); wait until that is gone, or use a claim of its own"
    ),
  ]

  static let texts: [Mistake] = [
    Mistake(#""ips":[]"#, #"\#(at), [0].ips "[]": it is empty; list at least one element or leave it out"#),
    Mistake(#""ips":"10.10.13.30""#, #"\#(at), [0].ips "10.10.13.30": it is of type string; write a list"#),
    Mistake(#""ips":[1]"#, #"\#(at), [0].ips[0] "1": it is of type integer; write a string"#),
    Mistake(
      #""ips":["10.10.13.300"]"#,
      #"\#(at), [0].ips[0] "10.10.13.300": the octet 300 is more than 255; write four numbers 0-255, such as 10.0.0.1"#),
    Mistake(
      #""ips":["10.10.13.30/33"]"#,
      #"\#(at), [0].ips[0] "10.10.13.30/33": its prefix length 33 is more than 32; write an address and its prefix length, such as 10.0.0.5/24 or 2001:db8::5/64"#
    ),
    Mistake(
      #""ips":["224.0.0.1"]"#,
      #"\#(at), [0].ips[0] "224.0.0.1": no interface can have this address; use a unicast address of the network"#),
    Mistake(
      #""ips":["::1"]"#,
      #"\#(at), [0].ips[0] "::1": no interface can have this address; use a unicast address of the network"#),
    Mistake(
      #""ips":["10.10.13.30","10.10.13.30/24"]"#,
      #"\#(at), [0].ips[1] "10.10.13.30/24": it is listed twice; list each address once"#),
    Mistake(
      #""mac":"02:00""#,
      #"\#(at), [0].mac "02:00": it has 2 parts separated by colons instead of 6; write six pairs of hexadecimal digits separated by colons, such as 02:00:0a:00:00:01"#
    ),
    Mistake(
      #""mac":"03:00:00:00:00:01""#,
      #"\#(at), [0].mac "03:00:00:00:00:01": it is a group address; make its first octet even, such as 02"#),
    Mistake(
      #""mac":"00:00:00:00:00:00""#,
      #"\#(at), [0].mac "00:00:00:00:00:00": it is all zeros; use an address such as 02:00:00:00:00:01"#),
    Mistake(#""mac":5"#, #"\#(at), [0].mac "5": it is of type integer; write a string"#),
    Mistake(
      #""ipam-claim-reference":"A_b""#,
      #"\#(at), [0].ipam-claim-reference "A_b": it is not a DNS name; use lower case letters, digits and "-", beginning and ending with a letter or digit"#
    ),
    Mistake(
      #""ipam-claim-reference":"""#,
      #"\#(at), [0].ipam-claim-reference "": it is empty; use lower case letters, digits and "-", beginning and ending with a letter or digit"#
    ),
    Mistake(
      #""ipam-claim-reference":"used","ips":["10.10.13.30"]"#,
      #"\#(at), [0].ipam-claim-reference "used": it stands beside "ips"; keep one: the claim says the addresses"#),
    Mistake(
      #""interface":"a-name-too-long-""#,
      #"\#(at), [0].interface "a-name-too-long-": it has 16 bytes, more than 15; use at most 15 bytes without "/", ":" and white space"#
    ),
    Mistake(
      #""interface":"eth0""#,
      #"\#(at), [0].interface "eth0": the cluster's default network has this interface name already; ask for another name"#
    ),
    Mistake(
      networks: #"[{"ips":["10.10.13.30"]}]"#, #"\#(at), [0] "{"ips":["10.10.13.30"]}": "name" is missing; add "name""#),
    Mistake(
      networks: "[",
      #"\#(at) "[": malformed JSON at byte 1: the text ends within a value; write a JSON list of objects"#),
  ]

  static let world: Simulation = {
    func access(_ members: String) -> String { #"[{"name":"access",\#(members)}]"# }
    var simulation = LifecycleTests.settled([
      Samples.subnet(
        "v4",
        .init(
          cidr: "10.10.13.0/24", gateway: "10.10.13.1", pools: [.init(start: "10.10.13.10", end: "10.10.13.20")],
          exclude: ["10.10.13.128/28", "10.10.13.200"],
          routes: [.init(destination: "30.30.13.0/24", nextHop: "10.10.13.2")],
          dns: .init(nameservers: ["10.10.13.3", "8.8.8.8"]))),
      Samples.service("vlan14", vlan: 14, physicalNetworks: ["physnet1"]),
      Samples.attachment("bare", ["vlan14"], at: "cp-br-data", .access),
      Samples.attachment("twin", ["vlan13"], at: "cp-br-data", .access),
      Samples.attachment("trunk", ["vlan13", "vlan14"], at: "cp-br-trunk", .trunk),
      AddressTests.claim("used"), AddressTests.claim("network", network: "test/other"),
      AddressTests.claim("interface", interface: "net7"),
      AddressTests.claim("leaving").editing { $0.finalizers = ["kubevirt.io/persistent-ipam"] },
    ])
    simulation.apply(AddressTests.claiming("claimer", "used"))
    simulation.settle()
    simulation.apply(AddressTests.pod("web-0", of: true))
    simulation.settle()
    simulation.apply(AddressTests.pod("victim"))
    simulation.settle()
    simulation.apply(
      AddressTests.pod(
        "victim",
        conflicts: [AddressConflict(address: IPAddress("10.10.13.12")!, mac: MACAddress("02:00:00:00:00:09"))]))
    simulation.apply(AddressTests.pod("holder", access(#""ips":["10.10.13.15"],"mac":"02:00:00:00:00:05""#)))
    simulation.settle()
    simulation.delete(WorldID(.pod, Samples.name("web-0")))
    simulation.markDeleted(WorldID(.claim, Samples.name("leaving")))
    simulation.settle()
    return simulation
  }()

  @Test(arguments: addresses + hardwareAndClaims + texts) func mistakesAreNamedAndGetNothing(mistake: Mistake) {
    var simulation = Self.world
    let before = simulation.objects
    simulation.apply(AddressTests.pod("new", mistake.networks))
    simulation.settle()
    let seen = simulation.subnet("v4")?.status?.conflicts?.first?.seen ?? ""
    #expect(
      simulation.announcements.last { $0.subject.kind == .pod }?.message == mistake.says.replacing("SEEN", with: seen))
    #expect(simulation.pod("new")?.allocations == nil)
    for (id, object) in before where id.kind == .pod || id.kind == .subnet { #expect(simulation.objects[id] == object) }
    simulation.check()
    // The pod is told right, and goes on.
    simulation.apply(AddressTests.pod("new", "access"))
    simulation.settle()
    #expect(simulation.ips("new").count == 2)
    simulation.check()
  }

  /// What only Netloom and its agents write; what cannot be read is left as it is, and so are the addresses.
  @Test(arguments: [
    ("allocations", "x"), ("allocations", #"[{"interface":"net1"}]"#),
    ("allocations", #"[{"interface":"net1","network":"test/access","ips":["10.10.13.15"]}]"#),
    ("conflicts", "{"), ("conflicts", #"[{"address":"x"}]"#), ("conflicts", #"[{"mac":"02:00:00:00:00:09"}]"#),
  ])
  func whatOthersMayNotWrite(annotation: String, text: String) throws {
    var simulation = Self.world
    var pod = try #require(simulation.pod("holder"))
    let used = simulation.subnet("v4")?.status?.used
    if annotation == "allocations" { pod.allocations = text } else { pod.conflicts = text }
    simulation.apply(.pod(pod))
    simulation.settle()
    #expect(simulation.pod("holder") == pod)
    #expect(simulation.subnet("v4")?.status?.used == used)
    #expect(
      simulation.announcements.last { $0.subject.kind == .pod }?.message.hasPrefix(
        "annotation netloom.dev/\(annotation)")
        == true)
  }
}
