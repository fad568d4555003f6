import Files
import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Lab

/// What tests do in pods and read of them.
extension Tenant {
  /// The network namespace of a pod, on whichever host it is.
  func namespace(of pod: String) throws -> NetworkNamespace {
    let name = "\(namespace).\(pod)"
    let folders = cluster.lab.topology.hosts.map { cluster.lab.directory.podNamespaces(of: $0.name) }
    let folder = try #require(folders.first { Files.entries(of: $0).contains(name) }, "pod \(name) runs nowhere")
    return try NetworkNamespace.open(path: "\(folder)/\(name)")
  }

  /// Waits until an event of a pod has these words.
  func waitForEvent(_ reason: String, on pod: String, _ words: String) async throws {
    try await wait(for: Event.definition, "\(reason) of \(pod): \(words)") { events in
      events.contains {
        $0["reason"]?.string == reason && $0[path: "involvedObject", "name"]?.string == pod
          && $0["message"]?.string?.contains(words) == true
      }
    }
  }

  /// What the operator told a pod.
  func allocationsText(of pod: String) async throws -> String? {
    try await get(Pod.definition, pod)[path: "metadata", "annotations", PodAnnotation.allocations]?.string
  }

  /// The addresses that a pod has, by interface, as its status tells them; without those of the cluster's network.
  func addresses(of pod: String) async throws -> [String: [IPAddress]] {
    let text = try await get(Pod.definition, pod)[path: "metadata", "annotations", PodAnnotation.networkStatus]?.string
    let status = NetworkStatus.readable(text).filter { !$0.isDefault }
    return Dictionary(status.map { ($0.interface ?? "", $0.ips) }) { $1 }
  }

  /// The first address of net1 of a pod.
  func address(of pod: String) async throws -> String {
    "\(try #require(try await addresses(of: pod)["net1"]?.first))"
  }

  /// Whether an address answers a pod.
  ///
  /// - Parameters:
  ///   - source: the pod's own address to send from.
  ///   - seconds: for how long an answer is waited for.
  func ping(_ address: String, from pod: String, as source: String? = nil, seconds: Int = 10) async throws -> Bool {
    let options = ["-c", "1", "-w", "\(seconds)", "-q", "-n"] + (source.map { ["-I", $0] } ?? [])
    return try await run("ping", options + [address], in: pod).isSuccess
  }

  /// Looks again and again, for at most twenty seconds: what OVN does with packets, nobody tells.
  func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      if try await isSo() { return }
    }
    Issue.record("not within 20 s: \(what)", sourceLocation: sourceLocation)
  }

  /// Runs a program in the network namespace of a pod.
  func run(_ program: String, _ arguments: [String], in pod: String) async throws -> ProcessOutcome {
    try await NamespaceProcess.run(
      ProcessCommand(program, arguments, environment: ProcessEnvironment.current), in: namespace(of: pod))
  }
}
