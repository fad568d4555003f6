/// A number of places, for what a machine cannot do any number of times at once.
actor Places {
  private var free: Int
  private var queue: [CheckedContinuation<Void, Never>] = []

  init(_ number: Int) { free = number }

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { queue.append($0) }
    }
  }

  func giveBack() {
    if queue.isEmpty { free += 1 } else { queue.removeFirst().resume() }
  }
}
