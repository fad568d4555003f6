import Compiler
import OVNEngine

/// Carries what is known of where OVN's ports are to the compiler. Lives in one task.
struct SouthboundController {
  private let isRead: Bool
  private var state = SouthboundState.unknown(nil)

  /// - Parameter isRead: whether anybody reads the southbound database.
  init(isRead: Bool) { self.isRead = isRead }

  /// Whether the database has still to answer, and may.
  var isUndecided: Bool { isRead && state == .unknown(nil) }

  /// Takes in what the observer says.
  mutating func take(_ news: SouthboundNews) -> [Compiler.Change] {
    var changes = news.chassis.map { Compiler.Change.bound(port: $0.key, chassis: $0.value) }
    switch news.standing {
    case .followed?: state = .followed
    case .lost(let reason)?:
      let outage = "the southbound database of OVN does not answer: \(reason)"
      state = state.isKnown ? .outdated(outage) : .unknown(outage)
    case nil: return changes
    }
    changes.append(.southbound(state))
    return changes
  }
}
