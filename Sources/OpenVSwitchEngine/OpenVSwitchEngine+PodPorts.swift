import NetworkTypes
import OVSDB

extension OpenVSwitchEngine {
  /// Puts a pod's device on a bridge and waits until the switch has it: `addPodPorts` for one.
  ///
  /// - Returns: the OpenFlow port number.
  @discardableResult
  public func addPodPort(_ port: PodPort, timeout: Duration = .seconds(5)) async throws -> Int {
    try await addPodPorts([port], timeout: timeout)[0]
  }

  /// Puts pods' devices on bridges, in one transaction, and waits until the switch has all of them. Doing it again
  /// changes nothing, or what is different; a port that was in error is made anew.
  ///
  /// - Returns: the OpenFlow port numbers, in the order of the ports.
  /// - Throws: `OpenVSwitchError`: `noSuchBridge`, `notOurs`, `interfaceFailed` with ovs-vswitchd's words (for example
  ///   "could not open network device veth1 (No such device)"), `notRealized`, `unreachable`. Then all ports that this
  ///   call made are gone again.
  @discardableResult
  public func addPodPorts(_ ports: [PodPort], timeout: Duration = .seconds(5)) async throws -> [Int] {
    guard !ports.isEmpty else { return [] }
    let attempt = "adding " + ports.map { "port \($0.name) to bridge \($0.bridge)" }.joined(separator: ", ")
    for port in ports { try Self.validate(port.name, attempt) }
    try await connected(attempt, timeout: timeout)
    let interfaces = try await retryingWhenOvertaken(attempt) { try await ensure(ports, attempt) }
    do {
      let numbers = try await realized(interfaces.map(\.id), attempt, timeout)
      // A new interface gets its number when ovs-vswitchd has taken all of it over; an old one has it before.
      if !interfaces.allSatisfy(\.isNew) { try await takenOver(attempt, timeout: timeout) }
      return numbers
    } catch {
      let made = zip(ports, interfaces).filter(\.1.isNew).map(\.0.name)
      if !made.isEmpty { try await undo(made, attempt, because: error) }
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

  /// Writes the ports that are not there as wanted, in one transaction. The rows of their interfaces.
  private func ensure(_ ports: [PodPort], _ attempt: String) async throws -> [(id: RowID, isNew: Bool)] {
    let steps = try ports.map { try step(to: $0, attempt) }
    let operations = steps.flatMap(\.operations)
    do {
      let results = try await write(operations)
      var inserted = zip(operations, results).lazy.compactMap { operation, result -> RowID? in
        if case .insert(InterfaceRow.tableName, _, _) = operation { result.insertedID } else { nil }
      }.makeIterator()
      return try steps.map { step in
        if let interface = step.interface { return (interface, false) }
        guard let id = inserted.next() else {
          throw OVSDBError(.protocolViolation, attempt: attempt, reason: "the answer to an insert has no row id")
        }
        return (id, true)
      }
    } catch let error as OVSDBError where error.code == .waitTimedOut {
      let bridges = Set(try client.replica.rows(BridgeRow.self).map(\.name))
      guard let port = ports.first(where: { !bridges.contains($0.bridge) }) else { throw error }
      throw OpenVSwitchError(
        .noSuchBridge, attempt: attempt,
        reason: "there is no bridge \(port.bridge); has the node's network been prepared?")
    }
  }

  /// What has to be written for a port to be there as wanted, and its interface's row when that stays.
  private func step(to port: PodPort, _ attempt: String) throws -> (operations: [Operation], interface: RowID?) {
    let replica = client.replica
    let marks = Ownership.marks(owner, podPort: port.vlans)
    let insertion = PortRow.insertion(port.name, port.desired, marks: marks, onto: port.bridge)
    guard let existing = try replica.rows(PortRow.self, .column("name"), .string(port.name)).first else {
      return (insertion, nil)
    }
    guard isPodPort(existing) else {
      throw OpenVSwitchError(
        .notOurs, attempt: attempt,
        reason: "port \(port.name) exists and is not a pod's port of \(owner)")
    }
    let bridge = replica.bridge(of: existing.id)
    guard let interface = try existing.interfaces.first.flatMap({ try replica.row(InterfaceRow.self, $0) }),
      interface.error == nil, let bridge, try replica.row(BridgeRow.self, bridge)?.name == port.bridge
    else {
      let removal = bridge.map { [BridgeRow.mutate($0, [Mutation("ports", .delete, existing.id)])] }
      return ((removal ?? []) + insertion, nil)
    }
    let observed = ObservedPort(existing.id, existing.value, bridge: port.bridge, [interface.id: interface.value])
    if observed.matches(port.desired, marks: marks) { return ([], interface.id) }
    let isOurs = Condition("external_ids", .includes, [Ownership.owner: owner])
    return (
      PortRow.changes(of: existing.id, interface.id, to: port.desired, marks: marks, where: isOurs), interface.id
    )
  }

  /// Waits for the OpenFlow port numbers of all interfaces.
  private func realized(_ interfaces: [RowID], _ attempt: String, _ timeout: Duration) async throws -> [Int] {
    do {
      return try await withDeadline(timeout) {
        var numbers: [Int] = []
        for interface in interfaces {
          numbers.append(
            try await self.client.waitForRow(InterfaceRow.self, interface) { row in
              if let error = row?.error { throw OpenVSwitchError(.interfaceFailed, attempt: attempt, reason: error) }
              guard let number = row?.ofport, number > 0 else { return nil }
              return number
            })
        }
        return numbers
      }
    } catch is DeadlineExceeded {
      throw OpenVSwitchError(
        .notRealized, attempt: attempt,
        reason: "ovs-vswitchd has not taken the port up within \(timeout); is it running?")
    }
  }

  /// Takes ports off again, in a task of its own so that it is done even when the caller's is cancelled.
  private func undo(_ names: [String], _ attempt: String, because cause: any Error) async throws {
    do {
      _ = try await Task { try await removePodPorts(names) }.value
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
