import Logging
import NIOCore
import NIOPosix
import NetworkTypes
import OVSDB
import ServiceLifecycle
import Synchronization

/// Driver `ovs`: a fabric whose switches are Open vSwitches, each reached over OVSDB.
///
/// A port of the fabric is taken over as it is found, and what it was is remembered on it in `external_ids`. From then
/// on it carries what it carried (an empty `trunks`, which means every VLAN, counts as nothing) and the VLANs wanted;
/// a port without any is parked on a VLAN that no network can have, and is never left open to all.
public final class OVSFabricDriver: FabricDriver {
  fileprivate struct State: Sendable {
    var fabric: FabricDefinition
    var vlans: FabricVLANs = [:]
    var sessions: [String: SwitchSession] = [:]
    /// Sessions of switches that have left the fabric and are being cleaned.
    var leaving: [String: SwitchSession] = [:]
    /// Switches whose endpoint or credentials are unreadable.
    var unreadable: [String: String] = [:]
    var readers: [Int: AsyncStream<FabricEvent>.Continuation] = [:]
    var lastReader = 0
  }

  private let state: Mutex<State>
  private let starts: AsyncStream<SwitchSession>
  private let starter: AsyncStream<SwitchSession>.Continuation
  private let owner: String
  private let group: any EventLoopGroup
  private let logger: Logger

  /// Makes a driver for the fabric of that name; it knows of no switches before `set`.
  public init(
    fabric name: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
  ) {
    state = Mutex(State(fabric: FabricDefinition(name: name)))
    owner = "netloom/\(name)"
    self.group = group
    self.logger = logger
    (starts, starter) = AsyncStream.makeStream()
  }

  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        for await session in self.starts {
          group.addTask {
            await session.run()
            self.ended(session)
          }
        }
        group.cancelAll()
      }
    }
  }

  public func set(_ fabric: FabricDefinition, _ vlans: FabricVLANs) {
    let started = state.withLock { state -> [SwitchSession] in
      state.fabric = fabric
      state.vlans = vlans
      return connect(&state)
    }
    for session in started { starter.yield(session) }
    report(.changed)
  }

  public func events() -> AsyncStream<FabricEvent> {
    let (stream, continuation) = AsyncStream<FabricEvent>.makeStream(bufferingPolicy: .bufferingNewest(1024))
    let id = state.withLock { state in
      state.lastReader += 1
      state.readers[state.lastReader] = continuation
      return state.lastReader
    }
    continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.readers[id] = nil } }
    return stream
  }

  public func release(timeout: Duration = .seconds(10)) async throws {
    let events = events()
    let name = state.withLock { $0.fabric.name }
    set(FabricDefinition(name: name), [:])
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        if self.status.releasing.isEmpty { return true }
        for await _ in events where self.status.releasing.isEmpty { return true }
        return false
      }
      group.addTask {
        try await Task.sleep(for: timeout)
        return false
      }
      let isClean = try await group.next() ?? false
      group.cancelAll()
      try Task.checkCancellation()
      guard !isClean else { return }
      throw FabricError(self.releaseFailure())
    }
  }

  private func releaseFailure() -> String {
    let (name, leaving) = state.withLock { ($0.fabric.name, $0.leaving) }
    let reasons = leaving.sorted { $0.key < $1.key }.map { name, session in
      if case .failed(let reason) = session.switchState { return reason }
      let ports = session.problems.sorted { $0.key < $1.key }.map { "port \(name)/\($0.key): \($0.value)" }
      return ports.isEmpty ? "switch \(name) has not answered" : ports.joined(separator: "; ")
    }
    return "giving back the ports of fabric \(name): \(reasons.joined(separator: "; "))"
  }
}

// MARK: Switches that come and go

extension OVSFabricDriver {
  /// Tells every switch's session what is wanted, makes those that are missing and lets go of those that nobody needs;
  /// the new ones.
  private func connect(_ state: inout State) -> [SwitchSession] {
    var started: [SwitchSession] = []
    state.unreadable = [:]
    for (name, definition) in state.fabric.switches {
      let existing = state.sessions[name] ?? state.leaving.removeValue(forKey: name)
      if let existing, existing.definition == definition, existing.set(state.wanted(of: name)) {
        state.sessions[name] = existing
        continue
      }
      // The same switch by another way: what stands on it stays.
      existing?.abandon()
      state.sessions[name] = nil
      do throws(OVSDBError) {
        let session = try SwitchSession(
          name: name, definition, owner: owner, group: group, logger: logger
        ) { [weak self] in self?.report($0) }
        session.set(state.wanted(of: name))
        state.sessions[name] = session
        started.append(session)
      } catch {
        state.unreadable[name] = "switch \(name): \(error)"
      }
    }
    for (name, session) in state.sessions where state.fabric.switches[name] == nil {
      state.sessions[name] = nil
      state.leaving[name] = session
      session.set(SwitchSession.Wanted(isLeaving: true))
    }
    return started
  }

  private func ended(_ session: SwitchSession) {
    state.withLock { state in
      if state.leaving[session.name] === session { state.leaving[session.name] = nil }
    }
    report(.changed)
  }

  private func report(_ event: FabricEvent) {
    let (name, readers) = state.withLock { ($0.fabric.name, Array($0.readers.values)) }
    for reader in readers { reader.yield(event) }
    switch event {
    case .changed, .connected: break
    case .disconnected(let name, let reason):
      logger.warning("A fabric switch is unreachable", metadata: ["switch": "\(name)", "reason": "\(reason)"])
    case .drift(let port, let found, let wanted):
      logger.warning(
        "A port was changed behind our back and set back",
        metadata: ["fabric": "\(name)", "port": "\(port)", "found": "\(found)", "wanted": "\(wanted)"])
    }
  }
}

extension OVSFabricDriver.State {
  fileprivate func wanted(of name: String) -> SwitchSession.Wanted {
    let ports = Set(fabric.ports.lazy.filter { $0.switch == name }.map(\.port))
    return SwitchSession.Wanted(ports: ports, vlans: (vlans[name] ?? [:]).filter { ports.contains($0.key) })
  }
}

// MARK: Status

extension OVSFabricDriver {
  public var status: FabricStatus {
    let state = state.withLock { $0 }
    var status = FabricStatus()
    status.releasing = Set(state.leaving.keys)
    for (name, session) in state.sessions {
      status.switches[name] = session.switchState
      for (port, problem) in session.problems {
        let place = SwitchPort(switch: name, port: port)
        status.problems[place] = "port \(place): \(problem)"
      }
    }
    for (name, reason) in state.unreadable { status.switches[name] = .failed(reason) }
    for port in state.fabric.ports where state.fabric.switches[port.switch] == nil {
      status.problems[port] = state.unknownSwitch(port)
    }
    for (name, ports) in state.vlans {
      for (port, vlans) in ports {
        let place = SwitchPort(switch: name, port: port)
        status.ports[place] = state.vlanStates(vlans, on: place)
      }
    }
    return status
  }
}

extension OVSFabricDriver.State {
  fileprivate func vlanStates(_ vlans: Set<VLANID>, on place: SwitchPort) -> [VLANID: FabricStatus.VLANState] {
    func all(_ state: FabricStatus.VLANState) -> [VLANID: FabricStatus.VLANState] {
      Dictionary(uniqueKeysWithValues: vlans.map { ($0, state) })
    }
    guard fabric.switches[place.switch] != nil else { return all(.failed(unknownSwitch(place))) }
    guard fabric.ports.contains(place) else {
      return all(.failed("port \(place) is in no link, uplink or inter-switch link of fabric \(fabric.name)"))
    }
    if let reason = unreadable[place.switch] { return all(.failed(reason)) }
    return sessions[place.switch]?.vlanStates(vlans, on: place.port) ?? all(.pending("switch \(place.switch) is new"))
  }

  fileprivate func unknownSwitch(_ place: SwitchPort) -> String {
    "port \(place): fabric \(fabric.name) has no switch \"\(place.switch)\"; add it to spec.switches or correct the name"
  }
}
