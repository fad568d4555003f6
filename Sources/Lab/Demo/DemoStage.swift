import Files
import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkAnnotations

/// What the stories are told on: a lab with everything running, and what all of them do with it.
struct DemoStage: Sendable {
  let demo: Demo
  let lab: Lab
  let kubectl: Kubectl
  let cluster: ClusterObjects
  let parts: LabCluster
  let manifests: DemoManifests
  /// The switches before anything was declared.
  let before: SwitchInventory

  var console: Console { demo.console }

  // MARK: - Commands

  /// Applies a part of the manifests.
  func apply(_ part: String) async throws {
    try await kubectl.run(["apply", "-f", "\(manifests.folder)/\(part)"], console: console)
  }

  /// Asks that a part of the manifests goes, and does not wait for it.
  func delete(_ part: String) async throws {
    try await kubectl.run(
      ["delete", "-f", "\(manifests.folder)/\(part)", "--wait=false", "--ignore-not-found"], console: console,
      showsOutput: false)
  }

  /// Shows objects.
  func get(_ arguments: String...) async throws {
    try await kubectl.run(["get"] + arguments, console: console)
  }

  // MARK: - Waiting

  /// A state that comes by itself.
  struct Milestone: Sendable {
    let text: String
    let kind: ResourceDefinition
    let isReached: @Sendable ([JSONValue]) -> Bool

    init(_ text: String, _ kind: ResourceDefinition, isReached: @escaping @Sendable ([JSONValue]) -> Bool) {
      self.text = text
      self.kind = kind
      self.isReached = isReached
    }
  }

  /// Watches for all of them at once and tells of each when it is reached, in the order in which that happens.
  func milestones(_ milestones: [Milestone]) async throws {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: String.self) { group in
      for milestone in milestones {
        group.addTask {
          try await cluster.wait(for: milestone.kind, milestone.text, until: milestone.isReached)
          return milestone.text
        }
      }
      for try await text in group {
        let tenths = Int((ContinuousClock.now - start) / .milliseconds(100))
        console.good("\(tenths / 10).\(tenths % 10) s  \(text)")
      }
    }
  }

  /// Waits for the return key when the user wants to.
  func pause() async {
    guard demo.options.pause else { return }
    console.say("press return to go on")
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      Task.detached {
        _ = readLine()
        continuation.resume()
      }
    }
  }

  /// Tells how to go on by hand, until Ctrl-C.
  /// - Parameter trial: a command that is run in a pod's network namespace.
  func keepRunning(step: Int, in namespace: String, trial: String) async throws {
    console.step(step, "Kept running: play with it")
    console.block([
      "export KUBECONFIG=\(lab.directory.path)/kubeconfig", "kubectl get netloom -A",
      "nsenter --net=\(lab.directory.podNamespaces(of: "worker1"))/\(namespace).POD \(trial)",
    ])
    console.say("Ctrl-C takes it down")
    // Cancellation, by the signal, is the only end.
    for await _ in AsyncStream<Never>.makeStream().stream {}
    try Task.checkCancellation()
  }

  // MARK: - Looking

  /// The network namespace of a pod; nil when it is on no node.
  func namespace(of pod: JSONValue) throws -> NetworkNamespace? {
    guard let host = pod[path: "spec", "nodeName"]?.string else { return nil }
    let namespace = pod[path: "metadata", "namespace"]?.string ?? "default"
    return try NetworkNamespace.open(path: "\(lab.directory.podNamespaces(of: host))/\(namespace).\(pod.name)")
  }

  /// Says what is wrong with what was measured, or that nothing is.
  func judge(_ matrices: ReachabilityMatrix...) -> Bool {
    for matrix in matrices { console.block(matrix.lines()) }
    let mistakes = matrices.flatMap(\.mistakes)
    for mistake in mistakes { console.bad(mistake) }
    if mistakes.isEmpty { console.good("\(matrices.map(\.count).reduce(0, +)) cells, all as expected") }
    return mistakes.isEmpty
  }

  /// Says something that was checked.
  func check(_ isRight: Bool, _ text: String) -> Bool {
    if isRight { console.good(text) } else { console.bad(text) }
    return isRight
  }

  /// Whether the switches of all machines are as they were.
  ///
  /// - Parameter patience: how long ovn-controller, which tells nobody, has to take its own things away.
  func isClean(patience: Duration = .zero) async throws -> Bool {
    let end = ContinuousClock.now + patience
    var difference: [String]
    repeat {
      let after = try await SwitchInventory.take(lab.directory, machines: lab.topology.machines, logger: demo.logger)
      difference = Self.withoutHeldBridges(after.difference(from: before))
      guard !difference.isEmpty else { return true }
    } while ContinuousClock.now < end
    console.bad("the switches are not as they were:")
    console.block(difference)
    return false
  }

  /// Leaves out what ovn-controller still holds on a machine where it was started again: for its first rounds it takes no
  /// patch port away (ovn-controller, `patch_run`), and a bridge stays for as long as somebody else's port is on it.
  private static func withoutHeldBridges(_ difference: [String]) -> [String] {
    let machines = Set(
      difference.filter { $0.contains("ovn-localnet-port") }.compactMap { $0.split(separator: " ").dropFirst().first })
    return difference.filter { line in
      let isHeld = line.contains(" name=patch-") || line.contains(" name=br-ovn ") || line.hasSuffix(" name=br-ovn")
      return !(isHeld && machines.contains { line.hasPrefix("+ \($0) ") })
    }
  }

  /// What the operator and the agents find wrong.
  func showInvariants() async throws -> Bool {
    let reading = try await parts.settledInvariants()
    let isSound = check(
      reading.violations.isEmpty, "invariants: \(reading.violations.count) violations, \(reading.checks) checks")
    console.block(reading.violations)
    return isSound
  }

  /// The last line of a story.
  func conclude(_ isGood: Bool) -> Bool {
    console.say("")
    return check(isGood, isGood ? "everything as expected after \(console.elapsed)" : "not as expected")
  }
}

extension JSONValue {
  /// What the operator assigned to a pod's interfaces.
  func allocations() throws -> [Allocation] {
    guard let text = self[path: "metadata", "annotations", PodAnnotation.allocations]?.string else { return [] }
    return try Allocation.list(parsing: text)
  }
}
