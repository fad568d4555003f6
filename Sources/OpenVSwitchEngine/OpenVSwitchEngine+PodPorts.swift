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
      let held = zip(ports, zip(interfaces, numbers)).filter { !$0.policy.isEmpty || $1.0.hadPolicy }
      try await synchronizeFlows(of: held.map { ($0.bridge, $1.1) }, attempt, timeout)
      return numbers
    } catch {
      let made = zip(ports, interfaces).filter(\.1.isNew).map(\.0.name)
      if !made.isEmpty { try await undo(made, attempt, because: error) }
      throw error
    }
  }

  /// Takes pods' ports off their bridges, in one transaction. Names without a port, and ports that are not a pod's or
  /// not ours, are passed over. Their flows are removed as soon as ovs-vswitchd has time for it.
  ///
  /// - Returns: the names of the ports that were removed.
  @discardableResult
  public func removePodPorts(_ names: [String], timeout: Duration = .seconds(5)) async throws -> [String] {
    let attempt = "removing ports \(names.joined(separator: ", "))"
    try await connected(attempt, timeout: timeout)
    let replica = client.replica
    let ports = try Set(names).sorted().compactMap { name in
      try replica.port(named: name).flatMap { $0.isPodPort && $0.owner == owner ? (name: name, port: $0) : nil }
    }
    var operations: [Operation] = []
    for (bridge, ports) in Dictionary(grouping: ports, by: \.port.bridge) {
      guard let bridge = try replica.rows(BridgeRow.self, .column("name"), .string(bridge)).first else { continue }
      operations.append(BridgeRow.mutate(bridge.id, [Mutation("ports", .delete, Set(ports.map(\.port.id)))]))
    }
    for (name, port) in ports where port.limit?.isOurs == true {
      operations += PortLimit.replacement(nil, port: name, owner: owner, where: [.row(port.id)])
    }
    try await write(operations)
    removeFlows(of: ports.map(\.port))
    return ports.map(\.name)
  }

  /// The pods' ports on the switch, by name, for a caller that wants to remove those of pods that are gone.
  public func podPorts() async throws -> [String: ObservedPort] {
    try await observe().ports.filter { $0.value.isPodPort && $0.value.owner == owner }
  }

  /// Writes the ports that are not there as wanted, in one transaction. The rows of their interfaces.
  private func ensure(_ ports: [PodPort], _ attempt: String) async throws -> [Interface] {
    let steps = try ports.map { try step(to: $0, attempt) }
    let operations = steps.flatMap(\.operations)
    do {
      let results = try await write(operations)
      removeFlows(of: steps.compactMap(\.replaced))
      var inserted = zip(operations, results).lazy.compactMap { operation, result -> RowID? in
        if case .insert(InterfaceRow.tableName, _, _) = operation { result.insertedID } else { nil }
      }.makeIterator()
      return try steps.map { step in
        if let interface = step.interface { return (interface, false, step.hadPolicy) }
        guard let id = inserted.next() else {
          throw OVSDBError(.protocolViolation, attempt: attempt, reason: "the answer to an insert has no row id")
        }
        return (id, true, step.hadPolicy)
      }
    } catch let error as OVSDBError where error.code == .waitTimedOut {
      let bridges = Set(try client.replica.rows(BridgeRow.self).map(\.name))
      guard let port = ports.first(where: { !bridges.contains($0.bridge) }) else { throw error }
      throw OpenVSwitchError(
        .noSuchBridge, attempt: attempt,
        reason: "there is no bridge \(port.bridge); has the node's network been prepared?")
    }
  }

  /// The row of a port's interface, whether it was made, and whether the port had flows before.
  private typealias Interface = (id: RowID, isNew: Bool, hadPolicy: Bool)

  /// What has to be written; the row of the interface when that stays; whether the port had flows; and the port that goes.
  private typealias Step = (operations: [Operation], interface: RowID?, hadPolicy: Bool, replaced: ObservedPort?)

  /// What has to be written for a port to be there as wanted.
  private func step(to port: PodPort, _ attempt: String) throws -> Step {
    let replica = client.replica
    let marks = Ownership.marks(owner, podPort: port)
    let insertion = PortRow.insertion(port.name, port.desired, marks: marks, onto: port.bridge)
    guard let existing = try replica.port(named: port.name) else {
      return (insertion, nil, false, nil)
    }
    guard existing.isPodPort, existing.owner == owner else {
      throw OpenVSwitchError(
        .notOurs, attempt: attempt, reason: "port \(port.name) exists and is not a pod's port of \(owner)")
    }
    let hadPolicy = !existing.policy.isEmpty
    guard let interface = existing.interfaces.first, interface.error == nil, existing.bridge == port.bridge else {
      let bridge = try replica.rows(BridgeRow.self, .column("name"), .string(existing.bridge)).first
      var removal = bridge.map { [BridgeRow.mutate($0.id, [Mutation("ports", .delete, existing.id)])] } ?? []
      if existing.limit?.isOurs == true {
        removal += PortLimit.replacement(nil, port: port.name, owner: owner, where: [.row(existing.id)])
      }
      return (removal + insertion, nil, hadPolicy && port.logicalPort == nil, existing)
    }
    if existing.matches(port.desired, marks: marks) { return ([], interface.id, hadPolicy, nil) }
    let isOurs = Condition("external_ids", .includes, [Ownership.owner: owner])
    let changes = PortRow.changes(
      of: existing, named: port.name, interface.id, to: port.desired, marks: marks, where: isOurs)
    return (changes, interface.id, hadPolicy, nil)
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
  /// The port of that name, as `ObservedSwitch` has it, without a look at the others.
  func port(named name: String) throws -> ObservedPort? {
    guard let row = try rows(PortRow.self, .column("name"), .string(name)).first else { return nil }
    var interfaces: [RowID: InterfaceRow] = [:]
    for id in row.interfaces { interfaces[id] = try self.row(InterfaceRow.self, id)?.value }
    let bridge = try bridge(of: row.id).flatMap { try self.row(BridgeRow.self, $0)?.name } ?? ""
    return ObservedPort(row.id, row.value, bridge: bridge, interfaces, limit: try limit(of: row.value))
  }

  /// The bridge that has the port. A switch has few bridges, and a look through them beats an index over `ports`.
  private func bridge(of port: RowID) -> RowID? {
    rows(BridgeRow.tableName).values.first { $0["ports"]?.contains(.uuid(port)) == true }?.id
  }
}
