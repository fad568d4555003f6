import Callbacks
import Compiler
import ControllerRuntime
import FabricEngines
import JSON
import KubernetesClient
import KubernetesEngine
import KubernetesModel
import Logging
import NetloomAPI
import OVNEngine

/// Carries effects out and sends what becomes of them to the inbox.
struct Effects: Sendable {
  let inbox: Inbox
  let client: KubernetesClient
  let writer: ActionWriter
  let recorder: EventRecorder
  let callbacks: Callbacks
  let northbound: NorthboundEngine?
  let lastWordLimit: Duration
  let logger: Logger

  /// Carries out what never waits, in order.
  ///
  /// - Returns: false when the effect is one that waits.
  func performNow(_ effect: Effect) -> Bool {
    switch effect {
    case .tellNow(let announcement): announce(announcement)
    case .callBack(let subject, let state, let delivered):
      callbacks.changed(subject.text, state, delivered: delivered)
    case .forget(let subject): callbacks.forget(subject.text)
    case .program(let wishes):
      northbound?.want(wishes)
      northbound?.complete()
    case .carryOut, .later, .runDriver, .readCredentials, .letGo, .note: return false
    }
    return true
  }

  /// Carries out what waits for others.
  func perform(_ effect: Effect) async {
    switch effect {
    case .carryOut(let work, let actions, let observed): await carryOut(work, actions, observed)
    case .later(let message, let delay):
      do { try await Task.sleep(for: delay) } catch { return }
      inbox.push(message)
    case .runDriver(let name, let driver, let stopped): await run(driver, of: name, until: stopped)
    case .readCredentials(let fabric): await readCredentials(of: fabric)
    case .letGo(let id, let uid, let last, let driver):
      await letGo(id, last, driver)
      inbox.push(.released(id, uid: uid))
    case .note(let work, let token, let observed): await note(work, token, observed)
    case .tellNow, .callBack, .forget, .program: break
    }
  }

  /// Reports an event; never waits.
  func announce(_ announcement: Announcement) {
    let id = announcement.subject
    let version =
      switch id.kind {
      case .pod: "v1"
      case .claim: IPAMClaim.definition.apiVersion
      case .policy: MultiNetworkPolicy.definition.apiVersion
      default: Netloom.apiVersion
      }
    recorder.record(
      announcement.isWarning ? .warning : .normal,
      on: ObjectReference(
        apiVersion: version, kind: id.kind.name, namespace: id.name.namespace,
        name: id.name.name, uid: announcement.uid),
      reason: announcement.reason, message: announcement.message)
  }

  private func carryOut(_ work: Work, _ actions: [Action], _ observed: WorldObject?) async {
    var answers: [ActionWriter.Answer] = []
    do {
      for action in actions { answers.append(try await writer.carryOut(action, observed: observed)) }
      inbox.push(.finished(work, answers))
    } catch let error as KubernetesAPIError {
      inbox.push(.failed(work, error))
    } catch {
      logger.debug("a write was given up", metadata: ["object": "\(work.id)", "error": "\(error)"])
    }
  }

  private func run(_ driver: OVSFabricDriver, of name: String, until stopped: AsyncStream<Void>) async {
    let events = driver.events()
    let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    await withDiscardingTaskGroup { group in
      group.addTask {
        for await _ in events { change.yield() }
      }
      group.addTask {
        for await _ in changes {
          inbox.push(.fabric(name, driver.status))
          // A limit of the rate: what changes meanwhile is reported at once.
          do { try await Task.sleep(for: .milliseconds(25)) } catch { return }
        }
      }
      group.addTask {
        do { try await driver.run() } catch {
          logger.error("the driver of a fabric ended", metadata: ["fabric": "\(name)", "error": "\(error)"])
        }
      }
      for await _ in stopped {}
      group.cancelAll()
    }
  }

  private func letGo(
    _ id: WorldID, _ last: (CallbackSubject, CallbackState, delivered: String?)?, _ driver: OVSFabricDriver?
  ) async {
    if let driver {
      do { try await driver.release(timeout: lastWordLimit) } catch {
        logger.error(
          "a fabric goes although its ports could not be given back",
          metadata: ["fabric": "\(id.name)", "error": "\(error)"])
      }
    }
    if let (subject, state, delivered) = last {
      await callbacks.finish(subject.text, state, delivered: delivered, limit: lastWordLimit)
    }
  }

  private func note(_ work: Work, _ token: String, _ observed: WorldObject) async {
    guard let object = observed.resource else { return inbox.push(.finished(work, [])) }
    do {
      var metadata: JSONValue = ["annotations": [CallbackSubject.annotation: .string(token)]]
      metadata["uid"] = object.metadata.uid.map(JSONValue.string)
      _ = try await client.resource(type(of: object).definition)
        .patch(work.id.name, .merge(["metadata": metadata]))
      inbox.push(.finished(work, []))
    } catch let error as KubernetesAPIError {
      if error.isNotFound { inbox.push(.finished(work, [])) } else { inbox.push(.failed(work, error)) }
    } catch {
      logger.debug("a write was given up", metadata: ["object": "\(work.id)", "error": "\(error)"])
    }
  }

  /// Reads the Secrets (type `kubernetes.io/tls`, with `ca.crt`) of the switches that name one.
  private func readCredentials(of fabric: Fabric) async {
    var credentials: [String: FabricCredentials] = [:]
    for item in fabric.spec.switches {
      guard let reference = item.credentials else { continue }
      do {
        let secret = try await client.get(
          Secret.self, name: reference.secretName, namespace: reference.secretNamespace)
        credentials[item.name] = FabricCredentials(secret)
        if credentials[item.name] == nil {
          logger.error(
            "a Secret of a switch lacks tls.crt, tls.key or ca.crt",
            metadata: ["fabric": "\(fabric.metadata.name)", "switch": "\(item.name)", "secret": "\(reference)"])
        }
      } catch {
        logger.error(
          "the Secret of a switch cannot be read",
          metadata: ["fabric": "\(fabric.metadata.name)", "switch": "\(item.name)", "error": "\(error)"])
      }
    }
    inbox.push(.credentials(fabric: fabric.metadata.name, credentials))
  }
}

extension FabricCredentials {
  /// From a Secret with `tls.crt`, `tls.key` and `ca.crt`; nil when one is missing.
  init?(_ secret: Secret) {
    func text(_ key: String) -> String? { secret.bytes(key).map { String(decoding: $0, as: UTF8.self) } }
    guard let certificate = text("tls.crt"), let key = text("tls.key"), let authority = text("ca.crt") else {
      return nil
    }
    self.init(certificateChain: certificate, privateKey: key, trustRoots: authority)
  }
}
