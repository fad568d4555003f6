import Glibc
import JSON

/// One call of the plugin.
struct Shim {
  private let input: [UInt8]
  private let command = variable("CNI_COMMAND")

  init() { input = readAll(from: 0) }

  /// Does what `CNI_COMMAND` says and returns the exit status.
  func run() -> Int32 {
    var version: JSONValue?
    do throws(PluginError) {
      let configuration = try parseConfiguration()
      version = configuration["cniVersion"]
      if command == "VERSION" {
        let answer: JSONValue = [
          "cniVersion": version ?? PluginError.latestVersion,
          "supportedVersions": .array(PluginError.supportedVersions),
        ]
        write(answer.serialized() + newline, to: 1)
        return 0
      }
      let answer = try askAgent(configuration)
      write(answer.standardOutput, to: 1)
      return answer.status
    } catch {
      write(error.json(version: version).serialized() + newline, to: 1)
      return 1
    }
  }

  private func parseConfiguration() throws(PluginError) -> JSONValue {
    do {
      return try JSONValue(parsing: input)
    } catch {
      // VERSION may come without any input.
      if input.isEmpty && command == "VERSION" { return [:] }
      throw PluginError(code: 6, message: "the network configuration is not JSON", details: "\(error)")
    }
  }

  private func askAgent(_ configuration: JSONValue) throws(PluginError) -> (status: Int32, standardOutput: [UInt8]) {
    let path =
      variable("NETLOOM_SOCKET") ?? configuration["socket"]?.string ?? configuration["ipam"]?["socket"]?.string
      ?? "/run/netloom/agent.sock"
    let request: JSONValue = [
      "plugin": .string(programName()),
      "command": .string(command ?? ""), "containerID": .string(variable("CNI_CONTAINERID") ?? ""),
      "netns": .string(variable("CNI_NETNS") ?? ""), "ifname": .string(variable("CNI_IFNAME") ?? ""),
      "args": .string(variable("CNI_ARGS") ?? ""), "path": .string(variable("CNI_PATH") ?? ""),
      "config": configuration,
    ]
    let connection = try connect(to: path)
    defer { close(connection) }
    guard send(request.serialized(), to: connection) else {
      throw .agentUnavailable(path, "sending the request failed: \(String(cString: strerror(errno)))", command: command)
    }
    shutdown(connection, Int32(SHUT_WR))
    let bytes = readAll(from: connection)
    guard let answer = try? JSONValue(parsing: bytes), let status = answer["exit"]?.integer,
      let output = answer["stdout"]?.string
    else { throw .agentUnavailable(path, "it closed the connection without an answer", command: command) }
    return (status == 0 ? 0 : 1, Array(output.utf8))
  }

  private func connect(to path: String) throws(PluginError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw PluginError(
        code: 7, message: "invalid field \"socket\" in the network configuration",
        details: "\"\(path)\" is not the path of a unix socket: it must have 1 to 107 bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let connected = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if descriptor < 0 || connected < 0 {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw .agentUnavailable(path, reason, command: command)
    }
    return descriptor
  }
}

private let newline: [UInt8] = [10]

private func variable(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}

/// The name of the file that was called: which plugin it is to be.
private func programName() -> String {
  let path = CommandLine.arguments.first ?? ""
  return path.split(separator: "/").last.map(String.init) ?? ""
}

/// Reads to the end of file; what cannot be read counts as the end.
private func readAll(from descriptor: Int32) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64 * 1024)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    if count <= 0 { return bytes }
    bytes += buffer[..<count]
  }
}

/// Nobody is left to hear of a failure to write to standard output: the exit status says it all.
private func write(_ bytes: [UInt8], to descriptor: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    if count < 0 { return }
    rest = rest.dropFirst(count)
  }
}

/// Without SIGPIPE, which would end the plugin before it could say what is wrong.
private func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count < 0 && errno == EINTR { continue }
    if count < 0 { return false }
    rest = rest.dropFirst(count)
  }
  return true
}
