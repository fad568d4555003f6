/// For how long people are told nothing because the network waits for something. Pure.
///
/// What is written to tell them takes time from those whom the network waits for: this process, ovn-northd, and then the
/// ovn-controllers, of which nobody here hears.
struct Silence: Sendable, Hashable {
  /// How long at most, from when the network began to wait.
  static let patience = Duration.milliseconds(500)
  /// How long after ovn-northd has done what was asked of it.
  static let rest = Duration.milliseconds(20)

  /// When the network began to wait; nil: it does not.
  private var begin: Duration?
  /// What the last `update` said.
  private var isBusy = false
  private var isProgramming = false
  /// When the ovn-controllers have had the time to do what northd made of the last change, if it has.
  private var restEnd: Duration = .zero

  /// What the network waits for now. To be called whenever that may have changed.
  ///
  /// - Parameters:
  ///   - isWriting: whether something urgent is being written to the API server, or is to be.
  ///   - isProgramming: whether rows are on their way to ovn-northd.
  mutating func update(isWriting: Bool, isProgramming: Bool, at time: Duration) {
    if self.isProgramming { restEnd = time + Self.rest }
    isBusy = isWriting || isProgramming
    self.isProgramming = isProgramming
    if isBusy { begin = begin ?? time } else if let end, end <= time { begin = nil }
  }

  /// When it ends if nothing more happens; nil: there is none.
  var end: Duration? { begin.map { isBusy ? $0 + Self.patience : min($0 + Self.patience, restEnd) } }
}
