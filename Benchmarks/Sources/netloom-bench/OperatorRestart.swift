import JSON
import KubernetesClient
import KubernetesModel
import NetloomAPI

/// An operator that starts anew where everything is as it should be: it has to find that out, and to write nothing.
struct OperatorRestart {
  let laboratory: Laboratory
  let networks: ManyNetworks
  let rounds: Int

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, apiServer in
      let platform = try OverlayPlatform(laboratory, client)
      try await networks.declare(client)
      let watch = try NorthboundWatch(platform.northbound)
      defer { watch.stop() }
      try await platform.startOperator()
      _ = try await watch.moment(ofRows: networks.rows)
      try await networks.settled(client)
      try await quiet(platform, watch)
      return try await measure(platform, watch, apiServer)
    }
  }

  private func measure(
    _ platform: OverlayPlatform, _ watch: NorthboundWatch, _ apiServer: Int32
  ) async throws -> Section {
    var section = Section(
      title: "A restart of the operator with \(networks.count) networks and \(networks.pods) ports",
      method:
        "The operator is killed and started again. Reconciled: everything has been read and compared. That is seen by a "
        + "port with our mark that nobody wants and that is compared last: it is put into the database while there is no "
        + "operator, and goes when all others have been found to be right. Without it nothing is written: counted are "
        + "the transactions of which a monitor of the northbound database tells. The floor: the same objects and rows "
        + "read by somebody who does nothing with them. A program a step: the four `ovn-nbctl` that OVN4NFV runs for a "
        + "pod's port again, 20 of them.")
    var (times, floor) = (Measurements(), Measurements())
    var memory: ProcessMemory?
    for round in 0..<rounds {
      floor.append(try await time { try await read(platform) }.seconds)
      await laboratory.crew.kill("operator")
      let stray = try plant(round, platform)
      let start = ContinuousClock.now
      let process = try await platform.startOperator()
      times.append((try await watch.departure(of: stray) - start).seconds)
      try await quiet(platform, watch)
      memory = ProcessMemory(of: process)
    }
    let writes = try await writesOfRestart(platform, watch, atLeast: times.quantile(1))
    section.figures += [
      Figure("from its start until it is reconciled", times, "s", peer: "the same objects and rows, only read"),
      Figure("the same objects and rows, only read", floor, "s"),
      Figure(
        "northbound transactions of a restart", Double(writes.northbound), "",
        remark: "the file of the database grew by \(writes.bytes) bytes"),
      Figure("writes to the API server of a restart", Double(writes.cluster), ""),
    ]
    if let memory { section.figures.append(Figure("memory of the operator", memory)) }
    section.figures.append(Figure("memory of the API server", ProcessMemory(of: apiServer)))
    section.figures.append(try commands(platform))
    section.bounds = [
      Bound(
        claim: "restart of the operator with \(networks.count) networks and \(networks.pods) ports", limit: 5,
        found: times.median, unit: "s"),
      Bound(claim: "northbound writes of it", limit: 0, found: Double(writes.northbound), unit: ""),
    ]
    return section
  }

  // MARK: - One restart

  /// Puts a port into the database that looks like one of ours.
  private func plant(_ round: Int, _ platform: OverlayPlatform) throws -> String {
    let name = "~stray-\(round)"
    let database = try RawOVSDB(platform.northbound)
    let transaction: JSONValue = [
      "OVN_Northbound",
      [
        "op": "insert", "table": "Logical_Switch_Port", "uuid-name": "port",
        "row": [
          "name": .string(name),
          "external_ids": .map(["netloom-owner": "Pod/test/gone", "netloom-key": name]),
        ],
      ],
      [
        "op": "mutate", "table": "Logical_Switch", "where": [["name", "==", .string("test/\(ManyNetworks.name(0))")]],
        "mutations": [["ports", "insert", ["named-uuid", "port"]]],
      ],
    ]
    _ = try database.answer(to: database.send("transact", transaction))
    return name
  }

  /// Restarts it where nothing is wrong.
  private func writesOfRestart(
    _ platform: OverlayPlatform, _ watch: NorthboundWatch, atLeast limit: Double
  ) async throws -> (northbound: Int, bytes: Int, cluster: Int) {
    await laboratory.crew.kill("operator")
    let before = (watch.transactions, size(platform), try await version(platform.client))
    try await platform.startOperator()
    // Nothing tells that nothing is written: twice the time that a write would have taken, and more.
    try await Task.sleep(for: .seconds(2 * limit + 2))
    return (
      watch.transactions - before.0, size(platform) - before.1, try await version(platform.client) - before.2
    )
  }

  /// Returns when nobody has written anything for a while.
  private func quiet(_ platform: OverlayPlatform, _ watch: NorthboundWatch) async throws {
    while true {
      let before = (watch.transactions, try await version(platform.client))
      try await Task.sleep(for: .seconds(2))
      if before == (watch.transactions, try await version(platform.client)) { return }
    }
  }

  private func version(_ client: KubernetesClient) async throws -> Int {
    Int(try await client.resource(Namespace.self).list().resourceVersion) ?? 0
  }

  /// Of the file of the northbound database, which lies beside its socket.
  private func size(_ platform: OverlayPlatform) -> Int {
    readFile("\(platform.northbound.trimmingPrefix("unix:").dropLast(5)).db").count
  }

  // MARK: - The floor and the peer

  private func read(_ platform: OverlayPlatform) async throws {
    let client = platform.client
    async let pods = client.resource(Pod.definition).listAll()
    async let services = client.resource(L2Service.definition).listAll()
    async let subnets = client.resource(Subnet.definition).listAll()
    async let attachments = client.resource(L2ServiceAttachment.definition).listAll()
    try await onThread { try NorthboundWatch(platform.northbound).stop() }
    _ = try await (pods, services, subnets, attachments)
  }

  private func commands(_ platform: OverlayPlatform) throws -> Figure {
    let count = 20
    let taken = try time {
      for number in 0..<count {
        let port = RawPort(number: number, logicalSwitch: "test/\(ManyNetworks.name(0))")
        for words in port.northboundCommands { try platform.northboundCommand(words) }
      }
    }
    let each = taken.milliseconds / Double(count)
    return Figure(
      "a port, a program a step", each, "ms",
      remark: "\(networks.pods) would take \(short(each * Double(networks.pods) / 60_000)) min at this cost")
  }
}
