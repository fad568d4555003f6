import Netlink
import NetworkAnnotations
import NetworkTypes

/// Asks a VLAN, through the uplink of the node's bridge, whether somebody whom Netloom does not know has an address:
/// RFC 5227 for IPv4, RFC 4862 for IPv6.
///
/// Deviation from both: the probes follow each other in milliseconds, not seconds. The networks are a data centre's, an
/// answer takes well under a millisecond there, and a pod should not wait longer for its start than for all the rest. A
/// holder that is slower than that, or down, is not found.
struct ConflictProbe: Sendable {
  /// The node's network namespace; nil: the process's own.
  let host: NetworkNamespace?
  /// How long an answer is waited for, in all.
  let duration: Duration

  private static let probes = 3

  /// The addresses of the allocation that somebody answers for.
  /// - Parameter uplink: the device whose wire is the VLAN's.
  /// - Throws: `NetlinkError` when it cannot be asked.
  func conflicts(with allocation: Allocation, on vlan: VLANID, through uplink: String) async throws
    -> [AddressConflict]
  {
    let socket = try PacketSocket(on: uplink, in: host, protocols: ConflictProbeFrames.protocols)
    try socket.receiveAll()
    let link = try NetlinkSocket(in: host).link(.name(uplink))
    guard let source = allocation.mac ?? link.macAddress else {
      throw NetlinkError("probe addresses on", on: uplink, errno: 22, detail: "the device has no MAC address")
    }
    var conflicts: [IPAddress: AddressConflict] = [:]
    for _ in 0..<Self.probes {
      for address in allocation.ips.map(\.address) where conflicts[address] == nil {
        try socket.send(ConflictProbeFrames.probe(address, from: source, vlan: vlan))
      }
      try await Task.sleep(for: duration / Self.probes)
      for frame in socket.receive() {
        for address in allocation.ips.map(\.address) {
          guard let holder = ConflictProbeFrames.claimant(of: address, in: frame, vlan: vlan), holder != source else {
            continue
          }
          conflicts[address] = AddressConflict(address: address, mac: holder, vlan: vlan)
        }
      }
      if conflicts.count == allocation.ips.count { break }
    }
    return allocation.ips.compactMap { conflicts[$0.address] }
  }
}
