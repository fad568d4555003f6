import Files
import GRPC
import Glibc
import Netlink
import Testing

@testable import Lab

/// containerd with runc on a host of the lab, in the host's network namespace, with folders and sockets of its own and one
/// image that is made here.
struct ContainerRuntime: Sendable {
  static let programs = ["/usr/bin/containerd", "/usr/bin/ctr", "/usr/sbin/runc", "/usr/bin/busybox"]
  /// The first thing that is not there.
  static let missing = programs.first { access($0, X_OK) != 0 }

  private static let image = "netloom.test/busybox:1"

  let client: GRPCClient
  private let folder: String

  /// Runs `body` beside a containerd on `host`; nothing of it is left afterwards, whatever the body did.
  static func with(_ cluster: TestCluster, on host: String, _ body: (ContainerRuntime) async throws -> Void)
    async throws
  {
    let folder = "\(cluster.lab.directory.path)/\(host)/containerd"
    let plugins = "\(folder)/plugins"
    try Files.makeFolder(plugins)
    for source in ["/usr/lib/cni", "\(cluster.lab.directory.path)/\(host)/plugins"] {
      for name in Files.entries(of: source) { try Files.link("\(plugins)/\(name)", to: "\(source)/\(name)") }
    }
    try Files.write(
      Array(configuration(folder, plugins: plugins, networks: "\(cluster.lab.directory.path)/\(host)/cni").utf8),
      to: "\(folder)/config.toml")
    let process = try await NamespaceProcess.start(
      ProcessCommand(
        "/usr/bin/containerd", ["--config", "\(folder)/config.toml"], output: .append(toFile: "\(folder)/log")),
      in: try NetworkNamespace.open(path: cluster.lab.directory.namespace(of: host)))
    let runtime = ContainerRuntime(client: GRPCClient(socketPath: "\(folder)/containerd.sock"), folder: folder)
    do {
      try await runtime.prepare()
      try await body(runtime)
      try await runtime.removeAll()
    } catch {
      Issue.record("\(error); containerd says: \(runtime.log)")
      await runtime.stop(process)
      throw error
    }
    await runtime.stop(process)
  }

  private static func configuration(_ folder: String, plugins: String, networks: String) -> String {
    """
    version = 2
    root = "\(folder)/root"
    state = "\(folder)/state"
    [grpc]
      address = "\(folder)/containerd.sock"
    [ttrpc]
      address = "\(folder)/containerd.sock.ttrpc"
    [plugins."io.containerd.internal.v1.opt"]
      path = "\(folder)/opt"
    [plugins."io.containerd.grpc.v1.cri"]
      sandbox_image = "\(image)"
      restrict_oom_score_adj = true
      disable_apparmor = true
      disable_tcp_service = true
      netns_mounts_under_state_dir = true
      stream_server_port = "0"
      [plugins."io.containerd.grpc.v1.cri".containerd]
        snapshotter = "native"
        default_runtime_name = "runc"
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = "\(plugins)"
        conf_dir = "\(networks)"
    """
  }

  /// An image of busybox alone, in the form of `docker save`.
  private static let buildImage = """
    set -e
    mkdir -p rootfs/bin && cp /usr/bin/busybox rootfs/bin/
    for name in sh sleep ping ip; do ln -s busybox rootfs/bin/$name; done
    tar -C rootfs --owner=0 --group=0 -cf layer.tar .
    digest=$(sha256sum layer.tar | cut -d' ' -f1)
    echo '{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sleep","1000000"]},"rootfs":{"type":"layers","diff_ids":["sha256:'$digest'"]}}' > config.json
    echo '[{"Config":"config.json","RepoTags":["\(image)"],"Layers":["layer.tar"]}]' > manifest.json
    tar -cf image.tar manifest.json config.json layer.tar
    """

  private func prepare() async throws {
    // Containerd does not say when it is ready.
    try await retry("containerd answers") { try await status().conditions["RuntimeReady"] == true }
    try Files.makeFolder("\(folder)/image")
    try await run("/bin/sh", "-c", "cd \(folder)/image && \(Self.buildImage)")
    try await run(
      "/usr/bin/ctr", "--address", "\(folder)/containerd.sock", "-n", "k8s.io", "images", "import",
      "\(folder)/image/image.tar")
    try await retry("containerd knows the image") {
      try await client.call(
        "/runtime.v1.ImageService/ImageStatus", CRI.Request { $0.message(1) { $0.string(1, Self.image) } },
        answer: CRI.ImageStatus.self
      ).isPresent
    }
  }

  private func retry(_ what: String, _ isSo: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      do {
        if try await isSo() { return }
      } catch let error as GRPCError where error.code == .unavailable {}
      try #require(.now < deadline, "\(what): see \(folder)/log: \(log)")
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// The end of what containerd says.
  var log: String {
    let bytes = (try? Files.read("\(folder)/log")) ?? []
    return String(decoding: bytes.suffix(1500), as: UTF8.self)
  }

  private func run(_ program: String, _ arguments: String...) async throws {
    try await NamespaceProcess.run(ProcessCommand(program, arguments, environment: ProcessEnvironment.current))
      .succeeded()
  }

  // MARK: - Calls

  func status() async throws -> CRI.Status {
    try await client.call("/runtime.v1.RuntimeService/Status", EmptyMessage())
  }

  func runSandbox(_ config: CRI.SandboxConfig) async throws -> String {
    try await client.call(
      "/runtime.v1.RuntimeService/RunPodSandbox", CRI.Request { $0.message(1, config) }, answer: CRI.Identifier.self,
      timeout: .seconds(60)
    ).id
  }

  /// Makes and starts the container `main`, which sleeps.
  func startContainer(in sandbox: String, _ config: CRI.SandboxConfig) async throws -> String {
    let container = try await client.call(
      "/runtime.v1.RuntimeService/CreateContainer",
      CRI.Request { request in
        request.string(1, sandbox)
        request.message(2) { container in
          container.message(1) { $0.string(1, "main") }
          container.message(2) { $0.string(1, Self.image) }
          container.strings(3, ["/bin/sleep", "1000000"])
          container.string(11, "main.log")
          container.message(15) { _ in }
        }
        request.message(3, config)
      }, answer: CRI.Identifier.self, timeout: .seconds(30)
    ).id
    try await perform("StartContainer", container)
    return container
  }

  func exec(_ container: String, _ command: String...) async throws -> CRI.Output {
    try await client.call(
      "/runtime.v1.RuntimeService/ExecSync",
      CRI.Request { request in
        request.string(1, container)
        request.strings(2, command)
        request.integer(3, Int64(30))
      }, timeout: .seconds(40))
  }

  func stopSandbox(_ id: String) async throws { try await perform("StopPodSandbox", id) }

  func removeSandbox(_ id: String) async throws { try await perform("RemovePodSandbox", id) }

  func sandboxes() async throws -> [String] {
    try await client.call("/runtime.v1.RuntimeService/ListPodSandbox", EmptyMessage(), answer: CRI.Sandboxes.self).ids
  }

  /// The network namespaces of sandboxes.
  var namespaces: [String] {
    Files.entries(of: "\(folder)/state/io.containerd.grpc.v1.cri/netns") + Files.entries(of: "\(folder)/state/netns")
  }

  var logs: String { "\(folder)/pods" }

  private func perform(_ method: String, _ id: String) async throws {
    _ = try await client.call(
      "/runtime.v1.RuntimeService/\(method)", CRI.Request { $0.string(1, id) }, answer: EmptyMessage.self,
      timeout: .seconds(60))
  }

  // MARK: - The end

  func removeAll() async throws {
    for sandbox in try await sandboxes() {
      try await stopSandbox(sandbox)
      try await removeSandbox(sandbox)
    }
  }

  /// Ends containerd, and what a failed test left: processes and mounts that name the folder.
  private func stop(_ process: NamespaceProcess) async {
    process.signal(SIGTERM)
    _ = await process.wait()
    for id in Files.entries(of: "/proc") {
      guard let number = Int32(id), let command = try? Files.read("/proc/\(id)/cmdline"),
        String(decoding: command, as: UTF8.self).contains("\(folder)/")
      else { continue }
      kill(number, SIGKILL)
    }
    let mounts = String(decoding: (try? Files.read("/proc/self/mountinfo")) ?? [], as: UTF8.self)
    for mount in mounts.split(separator: "\n").reversed() {
      let fields = mount.split(separator: " ")
      if fields.count > 4, fields[4].hasPrefix("\(folder)/") { umount2(String(fields[4]), Int32(MNT_DETACH)) }
    }
    Files.removeTree(folder)
  }
}
