import KubernetesClient
import KubernetesModel
import Lab
import Netlink

/// What pods notice when everything of Netloom and the API server are killed and started again.
struct Outage {
  let laboratory: Laboratory
  /// How many pings, a millisecond apart.
  let pings: Int

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      let platform = TwoNetworks(laboratory: laboratory, client: client, size: 3)
      try await platform.start(quarantine: 60)
      let crowd = try await PodCrowd(platform, PodLedger(networks: TwoNetworks.names.count))
      // On two hosts: the packets cross the leaf switch.
      let sandboxes = try await crowd.replace([], by: [.init(number: 0), .init(number: 10)])
      guard try await crowd.unreachable(sandboxes).isEmpty else {
        throw BenchmarkError("the pods do not reach each other before anything was killed")
      }
      let pair = Array(sandboxes.values)
      let ping = try await NamespaceProcess.start(
        ProcessCommand("ping", ["-q", "-n", "-i", "0.001", "-c", "\(pings)", pair[1].addresses[0]]),
        in: pair[0].namespace)
      let start = ContinuousClock.now
      let end = Task {
        let outcome = await ping.wait()
        return (outcome, ContinuousClock.now - start)
      }
      let restarted = try await time { try await restart(platform) }
      // When a new pod is attached all of them are at work again.
      let attached = try await time { _ = try await crowd.replace([], by: [.init(number: 20)]) }
      let busy = ContinuousClock.now - start
      let (outcome, pinged) = await end.value
      guard pinged > busy else {
        throw BenchmarkError("the pings were over after \(pinged), the restart after \(busy)")
      }
      return try section(outcome.text, restarted: restarted, attached: attached)
    }
  }

  /// Everybody at once, without warning.
  private func restart(_ platform: TwoNetworks) async throws {
    for name in ["operator"] + platform.hosts.map({ "agent-\($0)" }) + ["apiserver"] {
      await laboratory.crew.kill(name)
    }
    try await laboratory.startAPIServer()
    try await laboratory.startOperator("--quarantine", "60")
    for host in platform.hosts { try await laboratory.startAgent(of: host) }
  }

  /// From `10000 packets transmitted, 10000 received, 0% packet loss, time 10234ms`.
  private func section(_ report: String, restarted: Duration, attached: Duration) throws -> Section {
    let summary = report.split(separator: "\n").first { $0.contains("packets transmitted") } ?? ""
    let numbers = summary.split(whereSeparator: { $0 == " " || $0 == "," }).compactMap { Double($0) }
    guard numbers.count >= 2, numbers[0] == Double(pings) else { throw BenchmarkError("ping said: \(report)") }
    var section = Section(
      title: "The data path while everything else is killed",
      method:
        "A pod pings one on another node every millisecond. Meanwhile the operator, both agents and the API server are "
        + "killed (SIGKILL) and started again, and another pod is attached.")
    let lost = numbers[0] - numbers[1]
    section.figures = [
      Figure("packets lost", lost, "", remark: "of \(short(numbers[0]))"),
      Figure("killed, until all serve again", restarted.seconds, "s"),
      Figure("from then until another pod is attached", attached.seconds, "s"),
    ]
    section.bounds = [Bound(claim: "packets lost while everything is restarted", limit: 0, found: lost, unit: "")]
    return section
  }
}
