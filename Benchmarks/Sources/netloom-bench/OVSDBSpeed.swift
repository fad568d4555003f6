import JSON
import OVSDB

/// What the OVSDB client adds to what the server takes.
struct OVSDBSpeed {
  let laboratory: Laboratory
  let rounds: Int

  /// How many requests are under way at a time when they are not sent one after the other.
  private static let inFlight = 100

  func run() async throws -> Section {
    let path = laboratory.database(of: "worker")
    let client = OVSDBClient(
      .init(endpoint: try Endpoint(parsing: "unix:\(path)"), database: "Open_vSwitch", tables: []),
      logger: laboratory.logger)
    let raw = try RawOVSDB(path)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      defer { group.cancelAll() }
      try await client.waitUntilSynchronized()
      var section = Section(
        title: "OVSDB",
        method:
          "One `select` a transaction, \(rounds) rounds in turns: the client, and a thread that blocks on a socket. "
          + "In a pipeline: \(Self.inFlight) under way at a time.")
      let (ours, floor) = try await roundTrips(client, raw)
      section.figures.append(Figure("round trip", ours, "µs", peer: "round trip, raw socket"))
      section.figures.append(Figure("round trip, raw socket", floor, "µs"))
      let (piped, pipedFloor) = try await pipelines(client, raw)
      section.figures.append(Figure("in a pipeline", piped.median, "/s", peer: "in a pipeline, raw socket"))
      section.figures.append(Figure("in a pipeline, raw socket", pipedFloor.median, "/s"))
      return section
    }
  }

  private let selection = Operation.select(table: "Open_vSwitch", where: [], columns: ["next_cfg"])
  private var request: JSONValue { ["Open_vSwitch", selection.json] }

  private func roundTrips(_ client: OVSDBClient, _ raw: RawOVSDB) async throws -> (Measurements, Measurements) {
    var (ours, floor) = (Measurements(), Measurements())
    for _ in 0..<rounds {
      ours.append(try await time { try await client.transact([selection]) }.microseconds)
      floor.append(try time { _ = try raw.answer(to: raw.send("transact", request)) }.microseconds)
    }
    return (ours, floor)
  }

  private func pipelines(_ client: OVSDBClient, _ raw: RawOVSDB) async throws -> (Measurements, Measurements) {
    var (ours, floor) = (Measurements(), Measurements())
    for _ in 0..<max(rounds / 20, 5) {
      let taken = try await time {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<(10 * Self.inFlight) {
            if number >= Self.inFlight { try await group.next() }
            group.addTask { try await client.transact([selection]) }
          }
          try await group.waitForAll()
        }
      }
      ours.append(Double(10 * Self.inFlight) / taken.seconds)
      let rawTaken = try time {
        for _ in 0..<10 {
          var last: Int64 = 0
          for _ in 0..<Self.inFlight { last = try raw.send("transact", request) }
          _ = try raw.answer(to: last)
        }
      }
      floor.append(Double(10 * Self.inFlight) / rawTaken.seconds)
    }
    return (ours, floor)
  }
}
