public import KubernetesClient
public import KubernetesModel
public import Logging
public import ServiceLifecycle

/// Writes events (core/v1) that `kubectl describe` shows. Best effort: recording never waits and never fails.
///
/// Repeated reports become one event with a count; an object that reports without end is slowed down. Reports that the
/// API server does not take, and those beyond 1,000 that wait, are lost (with a log entry).
public final class EventRecorder: Service {
  /// How an event is shown.
  public enum Kind: String, Sendable, Hashable {
    /// Something expected.
    case normal = "Normal"
    /// Something that a person should look at.
    case warning = "Warning"
  }

  private let api: ResourceAPI<Event>
  private let logger: Logger
  private let component: String
  private let instance: String
  private let reports: AsyncStream<EventAggregator.Report>
  private let continuation: AsyncStream<EventAggregator.Report>.Continuation
  private let now: @Sendable () -> Timestamp

  /// A recorder; nothing is written until `run()`.
  ///
  /// - Parameters:
  ///   - component: who reports, for example `netloom-operator`.
  ///   - instance: which process, for example the host's name.
  public init(
    client: KubernetesClient, component: String, instance: String, logger: Logger,
    now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
  ) {
    api = client.resource(Event.self)
    self.component = component
    self.instance = instance
    self.logger = logger
    self.now = now
    (reports, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1000))
  }

  /// Reports something that happened to an object.
  public func record(
    _ kind: Kind, on object: some KubernetesResource, reason: String, message: String, action: String? = nil
  ) {
    record(kind, on: ObjectReference(to: object), reason: reason, message: message, action: action)
  }

  /// Reports something that happened to what a reference names.
  public func record(
    _ kind: Kind, on object: ObjectReference, reason: String, message: String, action: String? = nil
  ) {
    let report = EventAggregator.Report(
      object: object, type: kind.rawValue, reason: reason, message: message, action: action)
    if case .dropped = continuation.yield(report) {
      logger.warning("too many events wait, one is lost", metadata: ["reason": "\(reason)", "message": "\(message)"])
    }
  }

  /// Writes the reports until the task is cancelled; on a graceful shutdown it first writes those that wait.
  public func run() async throws {
    var aggregator = EventAggregator(component: component, instance: instance)
    await withGracefulShutdownHandler {
      for await report in reports { await write(aggregator.decide(report, now: now())) }
    } onGracefulShutdown: {
      self.continuation.finish()
    }
  }

  private func write(_ decision: EventAggregator.Decision) async {
    do {
      switch decision {
      case .drop: break
      case .create(let event): try await api.create(event)
      case .count(let name, let patch, let event):
        do { try await api.patch(name, patch) } catch let error as KubernetesAPIError where error.isNotFound {
          // Events expire at the server.
          try await api.create(event)
        }
      }
    } catch {
      logger.warning("an event is lost", metadata: ["error": "\(error)"])
    }
  }
}
