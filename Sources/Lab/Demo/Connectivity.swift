import Netlink
import NetworkTypes

/// A point of the demo's network where frames are sent and received, with what it must carry.
struct DemoPoint: Sendable {
  let name: String
  let interface: String
  let namespace: NetworkNamespace
  let carriage: DemoScenario.Carriage
  /// The addresses that the pod was given there.
  var addresses: [IPAddress] = []
}

/// Measures who reaches whom with real packets and sets it beside what was promised.
struct Connectivity {
  let points: [DemoPoint]

  /// Ethernet frames: every point sends, the trunks with every tag of `vlans` and without; a cell lists the VLANs by
  /// which the row's frames arrived at the column, with the tag that they must have there.
  func frames(vlans: [VLANID]) throws -> ReachabilityMatrix {
    let probe = try FrameProbe(
      points: points.map { ProbePoint(name: $0.name, interface: $0.interface, namespace: $0.namespace) })
    var shots: [FrameProbe.Shot] = []
    for (sender, point) in points.enumerated() {
      shots.append(.init(from: sender))
      if case .trunk = point.carriage { shots += vlans.map { .init(from: sender, vlan: $0) } }
    }
    let receipts = try probe.fire(shots) { shot, receiver in
      let sender = points[shots[shot].sender]
      guard let vlan = vlan(of: shots[shot], from: sender) else { return false }
      return sender.carriage.vlans.contains(vlan) && points[receiver].carriage.vlans.contains(vlan)
    }
    var matrix = ReachabilityMatrix(title: "VLANs from \\ to", rows: points.map(\.name), columns: points.map(\.name))
    for (row, sender) in points.enumerated() {
      for (column, receiver) in points.enumerated() {
        guard row != column else {
          matrix[row, column] = .init(expected: ".", found: ".")
          continue
        }
        let arrived = zip(shots, receipts).filter { $0.0.sender == row }.compactMap { shot, receipts in
          arrival(of: shot, from: sender, at: receiver, receipts[column])
        }
        matrix[row, column] = .init(
          expected: sender.carriage.vlans.intersection(receiver.carriage.vlans).map(\.rawValue).rangeText,
          found: arrived.contains(nil) ? "wrong tag" : arrived.compactMap { $0?.rawValue }.rangeText)
      }
    }
    return matrix
  }

  /// The VLAN in which a frame is sent.
  private func vlan(of shot: FrameProbe.Shot, from sender: DemoPoint) -> VLANID? {
    switch sender.carriage {
    case .access(let vlan): vlan
    case .trunk: shot.vlan
    case .overlay: nil
    }
  }

  /// The VLAN by which a frame arrived; nil inside when it came with a tag that it must not have, nil when not at all.
  private func arrival(
    of shot: FrameProbe.Shot, from sender: DemoPoint, at receiver: DemoPoint, _ receipt: ProbeReceipt
  ) -> VLANID?? {
    let sent = vlan(of: shot, from: sender)
    switch (receipt, receiver.carriage) {
    case (.nothing, _): return .none
    case (.untagged, .access(let vlan)): return .some(vlan == sent ? vlan : nil)
    case (.tagged(let vlan), .trunk): return .some(vlan == sent ? vlan : nil)
    default: return .some(nil)
    }
  }

  /// Broadcasts on networks that are no VLANs: who hears the row's frames.
  func broadcasts() throws -> ReachabilityMatrix {
    let probe = try FrameProbe(
      points: points.map {
        ProbePoint(name: $0.name, interface: $0.interface, namespace: $0.namespace, source: $0.addresses.first)
      })
    let receipts = try probe.fire(points.indices.map { .init(from: $0) }) {
      points[$0].carriage == points[$1].carriage
    }
    var matrix = ReachabilityMatrix(
      title: "broadcasts from \\ to", rows: points.map(\.name), columns: points.map(\.name))
    for (row, column) in points.indices.flatMap({ row in points.indices.map { (row, $0) } }) {
      let isSame = points[row].carriage == points[column].carriage
      matrix[row, column] =
        row == column
        ? .init(expected: ".", found: ".")
        : .init(expected: isSame ? "yes" : "-", found: receipts[row][column] == .nothing ? "-" : "yes")
    }
    return matrix
  }

  /// ICMP echo from each point that has addresses to each target: `yes` or `-`.
  func pings(to targets: [(name: String, address: IPAddress, expected: (DemoPoint) -> Bool)]) async throws
    -> ReachabilityMatrix
  {
    let senders = points.filter { !$0.addresses.isEmpty }
    var matrix = ReachabilityMatrix(
      title: "ping from \\ to", rows: senders.map(\.name), columns: targets.map { "\($0.name)" })
    let found = try await withThrowingTaskGroup(of: (Int, Int, Bool).self) { group in
      for (row, sender) in senders.enumerated() {
        for (column, target) in targets.enumerated() {
          let (address, isHopedFor) = (target.address, target.expected(sender))
          group.addTask { (row, column, try await ping(address, from: sender, isHopedFor: isHopedFor)) }
        }
      }
      return try await group.reduce(into: [(Int, Int, Bool)]()) { $0.append($1) }
    }
    for (row, column, isReached) in found {
      let expected = targets[column].expected(senders[row])
      matrix[row, column] = .init(expected: expected ? "yes" : "-", found: isReached ? "yes" : "-")
    }
    return matrix
  }

  /// One answer is enough; who is not expected to answer is given two seconds, who is has ten.
  private func ping(_ address: IPAddress, from point: DemoPoint, isHopedFor: Bool) async throws -> Bool {
    let patience = isHopedFor ? ["-c", "1", "-w", "10"] : ["-c", "3", "-i", "0.5", "-w", "2"]
    let outcome = try await NamespaceProcess.run(
      ProcessCommand("ping", patience + ["-q", "-n", "\(address)"], output: .discard),
      in: point.namespace)
    return outcome.isSuccess
  }
}
