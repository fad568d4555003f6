import Glibc
import Lab

/// Measures what the project promises, beside peers and floors in the same minutes; see docs/benchmarks.md.
///
///     netloom-bench [--only NAME,NAME] [--quick] [--report FILE] [--note TEXT] [--programs FOLDER]
@main struct NetloomBench {
  private var only: Set<String> = []
  private var isQuick = false
  private var reportPath: String?
  private var notes: [String] = []
  private var folder: String

  static func main() async {
    do {
      let bench = try NetloomBench(CommandLine.arguments.dropFirst())
      exit(try await untilSignalled { try await bench.run() } ? 0 : 1)
    } catch {
      print("netloom-bench: \(error)")
      exit(2)
    }
  }

  private init(_ words: some Sequence<String>) throws {
    let executable = ProcessEnvironment.executable
    folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
    var words = words.makeIterator()
    func value(of option: String) throws -> String {
      guard let value = words.next() else { throw BenchmarkError("\(option) needs a value") }
      return value
    }
    while let word = words.next() {
      switch word {
      case "--only": only = Set(try value(of: word).split(separator: ",").map(String.init))
      case "--quick": isQuick = true
      case "--report": reportPath = try value(of: word)
      case "--note": notes.append(try value(of: word))
      case "--programs": folder = try value(of: word)
      default:
        throw BenchmarkError("unknown argument \(word)")
      }
    }
  }

  /// - Returns: whether everything could be measured.
  private func run() async throws -> Bool {
    Lab.sweep("bench")
    let programs = Laboratory.Programs(
      netloom: "\(folder)/netloom", plugin: "\(folder)/netloom-cni", stopwatch: "\(folder)/stopwatch")
    var report = Report(machine: try await Machine.facts() + notes)
    for fact in report.machine { say(fact) }
    var failures = 0
    for (name, benchmark) in benchmarks(programs) where only.isEmpty || only.contains(name) {
      do {
        try Task.checkCancellation()
        let section = try await benchmark()
        say("\n\(section.text)")
        report.sections.append(section)
      } catch {
        if Task.isCancelled { throw error }
        failures += 1
        say("\n\(name) failed: \(error)")
      }
    }
    if let reportPath, failures == 0 {
      try writeFile(Array(report.markdown(date: try await Machine.date()).utf8), to: reportPath)
      say("\nwritten to \(reportPath)")
    }
    return failures == 0
  }

  private func benchmarks(
    _ programs: Laboratory.Programs
  ) -> [(name: String, run: () async throws -> Section)] {
    func rounds(_ count: Int) -> Int { isQuick ? max(count / 10, 5) : count }
    return [
      ("start", { try await ProcessStart(programs: programs, rounds: rounds(300)).run() }),
      (
        "attach",
        {
          try await Laboratory.with(PodAttachment.topology, programs) {
            try await PodAttachment(laboratory: $0, rounds: rounds(100)).run()
          }
        }
      ),
      (
        "multiplexer",
        {
          try await Laboratory.with(PodAttachment.topology, programs) {
            try await MultiplexerSpeed(laboratory: $0, rounds: rounds(100)).run()
          }
        }
      ),
      ("compiler", { try CompilerCost(rounds: rounds(101), isQuick: isQuick).run() }),
      (
        "scale",
        {
          try await Laboratory.with(Scale.topology, programs) {
            try await Scale(laboratory: $0, services: isQuick ? 100 : 1000).run()
          }
        }
      ),
      ("allocator", { try AllocatorSpeed().run() }),
      (
        "storm",
        {
          try await Laboratory.with(TwoNetworks.topology(hosts: 5), programs) {
            try await Storm(laboratory: $0, pods: isQuick ? 200 : 1000).run()
          }
        }
      ),
      (
        "churn",
        {
          try await Laboratory.with(TwoNetworks.topology(hosts: 5), programs) {
            try await Churn(laboratory: $0, pods: isQuick ? 200 : 1000, rounds: rounds(200)).run()
          }
        }
      ),
      (
        "outage",
        {
          try await Laboratory.with(TwoNetworks.topology(hosts: 2), programs) {
            try await Outage(laboratory: $0, pings: 10_000).run()
          }
        }
      ),
      (
        "agent",
        {
          try await Laboratory.with(PodAttachment.topology, programs) {
            try await AgentMemory(laboratory: $0, pods: rounds(110)).run()
          }
        }
      ),
      (
        "overlay",
        {
          try await Laboratory.with(OverlayPlatform.topology(hosts: [OverlayPlatform.host]), programs) {
            try await OverlaySpeed(laboratory: $0, rounds: rounds(200)).run()
          }
        }
      ),
      (
        "networks",
        {
          try await Laboratory.with(OverlayPlatform.topology(hosts: []), programs) {
            try await NetworkScale(
              laboratory: $0, sizes: isQuick ? [10, 30, 100] : [10, 30, 100, 300, 1000], rounds: isQuick ? 2 : 5
            ).run()
          }
        }
      ),
      (
        "restart",
        {
          try await Laboratory.with(OverlayPlatform.topology(hosts: []), programs) {
            try await OperatorRestart(
              laboratory: $0, networks: ManyNetworks(count: isQuick ? 100 : 1000, podsEach: 10), rounds: isQuick ? 2 : 5
            ).run()
          }
        }
      ),
      ("json", { try await JSONSpeed(rounds: rounds(20)).run() }),
      (
        "ovsdb",
        {
          try await Laboratory.with(PodAttachment.topology, programs) {
            try await OVSDBSpeed(laboratory: $0, rounds: rounds(500)).run()
          }
        }
      ),
      (
        "apiserver",
        {
          try await Laboratory.with(PodAttachment.topology, programs) {
            try await APIServerSpeed(laboratory: $0, writes: isQuick ? 200 : 2000).run()
          }
        }
      ),
    ]
  }
}

/// Prints a line at once, also into a pipe.
private func say(_ line: String) {
  print(line)
  fflush(nil)
}
