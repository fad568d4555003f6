import JSON
import Logging
import OVNEngine
import OVNModel
import OVSDB

/// Many networks without a VLAN, with a pod each: what it costs to write them into OVN's northbound database.
struct NetworkScale {
  let laboratory: Laboratory
  /// How many at once, ascending; the last is what the bounds are about.
  let sizes: [Int]
  let rounds: Int

  private var most: Int { sizes.last ?? 0 }

  func run() async throws -> Section {
    var section = Section(
      title: "\(most) networks without a VLAN, with a pod each",
      method:
        "What is written is OVN's northbound database: a switch and a port each; done is what is committed. The engine "
        + "alone is told of all at once, \(rounds) rounds, and, once they are there, of one more at a time; OVN has "
        + "carried everything on between the rounds. The operator is started when all objects are at the API server "
        + "already, and no agent is there. A program a step: `ls-add`, and the four `ovn-nbctl` that OVN4NFV runs for a "
        + "pod's port, without its waiting for the chassis.")
    guard let database = try laboratory.lab.central?.remotes(of: .northbound) else {
      throw BenchmarkError("the lab has no OVN")
    }
    try await writeDirectly(database, &section)
    try commands(database, &section)
    return try await laboratory.withAPIServer { [section] client, _ in
      var section = section
      try await runOperator(OverlayPlatform(laboratory, client), &section)
      return section
    }
  }

  // MARK: - The engine alone

  private func writeDirectly(_ database: String, _ section: inout Section) async throws {
    let watch = try NorthboundWatch(database)
    defer { watch.stop() }
    let writer = try NorthboundWriter(database, laboratory.logger)
    let (together, single, transactions) = try await writer.run { writer in
      var (together, single): ([Measurements], [Measurements]) = ([], [])
      var transactions = 0
      for size in sizes {
        let networks = ManyNetworks(count: size + 1, podsEach: 1)
        let all = (0..<size).reduce(into: [:]) { $0.merge(networks.wanted($1)) { $1 } }
        var (times, one) = (Measurements(), Measurements())
        for _ in 0..<rounds {
          let before = watch.transactions
          times.append(try await writer.write(all).microseconds / Double(size))
          transactions = watch.transactions - before
          try await writer.rest()
          for _ in 0..<5 {
            one.append(try await writer.write(networks.wanted(size)).microseconds)
            try await writer.rest()
            _ = try await writer.write(networks.wanted(size).mapValues { _ in [] })
            try await writer.rest()
          }
          _ = try await writer.write(all.mapValues { _ in [] })
          try await writer.rest()
        }
        together.append(times)
        single.append(one)
      }
      return (together, single, transactions)
    }
    let first = "a network of \(sizes[0]) at once"
    for (size, times) in zip(sizes, together) {
      section.figures.append(
        Figure("a network of \(size) at once", times, "us", peer: size == sizes[0] ? nil : first))
    }
    let raw = try rawWrite(database)
    let total = (together.last?.median ?? 0) * Double(most) / 1_000_000
    section.figures.append(
      Figure(
        "all \(most) at once", total, "s", peer: "the same by one raw transaction",
        remark: "\(transactions) transactions"))
    section.figures.append(Figure("the same by one raw transaction", raw, "s"))
    let alone = "one more beside \(sizes[0])"
    for (size, times) in zip(sizes, single) {
      section.figures.append(Figure("one more beside \(size)", times, "us", peer: size == sizes[0] ? nil : alone))
    }
    section.bounds += [
      Bound(claim: "\(most) networks and ports in the northbound database", limit: 1, found: total, unit: "s"),
      Bound(claim: "transactions for that", limit: 1, found: Double(transactions), unit: ""),
      Bound(
        claim: "a network of \(most) at once, against one of \(sizes[0])", limit: 1.2,
        found: (together.last?.median ?? 0) / (together.first?.median ?? 1), unit: "times"),
    ]
  }

  /// The floor: the same rows, by who has nothing to compare.
  private func rawWrite(_ database: String) throws -> Double {
    let connection = try RawOVSDB(database)
    let operations = (0..<most).flatMap { number in
      RawPort(number: number, logicalSwitch: "test/raw\(number)").declarationWithSwitch("port\(number)")
    }
    let request = JSONValue.array(["OVN_Northbound"] + operations)
    var times = Measurements()
    for _ in 0..<rounds {
      times.append(try time { _ = try connection.answer(to: connection.send("transact", request)) }.seconds)
      let removal: JSONValue = ["op": "delete", "table": "Logical_Switch", "where": []]
      _ = try connection.answer(to: connection.send("transact", ["OVN_Northbound", removal]))
    }
    return times.median
  }

  // MARK: - A program a step

  private func commands(_ database: String, _ section: inout Section) throws {
    func run(_ words: [String]) throws { try OverlayPlatform.run("ovn-nbctl", database, words) }
    for size in sizes where size <= 100 {
      let names = (0..<size).map { "test/c\($0)" }
      let taken = try time {
        for (number, name) in names.enumerated() {
          try run(["--may-exist", "ls-add", name])
          for words in RawPort(number: number, logicalSwitch: name).northboundCommands { try run(words) }
        }
      }
      let each = taken.milliseconds / Double(size)
      section.figures.append(
        Figure(
          "a network of \(size), a program a step", each, "ms",
          remark: "\(most) would take \(short(each * Double(most) / 1000)) s at this cost"))
      try run(Array(names.map { ["ls-del", $0] }.joined(separator: ["--"])))
    }
  }

  // MARK: - The operator

  private func runOperator(_ platform: OverlayPlatform, _ section: inout Section) async throws {
    let networks = ManyNetworks(count: most, podsEach: 1)
    try await networks.declare(platform.client)
    let watch = try NorthboundWatch(platform.northbound)
    defer { watch.stop() }
    let start = ContinuousClock.now
    let process = try await platform.startOperator()
    let ready = ContinuousClock.now
    let first = try await watch.moment(ofRows: 1)
    let last = try await watch.moment(ofRows: networks.rows)
    try await networks.settled(platform.client)
    let settled = ContinuousClock.now
    let memory = ProcessMemory(of: process)
    section.figures += [
      Figure("the operator, from its start until it is ready", (ready - start).seconds, "s"),
      Figure("until its first write", (first - start).seconds, "s"),
      Figure(
        "until all is written", (last - start).seconds, "s", remark: "\(watch.transactions) transactions"),
      Figure("until every object is ready and every pod has its address", (settled - start).seconds, "s"),
      Figure("memory of the operator", memory),
    ]
    section.bounds += [
      Bound(
        claim: "\(most) networks and ports by the operator, from its first write to its last", limit: 1,
        found: (last - first).seconds, unit: "s"),
      Bound(
        claim: "memory of the operator with \(most) networks without a VLAN", limit: 100, found: memory.resident,
        unit: "MB"),
    ]
  }
}
