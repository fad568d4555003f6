// stopwatch ROUNDS INPUT [NAME=VALUE ...] -- PROGRAM ...
//
// Runs each program once a round and prints a line a run: which program, nanoseconds, kilobytes. It is small and static
// because the kernel counts what a process has as the peak of every program that it starts.

import Glibc
import Launching

let words = CommandLine.arguments.dropFirst()
guard words.count > 2, let rounds = Int(words[1]), let dashes = words.firstIndex(of: "--") else {
  print("usage: stopwatch ROUNDS INPUT [NAME=VALUE ...] -- PROGRAM ...")
  exit(2)
}
let programs = words[(dashes + 1)...].map { path in
  Program(path, environment: Array(words[3..<dashes]), input: words[2])
}
for _ in 0..<rounds {
  for (number, program) in programs.enumerated() {
    guard let run = program.run(), run.status == 0 else {
      print("failed \(program.path)")
      exit(1)
    }
    print(number, run.nanoseconds, run.peakKilobytes)
  }
}
