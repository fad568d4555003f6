import JSON
import OVNModel
import OVSTestSupport
import TestSupport
import Testing

@testable import OVNEngine
@testable import OVSDB

/// What is written, against a model of the database.
@Suite(.enabled(if: OVNCentral.isAvailable, "needs OVN's schema"))
struct PlanTests {
  private static let owners = (0..<6).map { NorthboundOwner(kind: "Test", name: "\($0)") }

  private static func schema() async throws -> DatabaseSchema {
    let text = try await Command.run(["cat", "/usr/share/ovn/ovn-nb.ovsschema"])
    return try DatabaseSchema(json: JSONValue(parsing: text))
  }

  /// What an owner wants, at random, of a small world: rows come and go, share holders, and refer to what may be missing.
  private static func fragments(_ generator: inout SeededGenerator) -> Set<RowFragment> {
    var fragments: Set<RowFragment> = []
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let number = Int.random(in: 0..<3, using: &generator)
      switch Int.random(in: 0..<9, using: &generator) {
      case 0: fragments.insert(LogicalSwitch(name: "s\(number)").fragment)
      case 1, 2:
        var port = LogicalSwitchPort(name: "p\(number)", on: "s\(Int.random(in: 0..<3, using: &generator))")
        port.addresses = ["\(Int.random(in: 0..<2, using: &generator))"]
        port.dhcpv4 = Bool.random(using: &generator) ? DHCPOptions.key("d\(number)") : nil
        fragments.insert(port.fragment)
      case 3: fragments.insert(DHCPOptions(id: "d\(number)", cidr: "10.0.0.0/24", options: [:]).fragment)
      case 4:
        var group = PortGroup(name: "g\(number)")
        group.ports = [LogicalSwitchPort.key("p\(number)")]
        fragments.insert(group.fragment)
      case 5: fragments.insert(.adding([LogicalSwitchPort.key("p0")], to: "ports", of: PortGroup.key("g\(number)")))
      case 6: fragments.insert(DNSTable(id: "n\(number)").fragment)
      case 7:
        let entry = ["h\(Int.random(in: 0..<4, using: &generator))": "\(Int.random(in: 0..<3, using: &generator))"]
        fragments.insert(.adding(entry, to: "records", of: DNSTable.key("n\(number)")))
      default:
        fragments.insert(
          AccessRule(id: "a\(number)", of: PortGroup.key("g\(number)"), .toPort, priority: 1, match: "1", action: .drop)
            .fragment)
      }
    }
    return fragments
  }

  /// Somebody else's work, at random: rows of theirs, and changes of ours.
  private static func meddle(_ model: inout NorthboundModel, _ generator: inout SeededGenerator) {
    let switches = (model.tables["Logical_Switch"] ?? [:]).keys.sorted()
    let ports = (model.tables["Logical_Switch_Port"] ?? [:]).keys.sorted()
    var operations: [OVSDB.Operation] = []
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: operations = [.insert(table: "Logical_Switch", row: ["name": "s0".datum], name: "x")]
    case 4:
      operations = [.update(table: "DNS", where: [], row: ["records": ["h0": "9", "h9": "9"].datum])]
    case 1:
      guard let holder = switches.randomElement(using: &generator) else { return }
      operations = [
        .insert(
          table: "Logical_Switch_Port", row: ["name": "theirs\(Int.random(in: 0..<99, using: &generator))".datum],
          name: "x"),
        .mutate(
          table: "Logical_Switch", where: [.row(holder)],
          mutations: [Mutation("ports", .insert, Datum(.namedUUID("x")))]),
      ]
    case 2:
      guard let port = ports.randomElement(using: &generator) else { return }
      for holder in switches {
        operations.append(
          .mutate(table: "Logical_Switch", where: [.row(holder)], mutations: [Mutation("ports", .delete, port)]))
      }
    case 3:
      guard let row = switches.randomElement(using: &generator) else { return }
      operations = [.delete(table: "Logical_Switch", where: [.row(row)])]
    default:
      guard let port = ports.randomElement(using: &generator) else { return }
      operations = [.update(table: "Logical_Switch_Port", where: [.row(port)], row: ["addresses": "9".datum])]
    }
    _ = model.perform(operations)
  }

  @Test(arguments: 0..<60) func whatIsWantedIsWhatTheDatabaseHoldsInTheEnd(_ seed: Int) async throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var model = NorthboundModel(try await Self.schema())
    var ledger = NorthboundLedger()
    ledger.complete(ledger.observed(try model.replica, model.schema))
    for round in 0..<12 {
      for _ in 0..<Int.random(in: 0..<3, using: &generator) {
        let owner = Self.owners.randomElement(using: &generator) ?? Self.owners[0]
        ledger.want(owner, NorthboundWish(Self.fragments(&generator), revision: round))
      }
      let before = try model.replica
      if Bool.random(using: &generator) {
        Self.meddle(&model, &generator)
        try ledger.changed(Self.changes(before, try model.replica), in: model.replica, model.schema)
      }
      let foreign = model.foreign
      try Self.settle(&ledger, &model)
      #expect(ledger.takeNews().repairs.allSatisfy { $0.found != "nobody wants it" })
      try Self.verify(model, ledger.wanted)
      // What others made is what it was, but for what went with a switch of ours.
      for (id, row) in model.foreign["Logical_Switch"] ?? [:] {
        #expect(row.filter { $0.key != "ports" } == foreign["Logical_Switch"]?[id]?.filter { $0.key != "ports" })
      }
      #expect((model.foreign["Logical_Switch"] ?? [:]).count == (foreign["Logical_Switch"] ?? [:]).count)
    }
  }

  /// Writes until there is nothing to write.
  ///
  /// - Returns: how many transactions that took.
  @discardableResult
  private static func settle(_ ledger: inout NorthboundLedger, _ model: inout NorthboundModel) throws -> Int {
    var count = 0
    while let plan = ledger.next(ledger.observed(try model.replica, model.schema)) {
      count += 1
      try #require(count < 20, "it never ends")
      let before = try model.replica
      let isDone = model.perform(plan.operations)
      try #require(isDone, "the database refuses \(plan.operations)")
      ledger.committed(plan)
      try ledger.changed(changes(before, try model.replica), in: model.replica, model.schema)
    }
    return count
  }

  /// A ledger that is new to a database, as after a restart.
  private static func ledger(on model: NorthboundModel) throws -> NorthboundLedger {
    var ledger = NorthboundLedger()
    try ledger.changed(changes(Replica(), try model.replica), in: model.replica, model.schema)
    return ledger
  }

  /// Whoever cannot say what it wants after a restart keeps what there is, and does not keep others from theirs.
  @Test(arguments: 0..<8) func rowsOfOwnersThatCannotSayWhatTheyWantStay(_ untold: Int) async throws {
    var port = LogicalSwitchPort(name: "p", on: "s")
    port.addresses = ["1"]
    port.dhcpv4 = DHCPOptions.key("d")
    var group = PortGroup(name: "g")
    group.ports = [LogicalSwitchPort.key("p")]
    let wanted: [Set<RowFragment>] = [
      [LogicalSwitch(name: "s").fragment, DHCPOptions(id: "d", cidr: "10.0.0.0/24", options: [:]).fragment],
      [port.fragment], [group.fragment],
    ]
    var model = NorthboundModel(try await Self.schema())
    var ledger = try Self.ledger(on: model)
    for (owner, fragments) in zip(Self.owners, wanted) { ledger.want(owner, NorthboundWish(fragments)) }
    ledger.complete(ledger.observed(try model.replica, model.schema))
    try Self.settle(&ledger, &model)
    let tables = model.tables

    ledger = try Self.ledger(on: model)
    for (number, (owner, fragments)) in zip(Self.owners, wanted).enumerated() {
      ledger.want(owner, NorthboundWish(untold & 1 << number == 0 ? fragments : nil, revision: 1))
    }
    ledger.complete(ledger.observed(try model.replica, model.schema))
    #expect(try Self.settle(&ledger, &model) == 0)
    #expect(model.tables == tables)
    let news = ledger.takeNews()
    #expect(news.reports.count == 3 && news.reports.values.allSatisfy { $0.revision == 1 && $0.state != .pending(nil) })

    // A port comes and goes beside them.
    var second = LogicalSwitchPort(name: "q", on: "s")
    second.dhcpv4 = DHCPOptions.key("d")
    ledger.want(Self.owners[3], NorthboundWish([second.fragment]))
    try Self.settle(&ledger, &model)
    #expect(model.tables["Logical_Switch_Port"]?.count == 2)
    ledger.want(Self.owners[3], NorthboundWish([]))
    try Self.settle(&ledger, &model)
    #expect(model.tables.filter { $0.key != "NB_Global" } == tables.filter { $0.key != "NB_Global" })

    // In the end they say it: first the same, then nothing.
    for (owner, fragments) in zip(Self.owners, wanted) { ledger.want(owner, NorthboundWish(fragments)) }
    #expect(try Self.settle(&ledger, &model) == 0)
    for owner in Self.owners { ledger.want(owner, NorthboundWish([])) }
    try Self.settle(&ledger, &model)
    #expect(model.tables.allSatisfy { $0.key == "NB_Global" || $0.value.isEmpty })
  }

  @Test func whatWasUntoldAndWantsNothingGoes() async throws {
    var model = NorthboundModel(try await Self.schema())
    var ledger = try Self.ledger(on: model)
    ledger.want(Self.owners[0], NorthboundWish([LogicalSwitch(name: "s").fragment]))
    ledger.complete(ledger.observed(try model.replica, model.schema))
    try Self.settle(&ledger, &model)
    ledger = try Self.ledger(on: model)
    ledger.want(Self.owners[0], NorthboundWish(nil))
    ledger.complete(ledger.observed(try model.replica, model.schema))
    try Self.settle(&ledger, &model)
    _ = ledger.takeNews()
    ledger.want(Self.owners[0], NorthboundWish([]))
    #expect(ledger.takeNews().reports[Self.owners[0]]?.state == .pending(nil))
    try Self.settle(&ledger, &model)
    #expect(model.tables["Logical_Switch"]?.isEmpty == true)
  }

  /// Ports that were bound before the engine was started.
  @Test func portsThatAreBoundAreKnownWhoeverComesFirst() async throws {
    var model = NorthboundModel(try await Self.schema())
    let wanted: Set<RowFragment> = [LogicalSwitch(name: "s").fragment, portRow("p", on: "s")]
    var ledger = try Self.ledger(on: model)
    ledger.want(Self.owners[0], NorthboundWish(wanted))
    ledger.complete(ledger.observed(try model.replica, model.schema))
    try Self.settle(&ledger, &model)
    let before = try model.replica
    _ = model.perform([.update(table: "Logical_Switch_Port", where: [], row: ["up": true.datum])])
    try ledger.changed(Self.changes(before, try model.replica), in: model.replica, model.schema)
    #expect(ledger.takeNews().reports[Self.owners[0]]?.boundPorts == ["p"])

    ledger = try Self.ledger(on: model)
    ledger.want(Self.owners[0], NorthboundWish(wanted))
    #expect(ledger.takeNews().reports[Self.owners[0]]?.boundPorts == ["p"])
  }

  /// Another writer, or ovn-northd that makes its row in a new database, was faster.
  @Test(arguments: [nil, 0, 7]) func aTransactionThatLostIsTriedAgainAsSoonAsTheOtherIsSeen(_ before: Int?) async throws
  {
    var model = NorthboundModel(try await Self.schema())
    model.count(before)
    var ledger = NorthboundLedger()
    ledger.want(Self.owners[0], NorthboundWish([LogicalSwitch(name: "s").fragment]))
    ledger.complete(ledger.observed(try model.replica, model.schema))
    let plan = try #require(ledger.next(ledger.observed(try model.replica, model.schema)))
    let stale = try model.replica
    model.count(before.map { $0 + 1 } ?? 0)
    let isDone = model.perform(plan.operations)
    #expect(!isDone)
    ledger.failed(plan, OVSDBError(.waitTimedOut, attempt: "transact", reason: "timed out"))
    #expect(ledger.next(ledger.observed(stale, model.schema))?.keys == nil)
    let second = try #require(ledger.next(ledger.observed(try model.replica, model.schema)))
    let isDoneNow = model.perform(second.operations)
    #expect(isDoneNow)
  }

  @Test func ofALongColumnOnlyTheDifferenceIsWritten() async throws {
    var model = NorthboundModel(try await Self.schema())
    var ledger = try Self.ledger(on: model)
    ledger.complete(ledger.observed(try model.replica, model.schema))
    func want(_ owner: Int, _ fragments: Set<RowFragment>) throws -> [OVSDB.Operation] {
      ledger.want(Self.owners[owner], NorthboundWish(fragments))
      let plan = try #require(ledger.next(ledger.observed(try model.replica, model.schema)))
      let isDone = model.perform(plan.operations)
      #expect(isDone)
      ledger.committed(plan)
      return plan.operations
    }
    func names(_ range: Range<Int>) -> RowFragment {
      .adding(
        Dictionary(uniqueKeysWithValues: range.map { ("h\($0)", "10.0.0.\($0)") }), to: "records", of: DNSTable.key("n")
      )
    }
    _ = try want(0, [DNSTable(id: "n").fragment, names(0..<200)])
    let changes = try want(1, [names(200..<201)])
    let mutations = changes.compactMap { if case .mutate("DNS", _, let mutations) = $0 { mutations } else { nil } }
    #expect(
      mutations == [
        [Mutation("records", .insert, ["h200": "10.0.0.200"].datum)]
      ])
    let observed = ledger.observed(try model.replica, model.schema)
    #expect(observed.rows(DNSTable.key("n")).first?["records"]?.map?.count == 201)
  }

  /// Compares the database with what is wanted, row by row.
  private static func verify(_ model: NorthboundModel, _ wanted: WantedRows) throws {
    let observed = ObservedRows(replica: try model.replica, schema: model.schema)
    for table in NorthboundTable.allCases {
      for (id, row) in model.tables[table.rawValue] ?? [:] {
        guard let name = Row(id: id, columns: row).mark else { continue }
        #expect(wanted.contains(NorthboundKey(table, name)), "\(table) \(name) is wanted by nobody")
      }
    }
    for key in wanted.keys {
      guard let row = wanted[key] else { continue }
      let found = observed.rows(key)
      let parents = row.parents.filter { wanted.contains($0.row) }
      guard key.table.holders.isEmpty || !parents.isEmpty else {
        #expect(found.isEmpty)
        continue
      }
      #expect(found.count == 1, "\(key) is there \(found.count) times")
      guard let found = found.first else { continue }
      for parent in parents {
        #expect(
          observed.rows(parent.row).first?[parent.column]?.contains(.uuid(found.id)) == true, "\(key) in \(parent)")
      }
      if case .set(let addresses)? = row.columns["addresses"] {
        #expect(found["addresses"] == Datum(set: addresses.map(\.atom)))
      }
      if case .map(let records)? = row.columns["records"] { #expect(found["records"] == records.datum) }
      if case .references(let ports)? = row.columns["ports"] {
        let ids = ports.flatMap { wanted.contains($0) ? observed.rows($0).map { Atom.uuid($0.id) } : [] }
        #expect(Set(found["ports"]?.atoms ?? []) == Set(ids), "ports of \(key)")
      }
    }
  }

  private static func changes(_ old: Replica, _ new: Replica) throws -> [RowChange] {
    var changes: [RowChange] = []
    for table in NorthboundTable.allCases.map(\.rawValue) {
      for id in Set(old.rows(table).keys).union(new.rows(table).keys) where old.row(table, id) != new.row(table, id) {
        changes.append(RowChange(table: table, id: id, old: old.row(table, id), new: new.row(table, id)))
      }
    }
    return changes
  }
}
