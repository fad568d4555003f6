import Glibc
import Netlink
import NetworkTypes

/// Where a probe is sent from or received at: an interface in a network namespace.
public struct ProbePoint: Sendable {
  public let name: String
  public let interface: String
  public let namespace: NetworkNamespace
  /// What it has to send from, where a network lets nothing else pass; see ``ProbeFrame/source``.
  public let source: IPAddress?

  public init(name: String, interface: String, namespace: NetworkNamespace, source: IPAddress? = nil) {
    self.name = name
    self.interface = interface
    self.namespace = namespace
    self.source = source
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
  private let sockets: [PacketSocket]
  private let addresses: [MACAddress]

  /// - Throws: `NetlinkError` when a point's interface is not there.
  public init(points: [ProbePoint]) throws {
    self.points = points
    sockets = try points.map { try PacketSocket(on: $0.interface, in: $0.namespace) }
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

  /// Sends every shot and collects what arrives.
  ///
  /// How long a frame takes depends on the machine, so the measure is the network itself: collecting goes on until
  /// every arrival that is hoped for has been seen (at most `patience`; what is missing is sent again after a second),
  /// and then for three times as long as the slowest of them took, at least 150 ms, so that a frame which should not
  /// arrive has its chance to be seen.
  /// - Parameter hopes: whether a shot is expected to reach a point, by their indices. It never changes what is reported.
  /// - Returns: for each shot, what each point received (the sender itself: ``ProbeReceipt/nothing``).
  public func fire(
    _ shots: [Shot], patience: Duration = .seconds(5), hopes: (_ shot: Int, _ receiver: Int) -> Bool = { _, _ in false }
  ) throws -> [[ProbeReceipt]] {
    var receipts = shots.map { _ in points.map { _ in ProbeReceipt.nothing } }
    let base = UInt64.random(in: 0...UInt64.max / 2)
    let clock = ContinuousClock()
    let start = clock.now
    func isMissing(_ shot: Int) -> Bool {
      points.indices.contains { $0 != shots[shot].sender && receipts[shot][$0] == .nothing && hopes(shot, $0) }
    }
    var slowest = Duration.zero
    repeat {
      let round = clock.now
      for (number, shot) in shots.enumerated() where round == start || isMissing(number) {
        let frame = ProbeFrame(token: base + UInt64(number), vlan: shot.vlan, source: points[shot.sender].source)
        try sockets[shot.sender].send(frame.encoded(from: addresses[shot.sender]))
      }
      while shots.indices.contains(where: isMissing), clock.now - round < .seconds(1) {
        if collect(base: base, shots: shots, into: &receipts, milliseconds: 100) { slowest = clock.now - start }
      }
    } while shots.indices.contains(where: isMissing) && clock.now - start < patience
    let end = clock.now + max(.milliseconds(150), slowest * 3)
    while clock.now < end {
      let rest = Int32(clamping: Int64((end - clock.now) / .milliseconds(1)) + 1)
      _ = collect(base: base, shots: shots, into: &receipts, milliseconds: rest)
    }
    return receipts
  }

  /// Waits for frames, at most so long, and notes them. False when there were none.
  private func collect(
    base: UInt64, shots: [Shot], into receipts: inout [[ProbeReceipt]], milliseconds: Int32
  ) -> Bool {
    PacketSocket.wait(for: sockets, milliseconds: milliseconds)
    var isAny = false
    for (receiver, socket) in sockets.enumerated() {
      let frames = socket.receive().compactMap { ProbeFrame(decoding: $0.bytes, strippedVLAN: $0.vlan) }
      for frame in frames where frame.token >= base && frame.token < base + UInt64(shots.count) {
        let number = Int(frame.token - base)
        guard shots[number].sender != receiver else { continue }
        receipts[number][receiver] = frame.vlan.map(ProbeReceipt.tagged) ?? .untagged
        isAny = true
      }
    }
    return isAny
  }
}
