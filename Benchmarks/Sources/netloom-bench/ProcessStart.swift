import JSON
import Netlink

/// How long the plugin takes to start and say its versions, and what memory it needs for that.
struct ProcessStart {
  let programs: Laboratory.Programs
  let rounds: Int

  func run() async throws -> Section {
    let names = ["/bin/true", "netloom-cni", "reference bridge"]
    let input = "/tmp/netloom-bench-\(ProcessID.current).json"
    let configuration: JSONValue = ["cniVersion": "1.0.0", "name": "test", "type": "netloom"]
    try writeFile(configuration.serialized(), to: input)
    defer { removeFile(input) }
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(
        programs.stopwatch,
        ["\(rounds)", input, "CNI_COMMAND=VERSION", "--", "/bin/true", programs.plugin, "/usr/lib/cni/bridge"]))
    guard outcome.isSuccess else { throw BenchmarkError("stopwatch: \(outcome.text) \(outcome.errorText)") }
    var times = [Measurements](repeating: .init(), count: names.count)
    var peaks = times
    for line in outcome.text.split(separator: "\n") {
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 3 else { throw BenchmarkError("stopwatch printed: \(line)") }
      times[numbers[0]].append(Double(numbers[1]) / 1_000_000)
      peaks[numbers[0]].append(Double(numbers[2]) / 1024)
    }
    var section = Section(
      title: "Start of the plugin",
      method:
        "`CNI_COMMAND=VERSION`, \(rounds) rounds: from before `posix_spawn` to after `wait4`. The memory is `ru_maxrss`."
    )
    for (name, time) in zip(names, times) {
      section.figures.append(Figure("\(name) VERSION", time, "ms", peer: name == names[0] ? nil : "/bin/true VERSION"))
    }
    for (name, peak) in zip(names, peaks) { section.figures.append(Figure("\(name) memory", peak, "MB")) }
    section.bounds = [
      Bound(
        claim: "`netloom-cni` VERSION against `/bin/true`", limit: 2, found: times[1].median / times[0].median,
        unit: "times"),
      Bound(claim: "memory of `netloom-cni`", limit: 5, found: peaks[1].median, unit: "MB"),
    ]
    return section
  }
}
