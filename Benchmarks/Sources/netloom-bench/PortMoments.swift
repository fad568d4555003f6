import KubernetesClient
import KubernetesModel
import NetworkAnnotations
import Synchronization

/// Sees how far the ports of pods are, wherever they pass: at the API server, in OVN's two databases, and in the database
/// of the node's Open vSwitch.
final class PortMoments: Sendable {
  /// What happens to a port `namespace/pod/interface`.
  enum Step {
    /// It is in the northbound database.
    case declared
    /// ovn-northd has carried it into the southbound database.
    case translated
    /// An interface of the switch bears its name.
    case plugged
    /// ovn-controller has its flows in place.
    case installed
    /// It has left the northbound database, the southbound database, the switch.
    case withdrawn, forgotten, unplugged
  }

  private let moments = Moments()
  private let uids = Mutex<[String: String]>([:])
  private let watches: [DatabaseWatch]

  init(_ platform: OverlayPlatform) throws {
    let moments = moments
    @Sendable func note(_ step: Step, _ port: String?) { if let port { moments.note("\(step) \(port)") } }
    watches = [
      try DatabaseWatch(platform.northbound, "OVN_Northbound", ["Logical_Switch_Port": ["name"]]) { change in
        note(change.new == nil ? .withdrawn : .declared, (change.new ?? change.old)?["name"]?.string)
      },
      try DatabaseWatch(platform.southbound, "OVN_Southbound", ["Port_Binding": ["logical_port"]]) { change in
        note(change.new == nil ? .forgotten : .translated, (change.new ?? change.old)?["logical_port"]?.string)
      },
      try DatabaseWatch(platform.switchDatabase, "Open_vSwitch", ["Interface": ["external_ids"]]) { change in
        let marks = (change.new ?? change.old)?["external_ids"]
        let port = marks?.entry("iface-id")
        note(change.new == nil ? .unplugged : .plugged, port)
        if change.new != nil, marks?.entry("ovn-installed") == "true" { note(.installed, port) }
      },
    ]
  }

  func stop() { for watch in watches { watch.stop() } }

  func moment(of step: Step, _ port: String) async throws -> ContinuousClock.Instant {
    try await moments.moment(of: "\(step) \(port)")
  }

  /// When a port got where, since it was asked for; waits until its flows are in place.
  func times(of port: String, since start: ContinuousClock.Instant) async throws -> PortTimes {
    var times: PortTimes = [:]
    for (part, step) in [
      PortTime.declared: Step.declared, .translated: .translated, .plugged: .plugged, .installed: .installed,
    ] {
      times[part] = (try await moment(of: step, port) - start).milliseconds
    }
    return times
  }

  /// Returns when a port has left the switch and both databases.
  func departure(of port: String) async throws {
    for step in [Step.withdrawn, .forgotten, .unplugged] { _ = try await moment(of: step, port) }
  }

  /// When a watch told that a pod was created.
  func creation(of pod: String) async throws -> ContinuousClock.Instant { try await moments.moment(of: "pod \(pod)") }

  /// The uid of a pod whose creation was told.
  func uid(of pod: String) -> String { uids.withLock { $0[pod] } ?? "" }

  /// When a watch told the addresses of a pod.
  func allocation(of pod: String) async throws -> ContinuousClock.Instant {
    try await moments.moment(of: "addresses \(pod)")
  }

  /// Follows the pods of a namespace that has none, until the task is cancelled.
  func follow(_ client: KubernetesClient, namespace: String) async throws {
    let resource = client.resource(Pod.self)
    var version = try await resource.list(namespace: namespace).resourceVersion
    while !Task.isCancelled {
      for try await event in try await resource.watch(namespace: namespace, from: version) {
        switch event {
        case .added(let pod), .modified(let pod):
          uids.withLock { $0[pod.metadata.name] = pod.metadata.uid }
          moments.note("pod \(pod.metadata.name)")
          if pod.metadata.annotations?[PodAnnotation.allocations] != nil {
            moments.note("addresses \(pod.metadata.name)")
          }
          version = pod.metadata.resourceVersion ?? version
        case .bookmark(let newest): version = newest
        case .deleted, .undecodable: continue
        }
      }
    }
  }
}

/// Points of the way of a port, since it was asked for.
enum PortTime: CaseIterable {
  case declared, translated, plugged, installed
  /// The pod has its addresses; the ADD has ended.
  case addresses, ended
  /// The ADD but for its wait for ovn-controller.
  case unwaited
}

/// In milliseconds.
typealias PortTimes = [PortTime: Double]
