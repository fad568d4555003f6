import JSON
import OVSDB
import OVSTestSupport
import Testing

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct ServerTests {
  @Test func transactAndCopy() async throws {
    try await SwitchInstance.with(.database) { instance in
      try await instance.vsctl("init")
      try await withClient(instance) { client async throws in
        let results = try await client.transact(insertBridge("br0", externalIDs: ["owner": "me"]))
        #expect(results.count == 4)
        // ovsdb-server sends what a transaction changed before its answer.
        let bridge = try #require(try client.replica.rows(BridgeRow.self, .column("name"), "br0").first)
        #expect(bridge.id == results[2].insertedID)
        #expect(bridge.externalIDs == ["owner": "me"])
        #expect(try client.replica.rows(BridgeRow.self, .entry("external_ids", "owner"), "me").map(\.id) == [bridge.id])
        #expect(try client.replica.rows(BridgeRow.self, .entry("external_ids", "owner"), "you").isEmpty)
        let port = try #require(try client.replica.rows(PortRow.self, .column("name"), "br0").first)
        #expect(bridge.ports == [port.id])
        try await client.transact([
          .update(table: "Port", where: [.row(port.id)], row: ["trunks": Set([1, 2, 3]).datum, "tag": 7.datum]),
          PortRow.mutate(port.id, [Mutation("trunks", .insert, Set([9, 10])), Mutation("trunks", .delete, Set([2]))]),
          PortRow.mutate(port.id, Mutation.set(["a": "1", "b": "2"], in: "external_ids")),
        ])
        var now = try #require(try client.replica.row(PortRow.self, port.id))
        #expect(now.trunks == [1, 3, 9, 10] && now.tag == 7 && now.externalIDs == ["a": "1", "b": "2"])
        try await client.transact([
          PortRow.mutate(port.id, Mutation.set(["a": "5"], in: "external_ids")),
          PortRow.mutate(port.id, [Mutation("external_ids", .delete, Set(["b"]))]),
          .update(table: "Port", where: [.row(port.id)], row: ["tag": .empty, "trunks": Set([3]).datum]),
        ])
        now = try #require(try client.replica.row(PortRow.self, port.id))
        #expect(now.trunks == [3] && now.tag == nil && now.externalIDs == ["a": "5"])
        let selected = try await client.transact([.select(table: "Port", where: [Condition("name", .equal, "br0")])])
        #expect(selected[0].rows?.first?.id == port.id)
        try await client.transact([
          .mutate(table: "Open_vSwitch", where: [], mutations: [Mutation("bridges", .delete, bridge.id)])
        ])
        #expect(client.replica.rows("Port").isEmpty && client.replica.rows("Bridge").isEmpty)
      }
    }
  }

  @Test(
    arguments: [
      ("constraint violation", [.insert(table: "Open_vSwitch", row: [:])], .constraintViolation, nil),
      ("in a column", [.update(table: "Open_vSwitch", where: [], row: ["next_cfg": Datum("x")])], .invalidRequest, 0),
      (
        "unknown row",
        [
          .mutate(
            table: "Open_vSwitch", where: [],
            mutations: [Mutation("bridges", .insert, RowID(rawValue: 7))])
        ], .referentialIntegrityViolation, nil
      ),
      (
        "wait", [.comment("x"), .require("Open_vSwitch", where: [], "next_cfg", is: 77)], .waitTimedOut, 1
      ),
      ("abort", [.abort], .aborted, 0), ("lock", [.assert(lock: "mine")], .notOwner, 0),
      ("table", [.select(table: "Nonsense", where: [])], .invalidRequest, 0),
      (
        "arithmetic", [.mutate(table: "Open_vSwitch", where: [], mutations: [Mutation("next_cfg", .divide, 0)])],
        .invalidArithmetic, 0
      ),
    ] as [(String, [OVSDB.Operation], OVSDBError.Code, Int?)])
  func typedErrors(_ name: String, _ operations: [OVSDB.Operation], _ code: OVSDBError.Code, _ index: Int?) async throws
  {
    try await SwitchInstance.with(.database) { instance in
      try await instance.vsctl("init")
      try await withClient(instance) { client async throws in
        let error = await #expect(throws: OVSDBError.self) { try await client.transact(operations) }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.operationIndex == index, "\(String(describing: error))")
        #expect(error?.description.contains(instance.socket) == true)
      }
    }
  }

  /// ovsdb-server stops reading a session whose answers nobody takes.
  @Test func thousandsOfTransactionsInFlight() async throws {
    try await SwitchInstance.with(.database) { instance in
      try await instance.vsctl("init")
      try await withClient(instance, { $0.maximumInFlight = 1000 }) { client async throws in
        try await client.transact(insertBridge("br0", externalIDs: ["padding": String(repeating: "x", count: 4000)]))
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<5000 {
            group.addTask {
              let results = try await client.transact([
                .mutate(table: "Open_vSwitch", where: [], mutations: [Mutation("next_cfg", .add, 1)]),
                .select(table: "Bridge", where: []),
              ])
              #expect(results[1].rows?.count == 1)
            }
          }
          try await group.waitForAll()
        }
        print("5000 pipelined transactions: \(ContinuousClock.now - start)")
        #expect(try await instance.vsctl("get", "Open_vSwitch", ".", "next_cfg") == "5000")
      }
    }
  }

  @Test func latencyOfATransaction() async throws {
    try await SwitchInstance.with(.database) { instance in
      try await instance.vsctl("init")
      try await withClient(instance) { client async throws in
        var times: [Duration] = []
        for number in 0..<400 {
          let start = ContinuousClock.now
          try await client.transact([
            .update(table: "Open_vSwitch", where: [], row: ["external_ids": ["n": "\(number)"].datum])
          ])
          times.append(ContinuousClock.now - start)
        }
        times.sort()
        print("transact: median \(times[200]), fastest \(times[0])")
        #expect(times[0] < .milliseconds(5))
      }
    }
  }

  @Test(arguments: [SwitchInstance.Kind.database, .clusteredDatabase])
  func afterALossWhatWasMissedComesAsChanges(_ kind: SwitchInstance.Kind) async throws {
    try await SwitchInstance.with(kind) { instance in
      try await instance.vsctl("init")
      try await withClient(instance) { client async throws in
        try await client.transact(insertBridge("br0"))
        var events = client.events().makeAsyncIterator()
        #expect(await events.next()?.word == "synchronized")
        try await instance.killDatabase()
        #expect(await events.next()?.word == "disconnected")
        let refused = await #expect(throws: OVSDBError.self) { try await client.transact([.comment("x")]) }
        #expect(refused?.code == .notConnected)
        #expect(client.replica.rows("Bridge").count == 1)
        try await instance.restartDatabase()
        try await instance.vsctl("add-br", "br1", "--", "del-br", "br0")
        var names: Set<String> = []
        while let event = await events.next() {
          if case .changed(let changes) = event {
            for change in changes where change.table == "Bridge" {
              let row = try #require(try change.typed(BridgeRow.self))
              names.insert("\(row.old?.name ?? "-")>\(row.new?.name ?? "-")")
            }
          }
          if names == ["br0>-", "->br1"] { break }
        }
        #expect(try client.replica.rows(BridgeRow.self).map(\.name) == ["br1"])
      }
    }
  }

  @Test func whatIsInFlightAtALossFailsAndIsNotRepeated() async throws {
    try await SwitchInstance.with(.database) { instance in
      try await instance.vsctl("init")
      try await withClient(instance, { $0.maximumInFlight = 1 }) { client async throws in
        try await instance.signalDatabase(19)
        let add = OVSDB.Operation.mutate(table: "Open_vSwitch", where: [], mutations: [Mutation("next_cfg", .add, 1)])
        async let sent = client.transact([add])
        async let queued = client.transact([add])
        async let third = client.transact([add])
        try await instance.killDatabase()
        var codes: [OVSDBError.Code] = []
        do { _ = try await sent } catch let error as OVSDBError { codes.append(error.code) }
        do { _ = try await queued } catch let error as OVSDBError { codes.append(error.code) }
        do { _ = try await third } catch let error as OVSDBError { codes.append(error.code) }
        #expect(codes.count == 3 && codes.allSatisfy { [.connectionLost, .notConnected].contains($0) })
        try await instance.restartDatabase()
        try await client.waitUntilSynchronized()
        #expect(try await instance.vsctl("get", "Open_vSwitch", ".", "next_cfg") == "0")
      }
    }
  }

  @Test func aSilentServerIsGivenUp() async throws {
    try await SwitchInstance.with(.database) { instance in
      try await withClient(instance, { $0.inactivityProbe = .milliseconds(100) }) { client async throws in
        let events = client.events()
        try await instance.signalDatabase(19)
        for await event in events {
          guard case .disconnected(let error) = event else { continue }
          #expect(error.description.contains("silent"))
          break
        }
        try await instance.signalDatabase(18)
        try await client.waitUntilSynchronized()
      }
    }
  }

  @Test func aCancelledCallIsWithdrawn() async throws {
    try await SwitchInstance.with(.database) { instance in
      try await instance.vsctl("init")
      try await withClient(instance, { $0.maximumInFlight = 1 }) { client async throws in
        let waiting = Task {
          try await client.transact([
            .wait(
              table: "Open_vSwitch", where: [], columns: ["next_cfg"], until: .equal, rows: [["next_cfg": 7.datum]])
          ])
        }
        try await Task.sleep(for: .milliseconds(50))
        let next = Task { try await client.transact([.comment("after")]) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        _ = try await next.value
      }
    }
  }

  @Test(arguments: ["ptcp:0:127.0.0.1", "ptcp:0:[::1]", "pssl:0:127.0.0.1"])
  func overTheNetwork(_ remote: String) async throws {
    try await SwitchInstance.with(.database, remotes: [remote]) { instance in
      let port = try await instance.listeningPort()
      let host = remote.contains("::1") ? "[::1]" : "127.0.0.1"
      let endpoint = try Endpoint(parsing: "\(remote.dropFirst().prefix(3)):\(host):\(port)")
      let certificate = try await Command.run(["cat", "\(instance.directory)/cert.pem"])
      let key = try await Command.run(["cat", "\(instance.directory)/key.pem"])
      try await withClient(
        instance, endpoint: endpoint,
        {
          $0.credentials = TLSCredentials(certificateChain: certificate, privateKey: key, trustRoots: certificate)
        }
      ) { client async throws in
        #expect(try await client.call("list_dbs", []).array?.contains("Open_vSwitch") == true)
      }
    }
  }

  @Test func aServerOfAnotherAuthorityIsRefused() async throws {
    try await SwitchInstance.with(.database, remotes: ["pssl:0:127.0.0.1"]) { instance in
      try await SwitchInstance.with(.database) { other in
        let port = try await instance.listeningPort()
        let certificate = try await Command.run(["cat", "\(other.directory)/cert.pem"])
        let key = try await Command.run(["cat", "\(other.directory)/key.pem"])
        var configuration = OVSDBClient.Configuration(
          endpoint: .tls(host: "127.0.0.1", port: port),
          credentials: TLSCredentials(certificateChain: certificate, privateKey: key, trustRoots: certificate),
          database: "Open_vSwitch")
        configuration.connectTimeout = .seconds(2)
        let error = try await firstFailure(OVSDBClient(configuration, logger: quiet))
        #expect(error.description.contains("127.0.0.1:\(port)"), "\(error)")
        #expect(error.description.lowercased().contains("certificate"), "\(error)")
      }
    }
  }

  @Test func anUnknownDatabaseIsNamed() async throws {
    try await SwitchInstance.with(.database) { instance in
      let configuration = OVSDBClient.Configuration(
        endpoint: .unix(path: instance.socket), database: "Nonsense", tables: [MonitoredTable("X", columns: ["y"])])
      let error = try await firstFailure(OVSDBClient(configuration, logger: quiet))
      #expect(error.code == .unknownDatabase, "\(error)")
    }
  }
}

extension ReplicaEvent {
  var word: String {
    switch self {
    case .synchronized: "synchronized"
    case .changed: "changed"
    case .overflowed: "overflowed"
    case .disconnected: "disconnected"
    }
  }
}
