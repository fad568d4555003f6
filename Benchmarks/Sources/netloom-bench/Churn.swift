import KubernetesClient
import KubernetesModel

/// Pods that go and come, a tenth of all at a time, while there are exactly as many addresses as pods.
struct Churn {
  let laboratory: Laboratory
  let pods: Int
  let rounds: Int

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      let platform = TwoNetworks(laboratory: laboratory, client: client, size: pods)
      try await platform.start(quarantine: 2)
      let ledger = PodLedger(networks: TwoNetworks.names.count)
      let crowd = try await PodCrowd(platform, ledger)
      return try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await ledger.follow(client, namespace: "test") }
        return try await measure(crowd)
      }
    }
  }

  private func measure(_ crowd: PodCrowd) async throws -> Section {
    var members = crowd.members
    var sandboxes = try await crowd.replace([], by: members)
    try await crowd.ledger.waitUntilSettled(pods)
    var random = Shuffling(seed: 1)
    var times = Measurements()
    var faults: [String] = []
    for _ in 0..<rounds {
      members.shuffle(using: &random)
      let leaving = Array(members.prefix(pods / 10))
      let arriving = leaving.map(\.successor)
      let taken = try await time {
        let attached = try await crowd.replace(leaving, by: arriving, sandboxes: sandboxes)
        for member in leaving { sandboxes[member.container] = nil }
        sandboxes.merge(attached) { $1 }
        try await crowd.ledger.waitUntilSettled(pods)
      }
      members.replaceSubrange(..<leaving.count, with: arriving)
      times.append(taken.milliseconds)
      faults += try await crowd.ledger.duplicates() + crowd.strayPorts(sandboxes)
    }
    faults += try await crowd.unreachable(sandboxes)
    try await crowd.platform.wait(forUsed: pods)
    var section = Section(
      title: "\(rounds) rounds of 10 % churn",
      method:
        "The \(pods) pods as before. In a round a tenth of them, chosen at random, are deleted and as many created, "
        + "half of these with the same name; a tenth of them have sandboxes. A round is over when all pods have their "
        + "addresses and networks; then no address may be with two pods, and the switches may have the ports of the pods "
        + "that there are and no others. As there are no more addresses than pods, one that a pod had kept beyond its end "
        + "would leave another without. At the end each sandbox pings another.")
    section.figures.append(Figure("a round", times, "ms", remark: "\(pods / 10) pods go, \(pods / 10) come"))
    if !faults.isEmpty { section.figures.append(Figure("faults", Double(faults.count), "", remark: faults[0])) }
    section.bounds = [
      Bound(
        claim: "breaches of the invariant in \(rounds) rounds of churn", limit: 0, found: Double(faults.count), unit: ""
      )
    ]
    return section
  }
}

/// The same order in every run (Knuth, MMIX).
private struct Shuffling: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 32
  }
}
