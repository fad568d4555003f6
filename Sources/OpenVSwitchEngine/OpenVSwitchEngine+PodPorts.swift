import NetworkTypes
import OVSDB

extension OpenVSwitchEngine {
  /// Puts a pod's device on a bridge and waits until the switch has it. Doing it again changes nothing, or what is
  /// different; a port that was in error is made anew.
  ///
  /// - Returns: the OpenFlow port number.
  /// - Throws: `OpenVSwitchError`: `noSuchBridge`, `notOurs`, `interfaceFailed` with ovs-vswitchd's words (for example
  ///   "could not open network device veth1 (No such device)"), `notRealized`, `unreachable`. Then the port is gone
  ///   again if this call made it.
  @discardableResult
  public func addPodPort(_ port: PodPort, timeout: Duration = .seconds(5)) async throws -> Int {
    let attempt = "adding port \(port.name) to bridge \(port.bridge)"
    try Self.validate(port.name, attempt)
    try await connected(attempt, timeout: timeout)
    let (interface, isNew) = try await retryingWhenOvertaken(attempt) { try await ensure(port, attempt) }
    do {
      let number = try await realized(interface, port, attempt, timeout)
      // A new interface gets its number when ovs-vswitchd has taken all of it over; an old one has it before.
      if !isNew { try await takenOver(attempt, timeout: timeout) }
      return number
    } catch {
      if isNew { try await undo(port, attempt, because: error) }
      throw error
    }
  }

  /// Takes pods' ports off their bridges, in one transaction. Names without a port, and ports that are not a pod's or
  /// not ours, are passed over.
  ///
  /// - Returns: the names of the ports that were removed.
  @discardableResult
  public func removePodPorts(_ names: [String], timeout: Duration = .seconds(5)) async throws -> [String] {
    let attempt = "removing ports \(names.joined(separator: ", "))"
    try await connected(attempt, timeout: timeout)
    let replica = client.replica
    var removals: [RowID: Set<RowID>] = [:]
    var removed: [String] = []
    for name in Set(names).sorted() {
      guard let port = try replica.rows(PortRow.self, .column("name"), .string(name)).first, isPodPort(port),
        let bridge = replica.bridge(of: port.id)
      else { continue }
      removals[bridge, default: []].insert(port.id)
      removed.append(name)
    }
    guard !removals.isEmpty else { return [] }
    try await write(
      removals.map { bridge, ports in BridgeRow.mutate(bridge, [Mutation("ports", .delete, ports)]) })
    return removed
  }

  /// The pods' ports on the switch, by name, for a caller that wants to remove those of pods that are gone.
  public func podPorts() async throws -> [String: ObservedPort] {
    try await observe().ports.filter { $0.value.isPodPort && $0.value.owner == owner }
  }

  private func isPodPort(_ port: Stored<PortRow>) -> Bool {
    port.externalIDs[Ownership.owner] == owner
      && port.externalIDs[Ownership.role] == Ownership.Role.pod.rawValue
  }

  /// Writes the port unless it is there as wanted. The interface's row, and whether it is a new one.
  private func ensure(_ port: PodPort, _ attempt: String) async throws -> (interface: RowID, isNew: Bool) {
    let replica = client.replica
    guard let existing = try replica.rows(PortRow.self, .column("name"), .string(port.name)).first else {
      return (try await insert(port, after: [], attempt), true)
    }
    guard isPodPort(existing) else {
      throw OpenVSwitchError(
        .notOurs, attempt: attempt, reason: "a port of that name exists that is not a pod's port of \(owner)")
    }
    let bridge = replica.bridge(of: existing.id)
    guard let interface = try existing.interfaces.first.flatMap({ try replica.row(InterfaceRow.self, $0) }),
      interface.error == nil, let bridge, try replica.row(BridgeRow.self, bridge)?.name == port.bridge
    else {
      let removal = bridge.map { BridgeRow.mutate($0, [Mutation("ports", .delete, existing.id)]) }
      return (try await insert(port, after: removal.map { [$0] } ?? [], attempt), true)
    }
    let observed = ObservedPort(existing.id, existing.value, bridge: port.bridge, [interface.id: interface.value])
    let marks = Ownership.marks(owner, podPort: port.vlans)
    if !observed.matches(port.desired, marks: marks) {
      let isOurs = Condition("external_ids", .includes, [Ownership.owner: owner])
      try await write(
        PortRow.changes(of: existing.id, interface.id, to: port.desired, marks: marks, where: isOurs))
    }
    return (interface.id, false)
  }

  private func insert(_ port: PodPort, after removal: [Operation], _ attempt: String) async throws -> RowID {
    let insertion = PortRow.insertion(
      port.name, port.desired, marks: Ownership.marks(owner, podPort: port.vlans), onto: port.bridge)
    let operations = removal + insertion
    do {
      let results = try await write(operations)
      guard
        let id = zip(operations, results).lazy.compactMap({ operation, result -> RowID? in
          if case .insert(InterfaceRow.tableName, _, _) = operation { result.insertedID } else { nil }
        }).first
      else {
        throw OVSDBError(.protocolViolation, attempt: attempt, reason: "the answer to an insert has no row id")
      }
      return id
    } catch let error as OVSDBError where error.code == .waitTimedOut {
      throw OpenVSwitchError(
        .noSuchBridge, attempt: attempt, reason: "there is no such bridge; has the node's network been prepared?")
    }
  }

  private func realized(
    _ interface: RowID, _ port: PodPort, _ attempt: String, _ timeout: Duration
  ) async throws -> Int {
    do {
      return try await withDeadline(timeout) {
        try await self.client.waitForRow(InterfaceRow.self, interface) { row in
          if let error = row?.error { throw OpenVSwitchError(.interfaceFailed, attempt: attempt, reason: error) }
          guard let number = row?.ofport, number > 0 else { return nil }
          return number
        }
      }
    } catch is DeadlineExceeded {
      throw OpenVSwitchError(
        .notRealized, attempt: attempt,
        reason: "ovs-vswitchd has not taken the port up within \(timeout); is it running?")
    }
  }

  /// Takes a port off again, in a task of its own so that it is done even when the caller's is cancelled.
  private func undo(_ port: PodPort, _ attempt: String, because cause: any Error) async throws {
    do {
      _ = try await Task { try await removePodPorts([port.name]) }.value
    } catch {
      throw OpenVSwitchError(
        .interfaceFailed, attempt: attempt, reason: "\(cause); then removing the port failed too: \(error)")
    }
  }

  private static func validate(_ name: String, _ attempt: String) throws(OpenVSwitchError) {
    guard (1...15).contains(name.utf8.count), !name.contains("/"), name != ".", name != "..",
      name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
    else {
      throw OpenVSwitchError(
        .invalidName, attempt: attempt,
        reason: "a network device's name has 1 to 15 bytes, none of them a slash or a space")
    }
  }
}

extension Replica {
  /// The bridge that has the port. A switch has few bridges, and a look through them beats an index over `ports`.
  func bridge(of port: RowID) -> RowID? {
    rows(BridgeRow.tableName).values.first { $0["ports"]?.contains(.uuid(port)) == true }?.id
  }
}
