import Glibc
import Netlink
import NetworkTypes

/// Where a probe is sent from or received at: an interface in a network namespace.
public struct ProbePoint: Sendable {
  public let name: String
  public let interface: String
  public let namespace: NetworkNamespace

  public init(name: String, interface: String, namespace: NetworkNamespace) {
    self.name = name
    self.interface = interface
    self.namespace = namespace
  }
}

/// What one receiver got of one probe.
public enum ProbeReceipt: Sendable, Hashable {
  /// Nothing came within the time.
  case nothing
  /// The frame came without a tag.
  case untagged
  /// The frame came with this tag.
  case tagged(VLANID)
}

/// Sends real frames from every point, with every tag that is asked for, and sees who receives them and how.
public struct FrameProbe {
  private let points: [ProbePoint]
  private let sockets: [FrameSocket]
  private let addresses: [MACAddress]

  /// - Throws: `NetlinkError` when a point's interface is not there.
  public init(points: [ProbePoint]) throws {
    self.points = points
    sockets = try points.map { try FrameSocket(on: $0.interface, in: $0.namespace) }
    addresses = try points.map { point in
      try NetlinkSocket(in: point.namespace).link(.name(point.interface)).macAddress
        ?? MACAddress(parsing: "02:00:00:00:00:01")
    }
  }

  /// One frame to be sent.
  public struct Shot: Sendable, Hashable {
    /// Which point sends, as an index.
    public var sender: Int
    /// With which tag.
    public var vlan: VLANID?

    public init(from sender: Int, vlan: VLANID? = nil) {
      self.sender = sender
      self.vlan = vlan
    }
  }

  /// Sends every shot and waits until nothing has arrived for a while.
  ///
  /// The switches flood a broadcast within a few milliseconds; waiting ends `quiet` milliseconds after the last
  /// arrival. A shot of which nobody received anything is sent once more, so that a frame lost while a switch
  /// learns of its ports is not mistaken for isolation.
  /// - Returns: for each shot, what each point received (the sender itself: ``ProbeReceipt/nothing``).
  public func fire(_ shots: [Shot], quiet milliseconds: Int32 = 120) throws -> [[ProbeReceipt]] {
    var receipts = shots.map { _ in points.map { _ in ProbeReceipt.nothing } }
    let base = UInt64.random(in: 0...UInt64.max / 2)
    for _ in 0..<2 {
      for (number, shot) in shots.enumerated() where receipts[number].allSatisfy({ $0 == .nothing }) {
        let frame = ProbeFrame(token: base + UInt64(number), vlan: shot.vlan)
        try sockets[shot.sender].send(frame.encoded(from: addresses[shot.sender]))
      }
      collect(base: base, shots: shots, into: &receipts, quiet: milliseconds)
    }
    return receipts
  }

  private func collect(base: UInt64, shots: [Shot], into receipts: inout [[ProbeReceipt]], quiet milliseconds: Int32) {
    var isQuiet = false
    while !isQuiet {
      FrameSocket.wait(for: sockets, milliseconds: milliseconds)
      isQuiet = true
      for (receiver, socket) in sockets.enumerated() {
        for frame in socket.receive() where frame.token >= base && frame.token < base + UInt64(shots.count) {
          let number = Int(frame.token - base)
          guard shots[number].sender != receiver else { continue }
          receipts[number][receiver] = frame.vlan.map(ProbeReceipt.tagged) ?? .untagged
          isQuiet = false
        }
      }
    }
  }
}
