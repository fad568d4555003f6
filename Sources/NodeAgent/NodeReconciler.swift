import ControllerRuntime
import KubernetesModel
import NetloomAPI
import OpenVSwitchEngine

/// Brings the node's bridges to what its NodeNetwork says and reports what they carry; makes the node a chassis of OVN.
struct NodeReconciler: Reconciler {
  let openVSwitch: OpenVSwitchEngine
  /// The NodeNetwork of this node as it is now; nil when there is none, and then none of our bridges is wanted.
  let current: @Sendable () -> NodeNetwork?
  /// Writes the object's status.
  let report: @Sendable (NodeNetwork) async throws -> Void
  /// The time, RFC 3339.
  let now: @Sendable () -> String
  /// The node's part in OVN; nil: it has none.
  var chassis: ChassisMembership?
  /// How long the switch gets to take a change over before the status says that it has not.
  var patience: Duration = .seconds(5)

  /// The key is the node's name: there is one unit of work.
  func reconcile(_ node: String) async throws -> ReconcileResult {
    guard let network = current() else {
      let plan = try await openVSwitch.apply(DesiredSwitch(chassis: chassis?.desired([])), timeout: patience)
      let obstacle = try await chassis?.announce(try await openVSwitch.observe(), plan)
      return obstacle == nil ? .done : .requeue(after: .seconds(5))
    }
    do {
      let wanted = network.keepingVLANs(ofPodsOn: try await openVSwitch.observe(), owner: openVSwitch.owner)
      var (desired, mistakes) = wanted.desiredSwitch
      desired.chassis = chassis?.desired(wanted.spec.bridges)
      let plan = try await openVSwitch.apply(desired, timeout: patience)
      let observed = try await openVSwitch.observe()
      let obstacle = try await chassis?.announce(observed, plan)
      let remarks = plan.remarks.filter { $0 != obstacle } + [obstacle].compactMap(\.self)
      try await report(
        network,
        wanted.status(
          observed: observed, owner: openVSwitch.owner, problems: mistakes + plan.problems, remarks: remarks,
          awaited: plan.awaited, now: now()))
      // What is wrong with an interface may pass without any change in the database.
      return plan.problems.isEmpty && obstacle == nil ? .done : .requeue(after: .seconds(5))
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
