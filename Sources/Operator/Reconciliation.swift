import Callbacks
import Compiler
import ControllerRuntime
import FabricEngines
import KubernetesClient
import KubernetesEngine
import KubernetesModel
import Logging
import NetloomAPI
import OVNEngine

/// The operator at work: takes all messages that wait, compiles once, and begins the work that has to be done.
///
/// All state lives in the one task of `run()`; what does I/O runs beside it and sends messages.
struct Reconciliation: Sendable {
  private let client: KubernetesClient
  private let configuration: Operator.Configuration
  private let logger: Logger
  private let inbox = Inbox()
  private let writer: ActionWriter
  private let recorder: EventRecorder
  private let callbacks: Callbacks

  init(client: KubernetesClient, configuration: Operator.Configuration, logger: Logger) {
    self.client = client
    self.configuration = configuration
    self.logger = logger
    writer = ActionWriter(client: client)
    recorder = EventRecorder(
      client: client, component: "netloom-operator", instance: configuration.identity, logger: logger)
    let inbox = inbox
    callbacks = Callbacks(poster: HTTPCallbackPoster(), logger: logger) { object, token in
      guard let subject = CallbackSubject(object) else { return }
      inbox.push(.delivered(subject.id, uid: subject.uid, token: token))
    }
  }

  /// Works until the task is cancelled.
  func run() async {
    let (inbox, callbacks, recorder, logger) = (inbox, callbacks, recorder, logger)
    let northbound = configuration.northbound.map {
      NorthboundEngine($0, failoverPace: configuration.failoverPace, logger: logger)
    }
    let southbound = configuration.southbound.map { SouthboundObserver($0, logger: logger) }
    let feed = WorldFeed(client: client, logger: logger)
    var state = OperatorState(configuration: configuration, logger: logger)
    let effects = Effects(
      inbox: inbox, client: client, writer: writer, recorder: recorder, callbacks: callbacks,
      northbound: northbound, lastWordLimit: configuration.lastWordLimit, logger: logger)
    await withDiscardingTaskGroup { group in
      group.addTask { await feed.run { inbox.push(.world($0)) } }
      group.addTask { await callbacks.run() }
      if let northbound {
        group.addTask {
          do { try await northbound.run() } catch {
            logger.error("the engine of OVN's northbound database ended", metadata: ["error": "\(error)"])
          }
        }
        group.addTask { while let news = await northbound.news() { inbox.push(.northbound(news)) } }
      }
      if let southbound {
        group.addTask {
          do { try await southbound.run() } catch {
            logger.error("the observer of OVN's southbound database ended", metadata: ["error": "\(error)"])
          }
        }
        group.addTask { while let news = await southbound.news() { inbox.push(.southbound(news)) } }
      }
      group.addTask {
        do { try await recorder.run() } catch {
          logger.error("events are not written", metadata: ["error": "\(error)"])
        }
      }
      while true {
        let messages = await inbox.next()
        if messages.isEmpty { break }
        for effect in state.handle(messages, at: .now()) {
          if effects.performNow(effect) { continue }
          group.addTask { await effects.perform(effect) }
        }
      }
      group.cancelAll()
    }
  }
}

extension Moment {
  private static let start = ContinuousClock.now

  /// The time now: the time of day for people, and a clock that nobody sets for everything else.
  static func now() -> Moment {
    Moment(timestamp: Timestamp.now().seconds, elapsed: start.duration(to: .now))
  }
}
