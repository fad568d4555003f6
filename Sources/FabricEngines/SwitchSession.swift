import Logging
import NIOCore
import NetworkTypes
import OVSDB
import Synchronization

/// One switch of a fabric: watches its ports and brings them where they are wanted.
final class SwitchSession: Sendable {
  /// What is wanted of the switch.
  struct Wanted: Sendable, Hashable {
    var ports: Set<String> = []
    var vlans: [String: Set<VLANID>] = [:]
    /// Whether the switch has left the fabric: the session ends when it is clean.
    var isLeaving = false
  }

  private struct State: Sendable {
    var wanted = Wanted()
    var adoptions: [RowID: Adoption] = [:]
    var problems: [String: String] = [:]
    /// The `next_cfg` that ovs-vswitchd has to have taken over for a VLAN of ours to pass, by port.
    var takeovers: [RowID: [VLANID: Int]] = [:]
    /// The VLANs that it had not taken over when they were last looked at.
    var lagging: [RowID: Set<VLANID>] = [:]
    /// Why the last transaction failed.
    var failure: String?
    /// Whether the switch is known to be as it is wanted.
    var isSettled = false
    var wasConnected = false
    var isFinished = false
  }

  private enum Outcome {
    case waits
    /// The switch refused. It may accept later, and nothing tells when.
    case triesAgain
    /// The switch has left the fabric and is clean.
    case finished
  }

  let name: String
  let definition: FabricSwitch
  private let owner: String
  private let client: OVSDBClient
  private let state = Mutex(State())
  private let wake: AsyncStream<Void>
  private let waker: AsyncStream<Void>.Continuation
  private let report: @Sendable (FabricEvent) -> Void

  /// Makes a session; an error when the endpoint or the credentials are unreadable.
  init(
    name: String, _ definition: FabricSwitch, owner: String, group: any EventLoopGroup, logger: Logger,
    report: @escaping @Sendable (FabricEvent) -> Void
  ) throws(OVSDBError) {
    self.name = name
    self.definition = definition
    self.owner = owner
    self.report = report
    let configuration = OVSDBClient.Configuration(
      endpoint: try Endpoint(parsing: definition.endpoint),
      credentials: definition.credentials.map {
        TLSCredentials(
          certificateChain: $0.certificateChain, privateKey: $0.privateKey, trustRoots: $0.trustRoots)
      },
      database: "Open_vSwitch",
      tables: [
        MonitoredTable(PortRow.self, indexes: [.column("name"), .entry("external_ids", Adoption.ownerKey)]),
        MonitoredTable(SwitchConfiguration.self),
      ])
    client = OVSDBClient(configuration, group: group, logger: logger)
    (wake, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Says what is wanted from now on. False when the session has finished, so that another is needed.
  @discardableResult
  func set(_ wanted: Wanted) -> Bool {
    let isAlive = state.withLock { state in
      if state.wanted != wanted { state.isSettled = false }
      state.wanted = wanted
      return !state.isFinished
    }
    waker.yield()
    return isAlive
  }

  /// Works until the task is cancelled, or until the switch has left the fabric and is clean.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        // The client ends by cancellation alone, and that is how this group ends it.
        do { try await self.client.run() } catch { self.note(failure: "\(error)") }
      }
      group.addTask {
        for await event in self.client.events() { self.note(event) }
      }
      work: for await _ in wake {
        switch await reconcile() {
        case .waits: break
        case .triesAgain:
          group.addTask {
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
            self.waker.yield()
          }
        case .finished: break work
        }
      }
      group.cancelAll()
    }
  }

  /// Forgets the switch as it is.
  func abandon() {
    state.withLock { $0.wanted.isLeaving = true }
    waker.finish()
  }

  private func note(_ event: ReplicaEvent) {
    switch event {
    case .synchronized:
      if state.withLock({ !exchange(&$0.wasConnected, with: true) }) { report(.connected(name)) }
    case .disconnected(let error):
      let wasConnected = state.withLock { exchange(&$0.wasConnected, with: false) }
      if wasConnected { report(.disconnected(name, "\(error)")) }
      report(.changed)
    case .changed, .overflowed: break
    }
    waker.yield()
  }

  /// Observes, compares and writes, once.
  private func reconcile() async -> Outcome {
    guard client.status == .synchronized else { return .waits }
    let (wanted, remembered) = state.withLock { ($0.wanted, $0.adoptions) }
    do {
      let plan = SwitchPortPlan(
        rows: try relevantRows(wanted.ports), managed: wanted.ports, vlans: wanted.vlans, owner: owner,
        remembered: remembered)
      // What somebody else changed passes again when it has been taken over once more.
      state.withLock { state in for drift in plan.drift { state.takeovers[drift.id] = nil } }
      if !plan.steps.isEmpty { try await client.transact(plan.operations(owner: owner)) }
      for drift in plan.drift {
        report(
          .drift(
            SwitchPort(switch: name, port: drift.port), found: "\(drift.found)", wanted: "\(drift.wanted)"))
      }
      return settle(plan, wanted, try client.replica.switchConfiguration())
    } catch let error as OVSDBError where error.code == .waitTimedOut {
      // A port changed between reading and writing. The copy has it by now: the change came before the answer.
      waker.yield()
      return .waits
    } catch {
      note(failure: "\(error)")
      return .triesAgain
    }
  }

  private func relevantRows(_ managed: Set<String>) throws(OVSDBError) -> [Stored<PortRow>] {
    let replica = client.replica
    var rows: [RowID: Stored<PortRow>] = [:]
    for row in try replica.rows(PortRow.self, .entry("external_ids", Adoption.ownerKey), .string(owner)) {
      rows[row.id] = row
    }
    for name in managed {
      for row in try replica.rows(PortRow.self, .column("name"), .string(name)) { rows[row.id] = row }
    }
    return Array(rows.values)
  }

  /// Notes what is so after the steps. The copy has them by now: its update came before the answer (RFC 7047 section
  /// 4.1.6), so `configuration` is at least the one that they made.
  private func settle(_ plan: SwitchPortPlan, _ wanted: Wanted, _ configuration: SwitchConfiguration?) -> Outcome {
    let (isNew, isFinished) = state.withLock { state in
      let number = configuration?.next ?? .max
      let takeovers = plan.adoptions.map { id, adoption in
        (id, Dictionary(uniqueKeysWithValues: adoption.vlans.map { ($0, state.takeovers[id]?[$0] ?? number) }))
      }
      state.takeovers = Dictionary(uniqueKeysWithValues: takeovers)
      let lagging = state.takeovers.mapValues { vlans in
        Set(vlans.lazy.filter { configuration?.includes($0.value) != true }.map(\.key))
      }
      let isNew =
        !state.isSettled || state.problems != plan.problems || state.failure != nil || state.lagging != lagging
      state.lagging = lagging
      state.adoptions = plan.adoptions
      state.problems = plan.problems
      state.failure = nil
      state.isSettled = state.wanted == wanted
      state.isFinished = state.wanted.isLeaving && state.isSettled && plan.problems.isEmpty
      return (isNew, state.isFinished)
    }
    if isNew { report(.changed) }
    return isFinished ? .finished : .waits
  }

  private func note(failure: String) {
    state.withLock { $0.failure = failure }
    report(.changed)
  }
}

extension SwitchSession {
  /// How the switch stands.
  var switchState: FabricStatus.SwitchState {
    let failure = state.withLock { $0.failure }
    switch client.status {
    case .synchronized: return failure.map { .failed("switch \(name): \($0)") } ?? .connected
    case .synchronizing, .offline(nil): return .connecting
    case .offline(let error?):
      return .failed("switch \(name) cannot be reached at \(definition.endpoint): \(error.reason)")
    }
  }

  /// What is wrong with ports of the fabric on this switch.
  var problems: [String: String] { state.withLock { $0.problems } }

  /// How wanted VLANs stand on a port of this switch. The row is read once for all of them.
  func vlanStates(_ vlans: Set<VLANID>, on port: String) -> [VLANID: FabricStatus.VLANState] {
    func all(_ state: FabricStatus.VLANState) -> [VLANID: FabricStatus.VLANState] {
      Dictionary(uniqueKeysWithValues: vlans.map { ($0, state) })
    }
    let place = SwitchPort(switch: name, port: port)
    switch switchState {
    case .failed(let reason): return all(.failed(reason))
    case .connecting: return all(.pending("switch \(name) is being connected to"))
    case .connected: break
    }
    if let problem = problems[port] { return all(.failed("port \(place): \(problem)")) }
    let replica = client.replica
    do throws(OVSDBError) {
      guard let row = try replica.rows(PortRow.self, .column("name"), .string(port)).first else {
        return all(.failed("port \(place): it does not exist on the switch"))
      }
      let configuration = try replica.switchConfiguration()
      let takeovers = state.withLock { $0.takeovers[row.id] } ?? [:]
      return Dictionary(
        uniqueKeysWithValues: vlans.map { vlan in
          let isTakenOver = configuration?.includes(takeovers[vlan] ?? .max) == true
          return (vlan, state(of: vlan, in: row.value, isTakenOver: isTakenOver, place))
        })
    } catch {
      return all(.failed("port \(place): \(error)"))
    }
  }

  private func state(
    of vlan: VLANID, in row: PortRow, isTakenOver: Bool, _ place: SwitchPort
  ) -> FabricStatus.VLANState {
    if row.settings.isUntagged(vlan) {
      return .failed("port \(place): VLAN \(vlan) is carried there untagged already, for somebody else")
    }
    guard row.owner == owner, row.trunks.contains(Int(vlan.rawValue)) else {
      return .pending("VLAN \(vlan) is being opened on \(place)")
    }
    guard isTakenOver else {
      return .pending("VLAN \(vlan) stands on \(place), but ovs-vswitchd has not taken it over yet; does it run?")
    }
    return .programmed
  }
}

/// Sets a value and returns what it was.
private func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
  let old = value
  value = new
  return old
}
