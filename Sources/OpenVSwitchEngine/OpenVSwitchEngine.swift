import Logging
import NIOCore
import NIOPosix
import OVSDB
import ServiceLifecycle

/// Brings one Open vSwitch where it is wanted and keeps the ports of pods on it, over OVSDB.
///
/// What it makes bears the mark `external_ids:netloom-owner`; it changes and removes rows with its own mark and no
/// others. Every change is one transaction: a crash leaves the switch as it was before or as it is after.
public final class OpenVSwitchEngine: Service, Sendable {
  /// The mark of what is ours.
  public let owner: String
  /// Whether bridges forward in the kernel when nothing else decides.
  public let kernelHasDatapath: Bool
  let client: OVSDBClient
  let flows: FlowKeeper
  private let logger: Logger

  /// Makes an engine; it does nothing before `run`.
  ///
  /// - Parameters:
  ///   - endpoint: the switch's database, "unix:/var/run/openvswitch/db.sock".
  ///   - owner: the mark, for example "netloom".
  ///   - managementDirectory: where ovs-vswitchd has the management sockets of its bridges, `<bridge>.mgmt`; nil: beside
  ///     the database's socket, or /var/run/openvswitch. Used for ports with a rate or with security.
  ///   - kernelHasDatapath: whether the switch's kernel can forward; by default, whether this machine's can.
  public init(
    endpoint: Endpoint, credentials: TLSCredentials? = nil, owner: String = "netloom",
    managementDirectory: String? = nil, kernelHasDatapath: Bool = OpenVSwitchEngine.machineHasKernelDatapath(),
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
  ) {
    self.owner = owner
    self.kernelHasDatapath = kernelHasDatapath
    self.logger = logger
    flows = FlowKeeper(
      directory: managementDirectory ?? endpoint.socketDirectory ?? "/var/run/openvswitch", group: group, logger: logger
    )
    client = OVSDBClient(
      OVSDBClient.Configuration(
        endpoint: endpoint, credentials: credentials, database: "Open_vSwitch",
        tables: [
          MonitoredTable(OpenVSwitchRow.self), MonitoredTable(BridgeRow.self, indexes: [.column("name")]),
          MonitoredTable(PortRow.self, indexes: [.column("name")]), MonitoredTable(InterfaceRow.self),
          MonitoredTable(MirrorRow.self), MonitoredTable(QoSRow.self), MonitoredTable(QueueRow.self),
        ]),
      group: group, logger: logger)
  }

  /// Keeps the connection to the database until the task is cancelled or the service shut down.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.client.run() }
      group.addTask { await self.flows.keep { try await self.synchronizeFlows(of: $0) } }
      try await group.next()
      group.cancelAll()
    }
  }

  /// What happens to the switch's tables; `synchronized` each time the connection is (again) usable.
  public func events() -> ReplicaEvents { client.events() }

  /// What the switch holds now.
  ///
  /// - Throws: `OpenVSwitchError.unreachable` when the database cannot be reached within `timeout`.
  public func observe(timeout: Duration = .seconds(5)) async throws -> ObservedSwitch {
    try await connected("observing Open vSwitch", timeout: timeout)
    return try ObservedSwitch(client.replica)
  }

  /// The steps that `apply` would take now.
  public func plan(_ desired: DesiredSwitch) async throws -> SwitchPlan {
    plan(desired, observe: try await observe())
  }

  /// Brings the switch where it is wanted, in one transaction (none when it is there), and returns when ovs-vswitchd has
  /// taken it over. Ports of pods stay; one whose VLANs somebody else changed gets back those of `addPodPort`.
  ///
  /// - Returns: the steps taken, and what could not be: ports that are somebody else's, interfaces that ovs-vswitchd
  ///   reports an error for. Uplinks with too small an MTU are remarks.
  /// - Throws: `OpenVSwitchError` or `OVSDBError` when nothing could be done; `OpenVSwitchError.notRealized` when the
  ///   database has what is wanted, but ovs-vswitchd has not taken it over within `timeout`. The event that it has since
  ///   is a change of table Open_vSwitch.
  @discardableResult
  public func apply(_ desired: DesiredSwitch, timeout: Duration = .seconds(5)) async throws -> SwitchPlan {
    let attempt = "applying the wanted state"
    try await connected(attempt, timeout: timeout)
    var plan = try await retryingWhenOvertaken(attempt) {
      let observed = try ObservedSwitch(self.client.replica)
      let plan = self.plan(desired, observe: observed)
      try await self.write(SwitchTransaction(plan.actions, observed: observed, owner: self.owner).operations)
      if !plan.actions.isEmpty {
        self.logger.info(
          "Open vSwitch is changed", metadata: ["steps": .array(plan.actions.map { "\($0)" })])
      }
      return plan
    }
    try await takenOver(attempt, timeout: timeout)
    try await mirror(desired, attempt, timeout: timeout)
    let observed = try ObservedSwitch(client.replica)
    // Flows of OVN's bridge are OVN's.
    let held = observed.ports.values.filter { $0.isPodPort && $0.owner == owner && $0.logicalPort == nil }
    for name in Set(held.map(\.bridge)) {
      do {
        try await synchronizeFlows(of: name)
      } catch {
        plan.problems.append(SwitchProblem(bridge: name, message: "the flows of pods' ports: \(error)"))
        flows.disturb(name)
      }
    }
    plan.problems += observed.problems(desired, owner: owner)
    plan.remarks += observed.remarks(desired, owner: owner)
    plan.awaited = desired.mirrors.compactMapValues { $0.awaited(on: observed) }
    return plan
  }

  private func plan(_ desired: DesiredSwitch, observe observed: ObservedSwitch) -> SwitchPlan {
    SwitchPlan(
      desired: desired.withTunnels(on: observed), observed: observed, owner: owner, kernelHasDatapath: kernelHasDatapath
    )
  }
}

extension OpenVSwitchEngine {
  /// Returns once the copy follows the database.
  func connected(_ attempt: String, timeout: Duration) async throws {
    if client.status == .synchronized { return }
    do {
      try await withDeadline(timeout) { try await self.client.waitUntilSynchronized() }
    } catch is DeadlineExceeded {
      let reason = if case .offline(let error?) = client.status { "\(error)" } else { "no answer" }
      throw OpenVSwitchError(
        .unreachable, attempt: attempt,
        reason: "the database at \(client.configuration.endpoint) cannot be reached within \(timeout): \(reason)")
    }
  }

  /// Performs the operations as one transaction and has ovs-vswitchd take the outcome over. Does nothing without any.
  @discardableResult
  func write(_ operations: [Operation]) async throws -> [OperationResult] {
    guard !operations.isEmpty else { return [] }
    return try await client.transact(operations + [OpenVSwitchRow.reconfigure])
  }

  /// Returns once ovs-vswitchd has taken over what stands in the database now. After `write` that includes what was
  /// written: the copy has it before the answer comes (RFC 7047 section 4.1.6).
  func takenOver(_ attempt: String, timeout: Duration) async throws {
    let place = "\(attempt) at \(client.configuration.endpoint)"
    guard let row = try client.replica.rows(OpenVSwitchRow.self).first else {
      throw OpenVSwitchError(
        .notRealized, attempt: place, reason: "the database has never been initialised; has Open vSwitch been started?")
    }
    do {
      try await withDeadline(timeout) {
        try await self.client.waitForRow(OpenVSwitchRow.self, row.id) {
          $0?.value.includes(row.next) == true ? () : nil
        }
      }
    } catch is DeadlineExceeded {
      try await connected(attempt, timeout: .zero)
      throw OpenVSwitchError(
        .notRealized, attempt: place,
        reason: "the database has it, but ovs-vswitchd has not taken it over within \(timeout); does ovs-vswitchd run?")
    }
  }

  /// Runs `body`, which reads the copy and writes by it, again when others changed the rows in between.
  func retryingWhenOvertaken<Result>(_ attempt: String, _ body: () async throws -> Result) async throws -> Result {
    for _ in 0..<3 {
      let events = client.events()
      do {
        return try await body()
      } catch let error as OVSDBError where error.isCausedByOthers {
        try await nextChange(in: events)
      }
    }
    throw OpenVSwitchError(
      .contended, attempt: "\(attempt) at \(client.configuration.endpoint)",
      reason: "others changed the same rows at the same moment, three times; the next attempt starts anew")
  }

  /// Returns when the copy has heard of a change. The server tells of a change in a moment, if there was one.
  private func nextChange(in events: ReplicaEvents) async throws {
    do {
      try await withDeadline(.seconds(1)) {
        for await event in events {
          if case .changed = event { return }
        }
      }
    } catch is DeadlineExceeded {
      // Then the copy was right already, and the next attempt tells what is wrong.
    }
  }
}

extension OVSDBError {
  /// Whether the transaction failed because rows were not any more what they had been when they were read.
  var isCausedByOthers: Bool {
    switch code {
    case .waitTimedOut, .constraintViolation, .referentialIntegrityViolation: true
    default: false
    }
  }
}
