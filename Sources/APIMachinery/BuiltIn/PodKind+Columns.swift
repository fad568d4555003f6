import JSON

extension BuiltInKind {
  static let podColumns: [TableColumn] = [
    .name,
    TableColumn("Ready", description: "The aggregate readiness state of this pod for accepting traffic.") { pod, _ in
      let statuses = pod[path: "status", "containerStatuses"]?.array ?? []
      let ready = statuses.filter { $0["ready"]?.bool == true && $0[path: "state", "running"] != nil }.count
      return .string("\(ready)/\(pod[path: "spec", "containers"]?.array?.count ?? 0)")
    },
    TableColumn("Status", description: "The aggregate status of the containers in this pod.") { pod, _ in
      .string(reason(of: pod))
    },
    TableColumn(
      "Restarts",
      description: "The number of times the containers in this pod have been restarted and when the last container "
        + "in this pod has restarted."
    ) { pod, now in .string(restarts(of: pod, now)) },
    .age,
    TableColumn("IP", priority: 1, description: "podIP address allocated to the pod.") { pod, _ in
      orNone((pod[path: "status", "podIPs"]?[0]?["ip"] ?? pod[path: "status", "podIP"])?.string)
    },
    TableColumn("Node", priority: 1, description: "NodeName indicates in which node this pod is scheduled.") { pod, _ in
      orNone(pod[path: "spec", "nodeName"]?.string)
    },
    TableColumn(
      "Nominated Node", priority: 1,
      description: "nominatedNodeName is set only when this pod preempts other pods on the node."
    ) {
      pod, _ in orNone(pod[path: "status", "nominatedNodeName"]?.string)
    },
    TableColumn(
      "Readiness Gates", priority: 1,
      description: "If specified, all readiness gates will be evaluated for pod readiness."
    ) {
      pod, _ in
      let gates = (pod[path: "spec", "readinessGates"]?.array ?? []).compactMap { $0["conditionType"]?.string }
      guard !gates.isEmpty else { return "<none>" }
      let conditions = pod[path: "status", "conditions"]?.array ?? []
      let met = gates.filter { gate in conditions.contains { $0["type"]?.string == gate && $0["status"] == "True" } }
      return .string("\(met.count)/\(gates.count)")
    },
  ]

  /// The word of the Status column: why the pod is as it is.
  private static func reason(of pod: JSONValue) -> String {
    var reason = pod[path: "status", "reason"]?.string ?? pod[path: "status", "phase"]?.string ?? ""
    let conditions = pod[path: "status", "conditions"]?.array ?? []
    if conditions.contains(where: { $0["type"] == "PodScheduled" && $0["reason"] == "SchedulingGated" }) {
      reason = "SchedulingGated"
    }
    let initializing = initReason(of: pod)
    if let initializing {
      reason = initializing
    } else {
      var hasRunning = false
      for status in (pod[path: "status", "containerStatuses"]?.array ?? []).reversed() {
        let state = status["state"]
        if let waiting = state?[path: "waiting", "reason"]?.string, !waiting.isEmpty {
          reason = waiting
        } else if let terminated = state?["terminated"] {
          reason = terminationReason(terminated)
        } else if status["ready"]?.bool == true, state?["running"] != nil {
          hasRunning = true
        }
      }
      if reason == "Completed", hasRunning {
        let isReady = conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
        reason = isReady ? "Running" : "NotReady"
      }
    }
    if pod[path: "metadata", "deletionTimestamp"] != nil {
      reason = pod[path: "status", "reason"]?.string == "NodeLost" ? "Unknown" : "Terminating"
    }
    return reason
  }

  private static func terminationReason(_ terminated: JSONValue) -> String {
    if let reason = terminated["reason"]?.string, !reason.isEmpty { return reason }
    if let signal = terminated["signal"]?.integer, signal != 0 { return "Signal:\(signal)" }
    return "ExitCode:\(terminated["exitCode"]?.integer ?? 0)"
  }

  private static func initReason(of pod: JSONValue) -> String? {
    let statuses = pod[path: "status", "initContainerStatuses"]?.array ?? []
    for (index, status) in statuses.enumerated() {
      if let terminated = status[path: "state", "terminated"] {
        if terminated["exitCode"]?.integer == 0 { continue }
        return "Init:\(terminationReason(terminated))"
      }
      if status["started"]?.bool == true { continue }
      if let waiting = status[path: "state", "waiting", "reason"]?.string, !waiting.isEmpty,
        waiting != "PodInitializing"
      {
        return "Init:\(waiting)"
      }
      return "Init:\(index)/\(pod[path: "spec", "initContainers"]?.array?.count ?? 0)"
    }
    return nil
  }

  private static func restarts(of pod: JSONValue, _ now: Timestamp) -> String {
    let statuses = pod[path: "status", "containerStatuses"]?.array ?? []
    let count = statuses.reduce(0) { $0 + ($1["restartCount"]?.integer ?? 0) }
    let last = statuses.compactMap {
      $0[path: "lastState", "terminated", "finishedAt"]?.string.flatMap { Timestamp($0) }
    }.max()
    guard count > 0, let last else { return "\(count)" }
    return "\(count) (\(humanDuration(seconds: now.seconds - last.seconds)) ago)"
  }
}
