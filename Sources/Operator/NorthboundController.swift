import Compiler
import OVNEngine
import OVNModel

/// Carries what objects want of OVN to the engine, and what it reports back. Lives in one task.
struct NorthboundController {
  /// What was asked for an object, and what is known of it.
  private struct Request {
    var id: WorldID
    var asked: Int
    var report: NorthboundReport?

    /// How what is asked for now stands: a report on what was asked for before says nothing about it.
    var current: NorthboundReport.State? { report.flatMap { $0.revision == asked ? $0.state : nil } }
  }

  private var requests: [NorthboundOwner: Request] = [:]
  /// Those whose rows are on their way: into the database, and to ovn-northd.
  private var uncommitted: Set<NorthboundOwner> = []
  private var unprogrammed: Set<NorthboundOwner> = []
  /// Why the database cannot be reached; nil: it can.
  private var outage: String?
  private var wishes: [NorthboundOwner: NorthboundWish] = [:]

  /// An object is to have other rows; nil: those that it has, whatever they are.
  ///
  /// - Returns: what the compiler has to know: that it was asked for.
  mutating func program(_ id: WorldID, _ fragments: Set<RowFragment>?) -> Compiler.Change {
    let owner = NorthboundOwner(id)
    let request = Request(id: id, asked: NorthboundState.digest(fragments), report: requests[owner]?.report)
    set(request, of: owner)
    wishes[owner] = NorthboundWish(fragments, revision: request.asked)
    return .northbound(id, state(of: request))
  }

  /// Whether rows are on their way into the database, which answers.
  var isWriting: Bool { outage == nil && !uncommitted.isEmpty }

  /// Whether rows are on their way to ovn-northd; the database answers.
  var isBusy: Bool { outage == nil && !unprogrammed.isEmpty }

  /// Whether the rows of an object are on their way into the database, which answers.
  func isWriting(_ id: WorldID) -> Bool { outage == nil && uncommitted.contains(NorthboundOwner(id)) }

  /// What the engine is to be told.
  mutating func takeWishes() -> [NorthboundOwner: NorthboundWish] {
    defer { wishes = [:] }
    return wishes
  }

  /// Takes in what the engine says.
  ///
  /// - Parameter exists: whether there still is an object.
  mutating func take(_ news: NorthboundNews, exists: (WorldID) -> Bool) -> [Compiler.Change] {
    var owners = Set(news.reports.keys)
    if let connection = news.connection {
      outage = connection.outage
      for (owner, request) in requests where request.report?.state != .programmed { owners.insert(owner) }
    }
    var changes: [Compiler.Change] = []
    for owner in owners {
      guard var request = requests[owner] else { continue }
      request.report = news.reports[owner] ?? request.report
      let state = state(of: request)
      let isOver = state.asked == 0 && state.progress == .programmed && !exists(request.id)
      set(isOver ? nil : request, of: owner)
      changes.append(.northbound(request.id, isOver ? nil : state))
    }
    return changes
  }

  /// What people are to be told of rows that were put back: a word for each object.
  func announcements(of repairs: [NorthboundRepair], uid: (WorldID) -> String?) -> [Announcement] {
    Dictionary(grouping: repairs, by: \.owner).sorted { $0.key < $1.key }.compactMap { owner, repairs in
      guard let id = requests[owner]?.id, let first = repairs.first else { return nil }
      let others = repairs.count > 1 ? "; and so were \(repairs.count - 1) more rows" : ""
      return Announcement(
        subject: id, uid: uid(id), isWarning: true, reason: "DriftRepaired",
        message: "somebody changed \(first.row) in OVN (\(first.found)); it was put back\(others)")
    }
  }

  private mutating func set(_ request: Request?, of owner: NorthboundOwner) {
    requests[owner] = request
    let isUncommitted = request.map { $0.current == nil || $0.current == .pending(nil) } ?? false
    if isUncommitted { uncommitted.insert(owner) } else { uncommitted.remove(owner) }
    if isUncommitted || request?.current == .committed {
      unprogrammed.insert(owner)
    } else {
      unprogrammed.remove(owner)
    }
  }

  private func state(of request: Request) -> NorthboundState {
    let progress: NorthboundState.Progress =
      switch request.current {
      case .programmed?: .programmed
      case .failed(let reason)?: .failed(reason)
      case .pending?, .committed?, nil: outage.map { .failed($0) } ?? .pending
      }
    return NorthboundState(asked: request.asked, progress: progress, boundPorts: request.report?.boundPorts ?? [])
  }
}

extension NorthboundConnection {
  /// Why the database cannot be reached, for people; nil: it can, or that is not known yet.
  fileprivate var outage: String? {
    guard case .failed(let reason) = self else { return nil }
    return "the northbound database of OVN does not answer: \(reason)"
  }
}
