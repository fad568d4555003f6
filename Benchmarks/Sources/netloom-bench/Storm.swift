import KubernetesClient
import KubernetesModel

/// Many pods at once, for exactly as many addresses; then all of them go at once.
struct Storm {
  let laboratory: Laboratory
  let pods: Int

  /// How long an address rests.
  static let quarantine = 2

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      let platform = TwoNetworks(laboratory: laboratory, client: client, size: pods)
      try await platform.start(quarantine: Self.quarantine)
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
    let (platform, ledger) = (crowd.platform, crowd.ledger)
    var section = Section(
      title: "\(pods) pods at once, and exactly as many addresses",
      method:
        "Two interfaces each, on \(platform.hosts.count) nodes; both subnets have \(pods) addresses for pods. Created "
        + "over the API, 32 requests at a time, by somebody else than Netloom; one pod in ten gets a sandbox as soon as "
        + "it is created: two ADDs by the plugin, the agent and Open vSwitch of its node, and a ping to another one on "
        + "each network. Writes are counted by what a watch tells of the pods, and by the versions of all objects, the "
        + "creates left out. spiderpool publishes 207 s for as many pods and addresses and one interface, kube-ovn 405 s, "
        + "and whereabouts did not come to an end (845 of 1000 after 2280 s): ten machines, until the pods run.")
    let before = try await platform.version()
    let start = ContinuousClock.now
    async let told: Duration = {
      try await ledger.waitUntilSettled(pods)
      return ContinuousClock.now - start
    }()
    let sandboxes = try await crowd.replace([], by: crowd.members)
    let attached = ContinuousClock.now - start
    section.figures.append(Figure("until all \(pods) have their addresses", try await told.seconds, "s"))
    section.figures.append(Figure("until \(sandboxes.count) of them are attached", attached.seconds, "s"))
    let deaf = try await crowd.unreachable(sandboxes)
    try await platform.wait(forUsed: pods)
    let duplicates = await ledger.duplicates()
    let writes = Double(await ledger.changes) / Double(pods)
    let all = Double(try await platform.version() - before - pods) / Double(pods)
    section.figures.append(
      Figure("writes of Netloom to a pod", writes, "", remark: "all its writes: \(short(all)) a pod"))

    let removed = try await time {
      _ = try await crowd.replace(crowd.members, by: [], sandboxes: sandboxes)
      try await platform.wait(forUsed: 0)
    }
    section.figures.append(Figure("deleted at once, until no address is in use", removed.seconds, "s"))
    let stray = try crowd.strayPorts([:])
    try await Task.sleep(for: .seconds(Self.quarantine))
    let again = try await time {
      _ = try await crowd.replace([], by: crowd.members.map(\.successor).filter { !$0.hasSandbox })
      let others = crowd.members.filter(\.hasSandbox).count
      try await ledger.waitUntilSettled(pods - others)
    }
    section.figures.append(Figure("the same again after the quarantine, without sandboxes", again.seconds, "s"))
    let faults = duplicates + deaf + stray + (await ledger.duplicates())
    if !faults.isEmpty { section.figures.append(Figure("faults", Double(faults.count), "", remark: faults[0])) }
    section.bounds = [
      Bound(
        claim: "duplicate addresses, pods that cannot be reached, ports left behind", limit: 0,
        found: Double(faults.count), unit: ""),
      Bound(claim: "writes of Netloom to a pod", limit: 1, found: writes, unit: ""),
    ]
    return section
  }
}
