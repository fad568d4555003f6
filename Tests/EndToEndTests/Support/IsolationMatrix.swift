import JSON
import KubernetesModel
import Netlink
import NetworkTypes
import Testing

@testable import Lab

/// Pods of several tenants, each with two interfaces on a network of its tenant, and who really receives whose frames: net1
/// can send as what it was assigned, net2 anything.
struct IsolationMatrix {
  private let names: [String]
  private let points: [ProbePoint]

  /// The same pods of each tenant.
  init(_ tenants: [Tenant], pods: [String]) throws {
    points = try tenants.flatMap { tenant in
      try pods.flatMap { pod in
        let namespace = try tenant.namespace(of: pod)
        return ["net1", "net2"].map { interface in
          ProbePoint(name: "\(tenant.namespace)/\(pod)/\(interface)", interface: interface, namespace: namespace)
        }
      }
    }
    names = points.map(\.name)
  }

  private func tenant(_ index: Int) -> Substring { names[index].prefix { $0 != "/" } }

  /// Sends frames from every net2 to everywhere.
  ///
  /// - Returns: what is not as it should be, a sentence each: pods of one tenant receive each other's frames, and no others.
  func mistakes() throws -> [String] {
    let senders = names.indices.filter { names[$0].hasSuffix("net2") }
    let receipts = try FrameProbe(points: points).fire(senders.map { .init(from: $0) }) {
      tenant(senders[$0]) == tenant($1)
    }
    var mistakes: [String] = []
    for (shot, sender) in senders.enumerated() {
      for receiver in names.indices where receiver != sender {
        let (expected, found) = (tenant(sender) == tenant(receiver), receipts[shot][receiver] != .nothing)
        if expected != found {
          mistakes.append("\(names[receiver]) \(found ? "got" : "did not get") \(names[sender])'s")
        }
      }
    }
    return mistakes
  }

  /// Who receives broadcast frames that a pod sends with another MAC address; that of another pod by its name.
  func receivers(ofFramesFrom sender: String, as other: String) async throws -> [String] {
    let (sender, other) = (try index(of: sender), try index(of: other))
    let mac = try #require(try NetlinkSocket(in: points[other].namespace).link(.name("net1")).macAddress)
    let first = UInt64.random(in: 0...UInt64.max / 2)
    return try await receivers(ofTokens: first..<first + 4) {
      let socket = try PacketSocket(on: "net1", in: points[sender].namespace)
      for token in first..<first + 4 { try socket.send(ProbeFrame(token: token).encoded(from: mac)) }
    }
  }

  /// Who receives one of the probe frames of these numbers that `send` sends somehow.
  func receivers(ofTokens tokens: Range<UInt64>, _ send: () async throws -> Void) async throws -> [String] {
    let sockets = try points.map { try PacketSocket(on: $0.interface, in: $0.namespace) }
    try await send()
    var receivers: Set<String> = []
    let end = ContinuousClock.now + .milliseconds(500)
    while ContinuousClock.now < end {
      PacketSocket.wait(for: sockets, milliseconds: 100)
      for (index, socket) in sockets.enumerated() {
        for frame in socket.receive().compactMap({ ProbeFrame(decoding: $0.bytes, strippedVLAN: $0.vlan) })
        where tokens.contains(frame.token) {
          receivers.insert(names[index])
        }
      }
    }
    return receivers.sorted()
  }

  private func index(of pod: String) throws -> Int { try #require(names.firstIndex(of: "\(pod)/net1")) }
}

/// Packets as the tunnels between nodes carry them, made by somebody who has no business to.
enum TunnelPackets {
  /// Geneve (RFC 8926) with OVN's option (ovn-architecture(7), "Tunnel Encapsulations") for the first networks and
  /// ports there can be, and VXLAN (RFC 7348), around frames: UDP port and payload.
  static func around(_ frames: [[UInt8]]) -> [(port: UInt16, payload: [UInt8])] {
    frames.flatMap { frame in
      (1...12 as ClosedRange<UInt8>).flatMap { network -> [(UInt16, [UInt8])] in
        let outports: [[UInt8]] = [[0x80, 0x00], [0x80, 0x01], [0, 1], [0, 2], [0, 3]]
        let geneve = outports.map { outport -> (UInt16, [UInt8]) in
          (6081, [0x02, 0x00, 0x65, 0x58, 0, 0, network, 0, 0x01, 0x02, 0x80, 0x01, 0x00, 0x01] + outport + frame)
        }
        return geneve + [(4789, [0x08, 0, 0, 0, 0, 0, network, 0] + frame)]
      }
    }
  }

  /// Whether a frame is a Geneve packet over IPv4.
  static func isGeneve(_ frame: ArraySlice<UInt8>) -> Bool {
    let bytes = Array(frame)
    return bytes.count > 42 && bytes[12] == 8 && bytes[13] == 0 && bytes[23] == 17 && bytes[36] == 0x17
      && bytes[37] == 0xc1
  }
}

extension Tenant {
  /// Declares one overlay, `net` with 10.91.0.0/24, and pods that have two interfaces on it: net1 by the attachment
  /// `net`, and net2, which may send anything, by `open`.
  func declareOverlay(pods: [String: String], networks: String = "net,open") async throws {
    try await apply(
      Manifest.netloom("Subnet", "net", spec: ["cidr": "10.91.0.0/24"]),
      Manifest.netloom("L2Service", "net", spec: ["subnets": ["net"]]),
      Manifest.netloom("L2ServiceAttachment", "net", spec: ["l2Services": ["net"], "vlanType": "access"]),
      Manifest.netloom(
        "L2ServiceAttachment", "open", spec: ["l2Services": ["net"], "vlanType": "access", "portSecurity": false]))
    try await waitUntilReady()
    try await apply(pods.sorted { $0.key < $1.key }.map { Manifest.pod($0.key, on: $0.value, networks: networks) })
  }

  /// Sends UDP packets from a pod's first interface, by way of its node, to an address.
  func sendDatagrams(_ datagrams: [(port: UInt16, payload: [UInt8])], from pod: String, to address: String) async throws
  {
    let route = try await run("ip", ["-4", "route", "show", "dev", "eth0"], in: pod).succeeded()
    let subnet = try #require(route.split(separator: " ").first.flatMap { CIDR(String($0)) })
    let gateway = try #require(subnet.hostRange.first as IPAddress?)
    try await run("ip", ["route", "replace", address, "via", "\(gateway)", "dev", "eth0"], in: pod).succeeded()
    let lines = datagrams.map {
      "\($0.port) " + $0.payload.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    let program = """
      import socket, sys
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      for line in sys.argv[2:]:
          port, payload = line.split()
          s.sendto(bytes.fromhex(payload), (sys.argv[1], int(port)))
      """
    try await run("python3", ["-c", program, address] + lines, in: pod).succeeded()
  }
}
