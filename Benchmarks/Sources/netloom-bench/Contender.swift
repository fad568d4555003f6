/// One who attaches pods and detaches them, in turns with others.
struct Contender {
  var name: String
  var add: () throws -> Void
  var delete: () throws -> Void

  /// What ADD and DEL of each took, in milliseconds.
  typealias Times = (add: Measurements, delete: Measurements)

  /// All of them do it so many times, in turns.
  static func race(_ contenders: [Contender], rounds: Int) async throws -> [Times] {
    var times: [Times] = contenders.map { _ in (.init(), .init()) }
    for round in 0..<(rounds + 3) {
      for (number, contender) in contenders.enumerated() {
        let add = try time(contender.add)
        let delete = try time(contender.delete)
        // The first rounds load programs and open tables.
        if round >= 3 {
          times[number].add.append(add.milliseconds)
          times[number].delete.append(delete.milliseconds)
        }
        // Nobody pays for what another's DEL leaves to the kernel and the switch.
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    return times
  }

  /// A line each for ADD and DEL; the first one is compared with the one of that number.
  static func figures(_ contenders: [Contender], _ times: [Times], peer: Int) -> [Figure] {
    ["ADD", "DEL"].flatMap { command in
      zip(contenders, times).enumerated().map { number, entry in
        Figure(
          "\(command) by \(entry.0.name)", command == "ADD" ? entry.1.add : entry.1.delete, "ms",
          peer: number == 0 ? "\(command) by \(contenders[peer].name)" : nil)
      }
    }
  }
}
