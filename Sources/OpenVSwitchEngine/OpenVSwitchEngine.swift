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

  /// Makes an engine; it does nothing before `run`.
  ///
  /// - Parameters:
  ///   - endpoint: the switch's database, "unix:/var/run/openvswitch/db.sock".
  ///   - owner: the mark, for example "netloom".
  ///   - kernelHasDatapath: whether the switch's kernel can forward; by default, whether this machine's can.
  public init(
    endpoint: Endpoint, credentials: TLSCredentials? = nil, owner: String = "netloom",
    kernelHasDatapath: Bool = OpenVSwitchEngine.machineHasKernelDatapath(),
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
  ) {
    self.owner = owner
    self.kernelHasDatapath = kernelHasDatapath
    client = OVSDBClient(
      OVSDBClient.Configuration(
        endpoint: endpoint, credentials: credentials, database: "Open_vSwitch",
        tables: [
          MonitoredTable(OpenVSwitchRow.self), MonitoredTable(BridgeRow.self, indexes: [.column("name")]),
          MonitoredTable(PortRow.self, indexes: [.column("name")]), MonitoredTable(InterfaceRow.self),
        ]),
      group: group, logger: logger)
  }

  /// Keeps the connection to the database until the task is cancelled or the service shut down.
  public func run() async throws { try await client.run() }

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

  /// Brings the switch where it is wanted, in one transaction; does nothing when it is there.
  ///
  /// - Returns: the steps taken, and what could not be: ports that are somebody else's, interfaces that ovs-vswitchd
  ///   reports an error for (it gets `timeout` to take new ones up).
  /// - Throws: `OpenVSwitchError` or `OVSDBError` when nothing could be done.
  @discardableResult
  public func apply(_ desired: DesiredSwitch, timeout: Duration = .seconds(5)) async throws -> SwitchPlan {
    try await connected("applying the wanted state", timeout: timeout)
    return try await retryingWhenOvertaken("applying the wanted state") {
      let observed = try ObservedSwitch(self.client.replica)
      var plan = self.plan(desired, observe: observed)
      if !plan.actions.isEmpty {
        let operations = SwitchTransaction(plan.actions, observed: observed, owner: self.owner).operations
        let results = try await self.client.transact(operations)
        try await self.awaitInterfaces(inserted: results, by: operations, timeout: timeout)
      }
      plan.problems += try ObservedSwitch(self.client.replica).interfaceProblems(owner: self.owner)
      return plan
    }
  }

  private func plan(_ desired: DesiredSwitch, observe observed: ObservedSwitch) -> SwitchPlan {
    SwitchPlan(desired: desired, observed: observed, owner: owner, kernelHasDatapath: kernelHasDatapath)
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

  /// Returns once ovs-vswitchd has taken the new interfaces up, or said why not, or when the time is over.
  private func awaitInterfaces(
    inserted results: [OperationResult], by operations: [Operation], timeout: Duration
  ) async throws {
    let ids = zip(operations, results).compactMap { operation, result -> RowID? in
      if case .insert(InterfaceRow.tableName, _, _) = operation { result.insertedID } else { nil }
    }
    do {
      try await withDeadline(timeout) {
        for id in ids {
          try await self.client.waitForRow(InterfaceRow.self, id) { $0?.ofport != nil || $0?.error != nil ? () : nil }
        }
      }
    } catch is DeadlineExceeded {
      // Reported by `interfaceProblems`: an interface that has neither port number nor error.
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

extension ObservedSwitch {
  /// What ovs-vswitchd says is wrong with the interfaces of our bridges and uplinks. Pods' ports are their own matter.
  func interfaceProblems(owner: String) -> [SwitchProblem] {
    ports.sorted { $0.key < $1.key }.flatMap { name, port -> [SwitchProblem] in
      guard port.owner == owner, !port.isPodPort else { return [] }
      return port.interfaces.compactMap { interface in
        let reason =
          interface.error ?? (interface.ofport == nil ? "ovs-vswitchd has not taken it up; is it running?" : nil)
        return reason.map { SwitchProblem(bridge: port.bridge, message: "interface \(interface.name): \($0)") }
      }
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
