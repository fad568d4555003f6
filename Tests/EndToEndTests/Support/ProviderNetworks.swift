import JSON
import Netlink
import NetworkTypes
import Testing

@testable import Lab

/// A data centre for networks that OVN shares with the fabric.
///
/// worker1 and worker2 have a cable into the fabric, worker3 has none. Frames without a tag are in VLAN 5 there, which is the
/// fabric owner's: Netloom neither opens nor closes it. The machine metal1 is no node, and has an interface in VLAN
/// 30. The gateway dcgw1 is in the VLANs 60, 63 and 5.
enum ProviderNetworks {
  @Sendable static func topology() throws -> LabTopology {
    func machine(_ name: String, _ networks: [(UInt16, String)]) throws -> LabTopology.Gateway {
      LabTopology.Gateway(
        name: name,
        networks: try networks.map { vlan, address in
          .init(
            vlan: try VLANID(vlan), addresses: try [address].filter { !$0.isEmpty }.map(InterfaceAddress.init(parsing:))
          )
        })
    }
    let native = try VLANID(5)
    typealias Cable = LabTopology.Cable
    typealias Socket = LabTopology.Socket
    return LabTopology(
      hosts: [.init(name: "worker1"), .init(name: "worker2"), .init(name: "worker3")],
      switches: [
        .init(
          name: "leaf1", carried: ["swp1": [native], "swp48": [native], "up1": [native]],
          untagged: ["swp1": native]),
        .init(name: "leaf2", carried: ["swp1": [native], "up1": [native]], untagged: ["swp1": native]),
      ],
      gateways: [
        try machine("dcgw1", [(60, "10.60.0.1/24"), (63, "10.63.0.1/24"), (5, "10.95.0.1/24")]),
        try machine("metal1", [(30, "")]),
      ],
      cables: [
        Cable(Socket("worker1", "eth1"), Socket("leaf1", "swp1")),
        Cable(Socket("worker2", "eth1"), Socket("leaf2", "swp1")),
        Cable(Socket("leaf1", "up1"), Socket("leaf2", "up1")),
        Cable(Socket("dcgw1", "eth1"), Socket("leaf1", "swp48")),
        Cable(Socket("metal1", "eth1"), Socket("leaf1", "swp47")),
      ], overlay: try .init())
  }

  /// `cp-ovn` is where OVN meets the fabric, `cp-classic` a bridge of VLANs on the same cable.
  @Sendable static func platform(_ lab: Lab) -> [JSONValue] {
    func point(_ name: String, _ implementation: JSONValue, _ bridge: JSONValue) -> JSONValue {
      Manifest.netloom(
        "ConnectionPoint", name,
        spec: [
          "physicalNetwork": "physnet1",
          "nodeSelector": [
            "matchExpressions": [
              ["key": "kubernetes.io/hostname", "operator": "In", "values": ["worker1", "worker2"]]
            ]
          ], "interfaces": [["implementation": implementation, "bridge": bridge, "uplink": "eth1"]],
        ])
    }
    return [
      point("cp-ovn", "ovn", "br-ovn"), point("cp-classic", "netloom", "br-data"),
      Manifest.netloom(
        "Fabric", "dc1",
        spec: [
          "driver": "ovs",
          "switches": .array(
            ["leaf1", "leaf2"].map {
              ["name": .string($0), "endpoint": .string(lab.directory.databaseEndpoint(of: $0))]
            }),
          "links": [
            ["node": "worker1", "interface": "eth1", "switch": "leaf1", "port": "swp1"],
            ["node": "worker2", "interface": "eth1", "switch": "leaf2", "port": "swp1"],
          ],
          "interSwitchLinks": [["a": ["switch": "leaf1", "port": "up1"], "b": ["switch": "leaf2", "port": "up1"]]],
          "uplinks": [
            ["gateway": "dcgw1", "physicalNetwork": "physnet1", "switch": "leaf1", "port": "swp48"],
            ["gateway": "metal1", "physicalNetwork": "physnet1", "switch": "leaf1", "port": "swp47"],
          ],
        ]),
    ]
  }
}

extension Tenant {
  /// Declares a network of that name with 10.NUMBER.0.0/24, of which .1 is the gateway and .9 is kept for others.
  ///
  /// - Parameters:
  ///   - vlan: nil: without a tag on the physical network.
  ///   - attachments: by their names, the ConnectionPoints, "": on the overlay.
  func declareNetwork(_ name: String, _ number: Int, vlan: Int?, attachments: [String: String]) async throws {
    var service: JSONValue = ["subnets": [.string(name)], "physicalNetworks": ["physnet1"]]
    service["segmentationID"] = vlan.map { .integer(Int64($0)) }
    let subnet: JSONValue = [
      "cidr": .string("10.\(number).0.0/24"), "gateway": .string("10.\(number).0.1"),
      "pools": [["start": .string("10.\(number).0.10"), "end": .string("10.\(number).0.99")]],
    ]
    try await apply(
      [Manifest.netloom("Subnet", name, spec: subnet), Manifest.netloom("L2Service", name, spec: service)]
        + attachments.sorted { $0.key < $1.key }.map { attachment, point in
          var spec: JSONValue = ["l2Services": [.string(name)], "vlanType": "access"]
          if !point.isEmpty { spec["connectionPoint"] = .string(point) }
          return Manifest.netloom("L2ServiceAttachment", attachment, spec: spec)
        })
    try await waitUntilReady()
  }

  /// Who of the pods does not reach an address that it should, a sentence each.
  func unreached(_ targets: [String], from pods: [String]) async throws -> [String] {
    var mistakes: [String] = []
    for pod in pods {
      for target in targets where try await !ping(target, from: pod, seconds: 5) {
        mistakes.append("\(pod) does not reach \(target)")
      }
    }
    return mistakes
  }

  /// How often each pod's net1 receives one broadcast packet that a pod's net1 sends.
  func copies(ofFrameFrom sender: String, at pods: [String]) async throws -> [String: Int] {
    let sockets = try pods.map { try PacketSocket(on: "net1", in: namespace(of: $0)) }
    let source = try IPAddress(parsing: try await address(of: sender))
    let home = try namespace(of: sender)
    let mac = try #require(try NetlinkSocket(in: home).link(.name("net1")).macAddress)
    let token = UInt64.random(in: 0...UInt64.max)
    try PacketSocket(on: "net1", in: home).send(
      ProbeFrame(token: token, source: source).encoded(from: mac))
    var copies = Dictionary(uniqueKeysWithValues: pods.map { ($0, 0) })
    let end = ContinuousClock.now + .milliseconds(500)
    while ContinuousClock.now < end {
      PacketSocket.wait(for: sockets, milliseconds: 100)
      for (pod, socket) in zip(pods, sockets) {
        let frames = socket.receive().compactMap { ProbeFrame(decoding: $0.bytes, strippedVLAN: $0.vlan) }
        copies[pod, default: 0] += frames.filter { $0.token == token }.count
      }
    }
    return copies
  }

  /// Runs a program on the gateway of the data centre.
  func outside(_ program: String, _ arguments: String...) async throws -> ProcessOutcome {
    try await NamespaceProcess.run(
      ProcessCommand(program, arguments, environment: ProcessEnvironment.current),
      in: cluster.lab.namespace(of: "dcgw1"))
  }

  /// The MAC address that answers for an address on the gateway's network.
  func outsideMAC(of address: String) async throws -> MACAddress? {
    try await outside("ping", "-c", "1", "-w", "10", "-n", address).succeeded()
    return try await outside("ip", "neighbour", "show", "to", address).succeeded()
      .split(separator: " ").lazy.compactMap { MACAddress(String($0)) }.first
  }
}
