import Dispatch
import JSON
import KubernetesModel
import Netlink
import NetworkAnnotations

/// Pods of Netloom on the overlay: created over the API, attached by the multiplexer as soon as they are seen.
struct OverlayPods: Sendable {
  private let platform: OverlayPlatform
  private let moments: PortMoments
  private let configuration: JSONValue

  init(_ platform: OverlayPlatform, _ moments: PortMoments) throws {
    self.platform = platform
    self.moments = moments
    // The pods' first network is none of ours, and as little as can be.
    let cluster: JSONValue = ["cniVersion": "1.0.0", "name": "cluster", "plugins": [["type": "loopback"]]]
    let file = "\(platform.laboratory.directory.path)/cluster.conflist"
    try writeFile(cluster.serialized(), to: file)
    configuration = [
      "cniVersion": "1.0.0", "name": "netloom", "type": "netloom", "multiplexer": ["clusterNetwork": .string(file)],
    ]
  }

  /// A pod comes, is attached, and goes.
  /// - Parameter isAwaited: whether its sandbox is made only when OVN has its port.
  /// - Returns: how long it took, and parts of it, in milliseconds.
  func run(_ number: Int, isAwaited: Bool) async throws -> PortTimes {
    let pod = NamespacedName(namespace: "test", name: "\(isAwaited ? "late" : "soon")-\(number)")
    let port = "\(pod)/net1"
    let laboratory = platform.laboratory
    let path = try laboratory.namespace(pod.name, on: OverlayPlatform.host).path
    let call = PluginCall(
      plugin: laboratory.programs.plugin, configuration: configuration, container: pod.name, namespacePath: path,
      interface: "eth0", pod: pod, agentSocket: laboratory.agentSocket(of: OverlayPlatform.host))
    let file = "\(laboratory.directory.path)/overlay"
    let (add, delete) = (try call.program("ADD", file: file), try call.program("DEL", file: file))

    async let creation: Void = platform.create(pod.name)
    let created = try await moments.creation(of: pod.name)
    if isAwaited {
      _ = try await moments.moment(of: .translated, port)
      try await Task.sleep(for: OverlaySpeed.pause)
    }
    let start = isAwaited ? ContinuousClock.now : created
    try await onThread(add)
    let end = ContinuousClock.now
    var times = try await moments.times(of: port, since: start)
    times[.addresses] = (try await moments.allocation(of: pod.name) - start).milliseconds
    times[.ended] = (end - start).milliseconds
    times[.unwaited] = times[.plugged, default: 0] + times[.ended, default: 0] - times[.installed, default: 0]
    try await creation

    try await onThread(delete)
    try await platform.delete(pod.name)
    try await moments.departure(of: port)
    try NetworkNamespace.remove(path: path)
    return times
  }
}

/// Runs what blocks where nobody is kept waiting by it.
func onThread<Result: Sendable>(_ work: sending @escaping () throws -> Result) async throws -> Result {
  nonisolated(unsafe) let work = work  // Handed over: nobody else has it.
  return try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: .init { try work() }) }
  }
}
