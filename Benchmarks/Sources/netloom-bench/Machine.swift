import Glibc
import Netlink

/// What the figures were measured on.
enum Machine {
  /// One line a fact.
  static func facts() async throws -> [String] {
    let processor = lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    let memory = lines(of: "/proc/meminfo").first { $0.hasPrefix("MemTotal") }?.split(separator: " ")
      .compactMap { Double($0) }.first
    let load = lines(of: "/proc/loadavg").first?.split(separator: " ").first
    var facts = [
      "processor: \(processor.map { $0.trimmingPrefix(" ") } ?? "unknown"), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) "
        + "cores; \(short((memory ?? 0) / 1_048_576)) GB of memory; load at the start \(load ?? "unknown")",
      "kernel \(try await firstLine("uname", "-sr"))",
    ]
    for (program, argument) in [("swift", "--version"), ("ovs-vswitchd", "--version"), ("python3", "--version")] {
      facts.append(try await firstLine(program, argument))
    }
    facts.append(try await firstLine("dpkg-query", "-W", "-f", "${Package} ${Version}", "containernetworking-plugins"))
    return facts
  }

  /// Today, in UTC.
  static func date() async throws -> String { try await firstLine("date", "-u", "+%Y-%m-%d") }

  private static func firstLine(_ program: String, _ arguments: String...) async throws -> String {
    let outcome = try await NamespaceProcess.run(ProcessCommand(program, arguments))
    let text = outcome.text.isEmpty ? outcome.errorText : outcome.text
    return text.split(separator: "\n").first.map(String.init) ?? "\(program): unknown"
  }

  private static func lines(of path: String) -> [Substring] {
    String(decoding: readFile(path), as: UTF8.self).split(separator: "\n")
  }
}

/// What a running process has.
struct ProcessMemory: Sendable {
  /// In memory now, in MB.
  let resident: Double
  /// Of that what is its own, in MB: the rest are pages of the program, which processes of one program share.
  let anonymous: Double
  /// The most that was in memory at a time, in MB.
  let peak: Double

  init(of process: Int32) {
    let lines = String(decoding: readFile("/proc/\(process)/status"), as: UTF8.self).split(separator: "\n")
    func megabytes(_ name: String) -> Double {
      let words = lines.first { $0.hasPrefix(name) }?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
      return words.count > 1 ? (Double(words[1]) ?? 0) / 1024 : 0
    }
    resident = megabytes("VmRSS:")
    anonymous = megabytes("RssAnon:")
    peak = megabytes("VmHWM:")
  }
}

extension Figure {
  /// The memory of a process.
  init(_ what: String, _ memory: ProcessMemory) {
    self.init(what, memory.resident, "MB", remark: "\(short(memory.anonymous)) MB of it its own")
  }
}

/// A whole file; empty when it cannot be read.
func readFile(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "re") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64 << 10)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
  return bytes
}

/// Replaces a file.
func writeFile(_ bytes: [UInt8], to path: String) throws {
  guard let file = fopen(path, "we"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
    throw BenchmarkError("cannot write \(path): \(String(cString: strerror(errno)))")
  }
}

/// Why something could not be measured.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
