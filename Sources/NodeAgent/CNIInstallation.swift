import Files
import Glibc
import JSON

/// What container runtimes need to find the multiplexer: the plugins `netloom` and `netloom-ipam` in the folder of plugins,
/// and the first configuration in the folder of configurations. Nothing else in the two folders is touched.
public struct CNIInstallation: Sendable {
  /// Folder of CNI plugins.
  public var plugins: String
  /// Folder of CNI configurations.
  public var configurations: String
  /// Folder where it is written down what was installed.
  public var state: String
  /// Where the agent answers.
  public var socketPath: String
  /// The program that becomes the plugins.
  public var shim: String

  /// An installation; the shim lies beside the running program unless it is named.
  public init(plugins: String, configurations: String, state: String, socketPath: String, shim: String? = nil) {
    self.plugins = plugins
    self.configurations = configurations
    self.state = state
    self.socketPath = socketPath
    self.shim = shim ?? Self.siblingShim
  }

  /// Why it cannot be done, and what to do.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was attempted.
    public let attempt: String
    /// Why it failed, and what to do.
    public let reason: String

    public var description: String { "cannot \(attempt): \(reason)" }
  }

  /// Puts the files there, each as one step; the configuration last, when the plugins that it names can be run. A
  /// configuration that was changed by hand since stays as it is. Fails, without replacing anything, when a file of that name
  /// belongs to somebody else.
  public func install() throws {
    let earlier = try Manifest.load(manifestPath)
    guard let program = try Files.read(shim) else {
      throw Failure(attempt: "install the CNI plugins", reason: "there is no \(shim): it belongs beside netloom")
    }
    for path in pluginPaths where !earlier.files.contains(path) {
      if let present = try Files.read(path), present != program { throw foreign(path) }
    }
    let present = try Files.read(configurationPath)
    if let present, !earlier.files.contains(configurationPath), present != Array(configuration.utf8) {
      throw foreign(configurationPath)
    }
    // Written first: what is made afterwards can be found and removed.
    try Files.makeFolder(state)
    let manifest = Manifest(files: pluginPaths + [configurationPath], configuration: configuration)
    try Files.write(manifest.json.serialized(.pretty), to: manifestPath)
    try Files.makeFolder(plugins)
    try Files.makeFolder(configurations)
    for path in pluginPaths where try Files.read(path) != program { try Files.write(program, to: path, mode: 0o755) }
    if present == nil || present == earlier.configuration.map({ Array($0.utf8) }) {
      try Files.write(Array(configuration.utf8), to: configurationPath)
    }
  }

  /// Takes away what ``install()`` put there, the configuration first. Harmless when nothing is installed.
  public func remove() throws {
    for path in try Manifest.load(manifestPath).files.reversed() { try Files.remove(path) }
    try Files.remove(manifestPath)
  }

  /// The multiplexer's configuration list. Runtimes of CNI 1.1 take the newest of its versions, older ones know `cniVersion`
  /// alone. It claims the capabilities that the kubelet has arguments for, so that they reach the default network.
  private var configuration: String {
    // Runtimes of CNI 1.0.0, as Debian's containerd 1.6 is, read `cniVersion` alone and refuse results of another version.
    let list: JSONValue = [
      "cniVersion": "1.0.0", "cniVersions": ["0.4.0", "1.0.0", "1.1.0"], "name": "netloom",
      "plugins": [
        [
          "type": "netloom", "socket": .string(socketPath), "multiplexer": [:],
          "capabilities": ["portMappings": true, "bandwidth": true, "dns": true, "ipRanges": true, "aliases": true],
        ]
      ],
    ]
    return String(decoding: list.serialized(.pretty), as: UTF8.self) + "\n"
  }

  private var pluginPaths: [String] { ["netloom", "netloom-ipam"].map { "\(plugins)/\($0)" } }
  private var configurationPath: String { "\(configurations)/00-netloom.conflist" }
  private var manifestPath: String { "\(state)/installed.json" }

  private func foreign(_ path: String) -> Failure {
    Failure(
      attempt: "install the CNI plugins",
      reason: "\(path) is there and was not installed by netloom: move it away, or install into another folder")
  }

  private static var siblingShim: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])/netloom-cni"
  }

  /// What was installed.
  private struct Manifest {
    var files: [String] = []
    /// As it was written, to tell what was changed by hand.
    var configuration: String?

    static func load(_ path: String) throws -> Manifest {
      guard let text = try Files.read(path) else { return Manifest() }
      let json = try JSONValue(parsing: text)
      return Manifest(
        files: json["files"]?.array?.compactMap(\.string) ?? [], configuration: json["configuration"]?.string)
    }

    var json: JSONValue {
      var json: JSONValue = ["files": .array(files.map { .string($0) })]
      json["configuration"] = configuration.map { .string($0) }
      return json
    }
  }
}
