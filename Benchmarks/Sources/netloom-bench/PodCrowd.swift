import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations

/// Pods of ``TwoNetworks`` that come and go many at a time; one in ten has a sandbox, as on a real node.
struct PodCrowd: Sendable {
  let platform: TwoNetworks
  let ledger: PodLedger
  /// What a container runtime is told about each network.
  let configurations: [JSONValue]

  /// A pod, and which one after others in its place.
  struct Member: Sendable, Hashable {
    var number: Int
    var generation = 0
    /// Whether it is called as the one before, as the pods of a StatefulSet are.
    var keepsName: Bool { number % 2 == 0 }

    var name: String { keepsName ? "p\(number)" : "p\(number)-\(generation)" }
    var hasSandbox: Bool { number % 10 < 1 }
    var container: String { "c\(number)-\(generation)" }
    var successor: Member { Member(number: number, generation: generation + 1) }
  }

  init(_ platform: TwoNetworks, _ ledger: PodLedger) async throws {
    self.platform = platform
    self.ledger = ledger
    configurations = try await platform.configurations()
  }

  /// As many as there are addresses.
  var members: [Member] { (0..<platform.size).map { Member(number: $0) } }

  /// The kind of work of one moment: pods that go and pods that come, all at once.
  /// - Parameters:
  ///   - leaving: those that go, with their sandboxes.
  ///   - arriving: in each one's place, if any, who comes.
  ///   - attached: called with each sandbox that has its networks.
  func replace(
    _ leaving: [Member], by arriving: [Member], sandboxes: [String: PodSandbox] = [:]
  ) async throws -> [String: PodSandbox] {
    let (created, creation) = AsyncStream<Member>.makeStream()
    return try await withThrowingTaskGroup(of: [String: PodSandbox].self) { group in
      group.addTask {
        defer { creation.finish() }
        try await inParallel(max(leaving.count, arriving.count)) { index in
          if index < leaving.count { try await delete(leaving[index]) }
          if index < arriving.count {
            try await create(arriving[index])
            if arriving[index].hasSandbox { creation.yield(arriving[index]) }
          }
        }
        return [:]
      }
      group.addTask {
        let gone = leaving.compactMap { sandboxes[$0.container] }
        try await inParallel(gone.count) { try await gone[$0].remove() }
        return [:]
      }
      group.addTask { try await attach(created) }
      return try await group.reduce(into: [:]) { $0.merge($1) { $1 } }
    }
  }

  private func attach(_ created: AsyncStream<Member>) async throws -> [String: PodSandbox] {
    try await withThrowingTaskGroup(of: PodSandbox.self) { group in
      for await member in created {
        group.addTask {
          var sandbox = try PodSandbox(
            member.container, of: member.name, on: host(of: member), in: platform.laboratory,
            configurations: configurations)
          try await sandbox.attach()
          return sandbox
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.container] = $1 }
    }
  }

  private func host(of member: Member) -> String { platform.hosts[member.number / 10 % platform.hosts.count] }

  private func create(_ member: Member) async throws {
    try await platform.client.create(
      Pod(
        metadata: ObjectMeta(
          name: member.name, namespace: "test",
          annotations: [PodAnnotation.networks: TwoNetworks.names.joined(separator: ",")]),
        spec: .init(containers: [.init(name: "main", image: "none")], nodeName: host(of: member))))
  }

  private func delete(_ member: Member) async throws {
    try await platform.client.resource(Pod.self).delete(
      .init(namespace: "test", name: member.name), .init(gracePeriod: .zero))
  }

  // MARK: - The data path

  /// The sandboxes that cannot reach the next one on a network: each asks once on each network.
  func unreachable(_ sandboxes: [String: PodSandbox]) async throws -> [String] {
    let ring = sandboxes.values.sorted { $0.container < $1.container }
    return try await withThrowingTaskGroup(of: String?.self) { group in
      for (number, sandbox) in ring.enumerated() {
        let next = ring[(number + 1) % ring.count]
        group.addTask {
          for address in next.addresses where try await !sandbox.reaches(address) {
            return "\(sandbox.container) to \(next.container) at \(address)"
          }
          return nil
        }
      }
      return try await group.reduce(into: []) { if let pair = $1 { $0.append(pair) } }
    }
  }

  /// The ports of pods that are on the switches and should not be, and those that should be and are not.
  func strayPorts(_ sandboxes: [String: PodSandbox]) throws -> [String] {
    var found: Set<String> = []
    for host in platform.hosts {
      let database = try RawOVSDB(platform.laboratory.database(of: host))
      let selection: JSONValue = ["op": "select", "table": "Port", "where": [], "columns": ["name", "external_ids"]]
      let rows = try database.answer(to: database.send("transact", ["Open_vSwitch", selection]))[0]?["rows"]
      for row in rows?.array ?? [] {
        if let marks = row["external_ids"], let container = marks.entry("netloom-container") {
          found.insert("\(host) \(container) \(marks.entry("netloom-ifname") ?? "")")
        }
      }
    }
    let wanted = sandboxes.values.flatMap { sandbox in
      sandbox.calls.map { "\(sandbox.host) \(sandbox.container) \($0.interface)" }
    }
    return Array(found.symmetricDifference(Set(wanted)))
  }
}
