/// One pod on an overlay, from its creation at the API server until ovn-controller has its flows in place: by Netloom, by
/// the same rows and nothing above them, and by a program a step.
struct OverlaySpeed {
  let laboratory: Laboratory
  let rounds: Int

  /// How long everything rests between two pods: OVN goes on working after what a watch can see.
  static let pause = Duration.milliseconds(100)

  private typealias Ways = [PortTime: Measurements]

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      let platform = try OverlayPlatform(laboratory, client)
      try await platform.start()
      let moments = try PortMoments(platform)
      defer { moments.stop() }
      return try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await moments.follow(client, namespace: "test") }
        return try await measure(OverlayPods(platform, moments), RawPorts(platform, moments))
      }
    }
  }

  private func measure(_ pods: OverlayPods, _ raw: RawPorts) async throws -> Section {
    var (ours, floor, commands, soon, late) = (Ways(), Ways(), Ways(), Ways(), Ways())
    // The first rounds load programs and open tables.
    for round in -3..<rounds {
      try await Self.race(&ours, round) { try await raw.pod(round + 3) }
      try await Self.race(&floor, round) { try await raw.write(round + 3) }
      try await Self.race(&commands, round) { try await raw.command(round + 3) }
      try await Self.race(&soon, round) { try await pods.run(round + 3, isAwaited: false) }
      try await Self.race(&late, round) { try await pods.run(round + 3, isAwaited: true) }
    }
    var section = section(ours, floor, commands)
    add(soon, late, to: &section)
    return section
  }

  private static func race(_ ways: inout Ways, _ round: Int, _ run: () async throws -> PortTimes) async throws {
    for (part, value) in try await run() where round >= 0 { ways[part, default: .init()].append(value) }
    try await Task.sleep(for: pause)
  }

  private func section(_ ours: Ways, _ floor: Ways, _ commands: Ways) -> Section {
    var section = Section(
      title: "One pod on an overlay",
      method:
        "From the moment when a watch shows the new pod until ovn-controller has set `ovn-installed` on its interface, "
        + "\(rounds) pods in turns; the interface is put on the switch at that moment, by one raw transaction. `netloom`: "
        + "the operator gives the pod its addresses and its rows in the northbound database. OVN itself: the same rows "
        + "are written at that moment too (the port, its place on the switch, its name), by one raw transaction. A "
        + "program a step: the four `ovn-nbctl` that OVN4NFV runs, and its `ovs-vsctl`. What is ours is the difference "
        + "between the first two. ADD: by the multiplexer, "
        + "with one more plugin of others (`loopback`) as the cluster's network; it begins as soon as the pod is seen, "
        + "or when OVN has had the port for a while.")
    let (mine, least) = (ours[.installed] ?? .init(), floor[.installed] ?? .init())
    let until = "until `ovn-installed`"
    section.figures = [
      Figure("\(until), netloom", mine, "ms", peer: "\(until), OVN itself"),
      Figure("\(until), OVN itself", least, "ms"),
      Figure("\(until), a program a step", commands[.installed] ?? .init(), "ms", peer: "\(until), OVN itself"),
      Figure("\(until), p99 of netloom", mine.quantile(0.99), "ms", peer: "\(until), p99 of OVN itself"),
      Figure("\(until), p99 of OVN itself", least.quantile(0.99), "ms"),
      Figure("of that ours", mine.median - least.median, "ms"),
    ]
    for (what, part) in [("northbound", PortTime.declared), ("southbound", .translated)] {
      for (name, ways) in [("netloom", ours), ("OVN itself", floor)] {
        section.figures.append(Figure("until the \(what) database has the port, \(name)", ways[part] ?? .init(), "ms"))
      }
    }
    section.figures.append(Figure("until the pod has its addresses", ours[.addresses] ?? .init(), "ms"))
    section.bounds = [("p50", 0.5), ("p99", 0.99)].map { name, share in
      Bound(
        claim: "a pod on an overlay \(until), against OVN itself, \(name)", limit: 1.3,
        found: mine.quantile(share) / least.quantile(share), unit: "times")
    }
    section.bounds.append(Bound(claim: "of that ours", limit: 2, found: mine.median - least.median, unit: "ms"))
    return section
  }

  private func add(_ soon: Ways, _ late: Ways, to section: inout Section) {
    for (name, ways) in [("at once", soon), ("later", late)] {
      section.figures += [
        Figure("ADD, \(name)", ways[.ended] ?? .init(), "ms"),
        Figure("of that not the wait for `ovn-installed`", ways[.unwaited] ?? .init(), "ms"),
      ]
    }
  }
}
