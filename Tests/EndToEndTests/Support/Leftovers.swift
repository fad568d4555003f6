import Files

@testable import Lab

/// What is left on the machine of a lab that was taken down.
enum Leftovers {
  /// Files, mounts and processes that name the folder, one line each.
  static func of(_ directory: LabDirectory) -> [String] {
    let mark = directory.path
    var found = Files.entries(of: mark).map { "file \(mark)/\($0)" }
    found += text("/proc/self/mountinfo").split(separator: "\n").filter { $0.contains("\(mark)/") }.map {
      "mount \($0)"
    }
    for process in Files.entries(of: "/proc") where process.allSatisfy(\.isNumber) {
      let command = text("/proc/\(process)/cmdline").replacing("\0", with: " ")
      if command.contains("\(mark)/") { found.append("process \(process) \(command)") }
    }
    return found
  }

  /// Empty for a process that has ended meanwhile.
  private static func text(_ path: String) -> String {
    (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
