import CNI
import ControllerRuntime
import JSON
import KubernetesModel
import Logging
import MultiNetwork
import NetworkAnnotations
import OpenVSwitchEngine
import Synchronization

/// Brings running pods to what they ask for, and to what their networks are, now: networks come and go with the pod's
/// annotation, and changes of what they are reach the interfaces.
///
/// Hot plug is for pods whose networks the multiplexer attached. Ports that another multiplexer had made are brought up to
/// date as well; which of them there are is its own business.
final class LiveReconciler: Reconciler {
  let pods: @Sendable (NamespacedName) -> Pod?
  let definition: @Sendable (NetworkReference) -> NetworkAttachmentDefinition?
  let networking: PodNetworking
  let multiplexer: Multiplexer?
  let events: EventRecorder
  let logger: Logger
  private let state = Mutex(State())

  private struct State {
    /// What was refused to a pod and still is: how often it was found.
    var said: [NamespacedName: [LiveRefusal: Int]] = [:]
    /// The sandboxes of pods, by uid.
    var sandboxes: [String: [AttachmentKey]] = [:]
  }

  init(
    pods: @escaping @Sendable (NamespacedName) -> Pod?,
    definition: @escaping @Sendable (NetworkReference) -> NetworkAttachmentDefinition?, networking: PodNetworking,
    multiplexer: Multiplexer?, events: EventRecorder, logger: Logger
  ) {
    self.pods = pods
    self.definition = definition
    self.networking = networking
    self.multiplexer = multiplexer
    self.events = events
    self.logger = logger
  }

  func reconcile(_ name: NamespacedName) async throws -> ReconcileResult {
    guard let pod = pods(name), pod.isLive, let uid = pod.metadata.uid else {
      forget(name)
      return .done
    }
    let subject = LivePod(pod)
    var report = HotPlugReport()
    do {
      if let multiplexer, let sandboxes = sandboxes(of: subject.request, uid, in: multiplexer) {
        for key in sandboxes {
          report.add(try await multiplexer.adapt(key, to: subject.request) { subject.isReady($0) })
        }
      } else {
        report = try await update(subject)
      }
    } catch {
      report.failures.append(error as? CNIError ?? CNIError(attempting: "changing the pod's networks", error))
    }
    return try conclude(report, pod)
  }

  /// Nil when the multiplexer made none. What it makes later is found because a pod without is looked for each time.
  private func sandboxes(
    of pod: PodRequest, _ uid: String, in multiplexer: Multiplexer
  ) -> [AttachmentKey]? {
    if let known = state.withLock({ $0.sandboxes[uid] }), known.allSatisfy({ multiplexer.knows($0) }) { return known }
    let found = multiplexer.sandboxes(of: pod)
    state.withLock { $0.sandboxes[uid] = found.isEmpty ? nil : found }
    return found.isEmpty ? nil : found
  }

  private func forget(_ name: NamespacedName) {
    state.withLock { state in
      state.said[name] = nil
      // Of all pods that are gone: an uid is not known any more when its pod is.
      state.sandboxes = [:]
    }
  }

  // MARK: Ports of others' attachments

  private func update(_ pod: LivePod) async throws -> HotPlugReport {
    var report = HotPlugReport()
    for (name, port) in try await networking.openVSwitch.podPorts() {
      guard let call = try pod.call(for: port.externalIDs, definition) else { continue }
      do {
        let update = try await networking.sandboxes.withLock(call.attachment.containerID) { () -> LiveUpdate? in
          // A DEL may have come before: without its port nothing says that there is still an attachment.
          guard try await networking.openVSwitch.podPorts(named: [name])[name] != nil else { return nil }
          return try await networking.update(call, recorded: nil)
        }
        guard let update else { continue }
        report.changes += update.changes
        report.refusals += update.refusals
      } catch {
        report.failures.append(CNIError(attempting: "changing interface \(call.attachment.interface)", error))
      }
    }
    return report
  }

  // MARK: What is said

  private func conclude(_ report: HotPlugReport, _ pod: Pod) throws -> ReconcileResult {
    let name = pod.metadata.namespacedName
    for change in report.changes {
      logger.info("a running pod's network is changed", metadata: ["pod": "\(name)", "change": "\(change)"])
      events.record(.normal, on: pod, reason: "NetworkChanged", message: change)
    }
    let times = state.withLock { state in
      let before = state.said[name] ?? [:]
      let times = Dictionary(report.refusals.map { ($0, before[$0, default: 0] + 1) }) { first, _ in first }
      state.said[name] = times.isEmpty ? nil : times
      return times
    }
    // Once for each change; what may pass by itself is said when it has not.
    for (refusal, times) in times where times == (refusal.mayPass ? 2 : 1) {
      logger.notice("a change cannot reach a running pod", metadata: ["pod": "\(name)", "reason": "\(refusal)"])
      events.record(.warning, on: pod, reason: refusal.remedy.rawValue, message: refusal.description)
    }
    for failure in report.failures {
      events.record(.warning, on: pod, reason: "NetworkChangeFailed", message: failure.description)
    }
    // A mistake waits for its correction; everything else is tried again.
    if let failure = CNIError(combining: report.failures.filter { $0.code != .invalidConfiguration }) { throw failure }
    guard let waits = times.filter(\.key.mayPass).values.min() else { return .done }
    return .requeue(after: waits == 1 ? .seconds(2) : .seconds(30))
  }
}
