import CNI
import Files
import Glibc
import JSON
import KubernetesModel
import Logging
import Netlink
import NetworkAnnotations
import NetworkTypes
import Synchronization

@testable import MultiNetwork

/// A node with a multiplexer on it: real processes as plugins, real files, namespaces where the test runs as root; and a
/// cluster and a native plugin that say what the test says.
final class TestHost: MultiplexerCluster, InProcessPlugins, DeviceSource {
  let folder: String
  let host: NetworkNamespace?
  private let state = Mutex(State())

  struct State {
    var definitions: [NetworkReference: NetworkAttachmentDefinition] = [:]
    var pod: PodRequest?
    var devices: [String: [String]] = [:]
    var macAddresses: [String: MACAddress] = [:]
    var published: [[NetworkStatus]] = []
    var native: [String] = []
    var failing: Set<String> = []
    /// Happens within every ADD and DEL of the native plugin.
    var within: @Sendable () async -> Void = {}
  }

  private init(folder: String, host: NetworkNamespace?) {
    self.folder = folder
    self.host = host
  }

  /// Runs `body` on a host whose folder (and, with `pods`, namespaces) are removed afterwards.
  static func with(pods: [String] = [], _ body: (TestHost) async throws -> Void) async throws {
    let folder = "/tmp/netloom-multi-\(UInt64.random(in: 0..<1 << 40))"
    let paths = (pods.isEmpty ? [] : ["host"] + pods).map { "\(folder)/\($0)" }
    var failure: (any Error)?
    do {
      try Files.makeFolder("\(folder)/net.d")
      for path in paths { _ = try NetworkNamespace.create(at: path) }
      let host = TestHost(folder: folder, host: try paths.first.map { try NetworkNamespace.open(path: $0) })
      try host.configuration(
        "10-cluster.conflist", ["cniVersion": "1.0.0", "name": "cluster", "plugins": [["type": "record"]]])
      try host.installRecorder()
      try await body(host)
    } catch {
      failure = error
    }
    for path in paths { try NetworkNamespace.remove(path: path) }
    Files.removeTree(folder)
    if let failure { throw failure }
  }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
  func look<Value: Sendable>(_ body: (State) -> Value) -> Value { state.withLock { body($0) } }

  func define(_ name: String, _ config: JSONValue, resource: String? = nil) {
    let definition = NetworkAttachmentDefinition(
      metadata: ObjectMeta(
        name: name, namespace: "test", annotations: resource.map { ["k8s.v1.cni.cncf.io/resourceName": $0] }),
      spec: .init(config: config.description))
    change { $0.definitions[NetworkReference(namespace: "test", name: name)] = definition }
  }

  func ask(for networks: String?) {
    change { $0.pod = PodRequest(namespace: "test", name: "p", uid: "u", networks: networks) }
  }

  func configuration(_ file: String, _ json: JSONValue) throws {
    try Files.write(json.serialized(), to: "\(folder)/net.d/\(file)")
  }

  // MARK: - The multiplexer

  var multiplexer: Multiplexer {
    let host = host
    return Multiplexer(
      .init(
        runtime: CNIRuntime(pluginFolders: ["\(folder)/bin", "/usr/lib/cni"], cacheFolder: "\(folder)/results") {
          call in
          let command = ProcessCommand(call.path, environment: call.environment, standardInput: call.standardInput)
          let outcome = try await NamespaceProcess.run(command, in: host)
          return PluginOutcome(
            isSuccess: outcome.isSuccess, standardOutput: outcome.standardOutput, standardError: outcome.standardError)
        },
        native: self, cluster: self, devices: self, deviceInfo: DeviceInfo(folder: "\(folder)/devinfo"),
        state: StateFolder(path: "\(folder)/state"), configurationFolder: "\(folder)/net.d"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func network(_ multiplexer: JSONValue = [:], valid: [AttachmentKey]? = nil) throws -> NetworkConfiguration {
    var json: JSONValue = ["cniVersion": "1.1.0", "name": "netloom", "type": "netloom", "multiplexer": multiplexer]
    json["cni.dev/valid-attachments"] = valid.map { keys in
      .array(keys.map { ["containerID": .string($0.containerID), "ifname": .string($0.interface)] })
    }
    return try NetworkConfiguration(json: json)
  }

  func sandbox(_ container: String = "c1", pod: String = "pod") -> CNIAttachment {
    CNIAttachment(
      containerID: container, namespacePath: "\(folder)/\(pod)", interface: "eth0",
      arguments: ["IgnoreUnknown": "1", "K8S_POD_NAMESPACE": "test", "K8S_POD_NAME": "p"])
  }

  // MARK: - A plugin that writes down what it is told

  /// `COMMAND interface` of every call of the plugin `record` and of the native plugin, in order.
  var calls: [String] {
    get throws {
      let text = String(decoding: try Files.read("\(folder)/calls") ?? [], as: UTF8.self)
      return text.split(separator: "\n").map { String($0.split(separator: "|")[0]) }
    }
  }

  /// What the plugin read at each call.
  var inputs: [JSONValue] {
    get throws {
      let text = String(decoding: try Files.read("\(folder)/calls") ?? [], as: UTF8.self)
      return try text.split(separator: "\n").map {
        try JSONValue(parsing: String($0.split(separator: "|", maxSplits: 1)[1]))
      }
    }
  }

  func forgetCalls() throws { try Files.remove("\(folder)/calls") }

  /// Fails at a command when its configuration has `"fail":"COMMAND"` or there is a file `fail-COMMAND-INTERFACE`.
  private func installRecorder() throws {
    let script = """
      #!/bin/sh
      config=$(cat)
      [ "$CNI_COMMAND" = VERSION ] || echo "$CNI_COMMAND $CNI_IFNAME|$config" >> \(folder)/calls
      case "$config" in *"\\"fail\\":\\"$CNI_COMMAND\\""*) fail=1;; esac
      if [ -n "$fail" ] || [ -e "\(folder)/fail-$CNI_COMMAND-$CNI_IFNAME" ]; then
        echo '{"code":123,"msg":"told to fail","details":"for a test"}'; exit 1
      fi
      case $CNI_COMMAND in
        ADD) echo "{\\"cniVersion\\":\\"1.0.0\\",\\"interfaces\\":[{\\"name\\":\\"$CNI_IFNAME\\",\\"sandbox\\":\\"$CNI_NETNS\\"}]}";;
        VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["0.3.1","0.4.0","1.0.0","1.1.0"]}';;
      esac
      """
    try Files.makeFolder("\(folder)/bin")
    try Files.write(Array(script.utf8), to: "\(folder)/bin/record", mode: 0o755)
  }

  func failAt(_ command: String, _ interface: String) throws {
    try Files.write([], to: "\(folder)/fail-\(command)-\(interface)")
  }

  func succeedAt(_ command: String, _ interface: String) throws {
    try Files.remove("\(folder)/fail-\(command)-\(interface)")
  }

  // MARK: - The cluster

  func pod(of attachment: CNIAttachment) -> PodRequest? { look { $0.pod } }
  func definition(_ name: NetworkReference) -> NetworkAttachmentDefinition? { look { $0.definitions[name] } }
  func publish(_ status: [NetworkStatus], of pod: PodRequest) { change { $0.published.append(status) } }
  func macAddress(of attachment: CNIAttachment, madeBy plugin: NetworkConfiguration) -> MACAddress? {
    look { $0.macAddresses[attachment.interface] }
  }
  func verifyReady() {}
  func devices(ofPod name: String, namespace: String) -> [String: [String]] { look { $0.devices } }

  // MARK: - The native plugin

  func add(_ calls: [NativeCall]) async throws -> [CNIResult] {
    await look { $0.within }()
    try note("ADD", calls)
    return calls.map { call in
      CNIResult(interfaces: [.init(name: call.attachment.interface, sandbox: call.attachment.namespacePath)])
    }
  }

  func delete(_ calls: [NativeCall]) async throws {
    await look { $0.within }()
    try note("DEL", calls)
  }
  func check(_ call: NativeCall) throws { try note("CHECK", [call]) }
  func update(_ call: NativeCall, recorded: CNIResult?) throws -> LiveUpdate {
    try note("update", [call])
    var result = recorded ?? CNIResult()
    result.dns.domain = call.network.json["domain"]?.string
    return LiveUpdate(result: result, changes: result == recorded ? [] : ["\(call.attachment.interface): changed"])
  }
  func collect(network: String, keeping valid: Set<AttachmentKey>) {
    change { $0.native.append("GC \(network) \(valid.map(\.interface).sorted().joined(separator: ","))") }
  }
  func status(_ network: NetworkConfiguration) { change { $0.native.append("STATUS \(network.name)") } }

  private func note(_ command: String, _ calls: [NativeCall]) throws {
    let interfaces = calls.map(\.attachment.interface).joined(separator: ",")
    let fails = state.withLock { state in
      state.native.append("\(command) \(interfaces)")
      return state.failing.contains("\(command) \(interfaces)")
    }
    if fails { throw CNIError(.tryAgainLater, "told to fail") }
  }
}
