import KubernetesModel
import NetloomAPI
public import OVNModel

/// What OVN has of what an object wants.
public struct NorthboundState: Hashable, Sendable {
  /// How far it is.
  public enum Progress: Hashable, Sendable {
    /// Handed over, and not taken over by OVN yet.
    case pending
    /// OVN has it: committed, and translated by northd.
    case programmed
    /// Why it cannot be brought there, for people.
    case failed(String)
  }

  /// What was asked for last: ``digest(_:)`` of the fragments.
  public var asked: Int
  /// How far that is.
  public var progress: Progress
  /// The names of its ports that are bound to a node.
  public var boundPorts: Set<String>

  /// A state.
  public init(asked: Int, progress: Progress = .pending, boundPorts: Set<String> = []) {
    self.asked = asked
    self.progress = progress
    self.boundPorts = boundPorts
  }

  /// Names a set of fragments within this process; nothing is 0, and that everything stays as it is -1.
  public static func digest(_ fragments: Set<RowFragment>?) -> Int {
    guard let fragments else { return -1 }
    return fragments.reduce(0) { $0 &+ $1.digest }
  }

  /// Whether it was asked for something that is known, and OVN has it.
  var isProgrammed: Bool { asked != 0 && !isAsItWas && progress == .programmed }

  /// Whether all that was asked for is that everything stays as it was: what that is is not known.
  var isAsItWas: Bool { asked == Self.digest(nil) }
}

/// What an object wants of OVN.
struct LogicalPlan: Hashable, Sendable {
  /// The rows; none: it wants nothing.
  var fragments: Set<RowFragment> = []
  /// Whether what OVN has stays, because the manifest is wrong: a mistake changes nothing in the network.
  var isKept = false
  /// Why something is not as its author wants it.
  var findings: [Finding] = []

  /// Everything stays as it is, for these reasons.
  static func kept(_ findings: [Finding]) -> Self { Self(isKept: true, findings: findings) }

  /// What has to be done so that OVN is asked for what is planned.
  func actions(_ id: WorldID, observed: NorthboundState?) -> [Action] {
    // What was asked for before stays; of what there is from before a restart that has to be said.
    guard !isKept else { return observed == nil ? [.program(id, nil)] : [] }
    return (observed?.asked ?? 0) == NorthboundState.digest(fragments) ? [] : [.program(id, fragments)]
  }
}

extension LogicalPlan {
  /// What people are told of an object that has no status, as soon as it is otherwise than `before`.
  func announcements(_ id: WorldID, uid: String?, after before: LogicalPlan?) -> [Action] {
    guard findings != before?.findings else { return [] }
    return findings.map {
      .announce(Announcement(subject: id, uid: uid, isWarning: true, reason: $0.reason, message: $0.message))
    }
  }
}

extension NorthboundOwner {
  /// The owner of an object's rows.
  public init(_ id: WorldID) { self.init(kind: id.kind.name, name: id.name.description) }
}

extension Reader {
  /// What an object wants of OVN; nil when there is no OVN, or it wants nothing.
  func computeLogical(_ id: WorldID) -> LogicalPlan? {
    // What a policy asks for is told to be missing where it is.
    guard hasOVN || id.kind == .policy else { return nil }
    return switch id.kind {
    case .service: serviceRows(id.name)
    case .pod: podRows(id.name)
    case .router: routerRows(id.name)
    case .policy: policyRows(id.name)
    case .networkPort: networkPortRows(id.name)
    case .serviceChain: chainRows(id.name)
    default: nil
    }
  }

  /// Why OVN does not have yet what an object wants of it; nil: it has.
  func programming(_ id: WorldID) -> Finding? {
    guard let plan = logicalPlan(id) else { return nil }
    if let finding = plan.findings.first { return finding }
    return unprogrammed(id, plan.isKept ? nil : plan.fragments)
  }

  /// Why OVN does not have yet what an object was asked to have; nil: it has.
  func unprogrammed(_ id: WorldID, _ fragments: Set<RowFragment>? = nil) -> Finding? {
    let pending = Finding(reason: ConditionReason.programming, message: "OVN is being told of \(id)")
    guard let state = northbound(of: id), !state.isAsItWas else { return pending }
    if let fragments, state.asked != NorthboundState.digest(fragments) { return pending }
    return switch state.progress {
    case .programmed: nil
    case .pending: pending
    case .failed(let message): Finding(reason: ConditionReason.programmingFailed, message: message)
    }
  }

  /// Whether OVN has something of an object, and all that it was asked to have.
  func isInOVN(_ id: WorldID) -> Bool { northbound(of: id)?.isProgrammed ?? false }

  /// What OVN still has of an object that is to have nothing there.
  func residue(inOVNOf id: WorldID) -> [String] {
    guard let state = northbound(of: id), state.asked != 0 || state.progress != .programmed else { return [] }
    return ["the rows of \(id) in OVN"]
  }
}
