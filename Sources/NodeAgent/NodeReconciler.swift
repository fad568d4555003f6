import ControllerRuntime
import KubernetesModel
import NetloomAPI
import OpenVSwitchEngine

/// Brings the node's bridges to what its NodeNetwork says and reports what they carry.
struct NodeReconciler: Reconciler {
  let openVSwitch: OpenVSwitchEngine
  /// The NodeNetwork of this node as it is now; nil when there is none, and then none of our bridges is wanted.
  let current: @Sendable () -> NodeNetwork?
  /// Writes the object's status.
  let report: @Sendable (NodeNetwork) async throws -> Void
  /// The time, RFC 3339.
  let now: @Sendable () -> String
  /// How long the switch gets to take a change over before the status says that it has not.
  var patience: Duration = .seconds(5)

  /// The key is the node's name: there is one unit of work.
  func reconcile(_ node: String) async throws -> ReconcileResult {
    guard let network = current() else {
      try await openVSwitch.apply(DesiredSwitch(), timeout: patience)
      return .done
    }
    do {
      let wanted = network.keepingVLANs(ofPodsOn: try await openVSwitch.observe(), owner: openVSwitch.owner)
      let (desired, mistakes) = wanted.desiredSwitch
      let plan = try await openVSwitch.apply(desired, timeout: patience)
      let observed = try await openVSwitch.observe()
      try await report(
        network,
        wanted.status(
          observed: observed, owner: openVSwitch.owner, problems: mistakes + plan.problems, remarks: plan.remarks,
          now: now()))
      // What is wrong with an interface may pass without any change in the database.
      return plan.problems.isEmpty ? .done : .requeue(after: .seconds(5))
    } catch let error as OpenVSwitchError {
      try await report(network, network.status(failure: error, now: now()))
      throw error
    }
  }

  private func report(_ network: NodeNetwork, _ status: NodeNetwork.Status) async throws {
    guard network.status != status else { return }
    var changed = network
    changed.status = status
    try await report(changed)
  }
}
