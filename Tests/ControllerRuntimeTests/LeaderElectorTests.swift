import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite struct LeaderElectorStateMachineTests {
  private func machine(_ identity: String) -> LeaderElectorStateMachine {
    LeaderElectorStateMachine(LeaderElection(namespace: "n", name: "l", identity: identity))
  }
  private let time = Timestamp("2026-01-01T00:00:00Z")!

  @Test func `creates, renews, and gives up after the deadline`() throws {
    var a = machine("a")
    guard case .create(let lease) = a.read(nil, now: .zero, time: time) else {
      Issue.record("not created")
      return
    }
    #expect(lease.spec?.leaseDurationSeconds == 15 && lease.spec?.leaseTransitions == 0)
    a.written(lease, start: .zero)
    #expect(a.isLeader && a.holder == "a" && a.renewDeadline == .seconds(10))
    let renewal = try #require(a.renewal(time: time.advanced(by: .seconds(2))))
    #expect(renewal.spec?.acquireTime == lease.spec?.acquireTime)
    #expect(renewal.spec?.renewTime == "2026-01-01T00:00:02.000000Z")
    #expect(a.failed(now: .seconds(9)) == true)
    #expect(a.failed(now: .seconds(10)) == false)
    #expect(!a.isLeader)
  }

  @Test func `waits for another's lease to expire on its own clock`() throws {
    var a = machine("a")
    var b = machine("b")
    guard case .create(var lease) = a.read(nil, now: .zero, time: time) else { return }
    // The holder's clock is years ahead: that must not matter.
    lease.spec?.renewTime = "2036-01-01T00:00:00.000000Z"
    #expect(b.read(lease, now: .seconds(100), time: time) == .wait)
    #expect(b.read(lease, now: .seconds(114), time: time) == .wait)
    lease.spec?.renewTime = "2036-01-01T00:00:02.000000Z"
    #expect(b.read(lease, now: .seconds(114), time: time) == .wait)
    #expect(b.read(lease, now: .seconds(128), time: time) == .wait)
    guard case .replace(let mine) = b.read(lease, now: .seconds(129), time: time) else {
      Issue.record("still waiting")
      return
    }
    #expect(mine.spec?.holderIdentity == "b" && mine.spec?.leaseTransitions == 1)
  }

  @Test func `a lease that was let go is free soon`() throws {
    var a = machine("a")
    guard case .create(let lease) = a.read(nil, now: .zero, time: time) else { return }
    a.written(lease, start: .zero)
    let released = try #require(a.release(time: time))
    var b = machine("b")
    guard case .replace = b.read(released, now: .zero, time: time) else {
      Issue.record("not free")
      return
    }
  }

  /// Contenders with failing networks and slow requests: at no moment two of them believe that they lead.
  @Test(arguments: 0..<30) func `never two leaders`(seed: UInt64) {
    var random = SplitMix(state: seed)
    var machines = ["a", "b", "c"].map { machine($0) }
    var next = machines.map { _ in Duration.zero }
    var isCut = machines.map { _ in false }
    var lease: Lease?
    var version = 0
    var leaders: Set<Int> = []
    var now = Duration.zero
    for _ in 0..<4000 {
      now += .milliseconds(250)
      if Int.random(in: 0..<40, using: &random) == 0 { isCut[Int.random(in: 0..<3, using: &random)].toggle() }
      for index in machines.indices where next[index] <= now {
        next[index] = now + .seconds(2)
        guard !isCut[index] else {
          _ = machines[index].failed(now: now)
          continue
        }
        let day = time.advanced(by: now)
        var written = machines[index].renewal(time: day)
        if written == nil || written?.metadata.resourceVersion != lease?.metadata.resourceVersion {
          written =
            switch machines[index].read(lease, now: now, time: day) {
            case .create(let claim), .replace(let claim): claim
            case .wait: nil
            }
        }
        guard var written else { continue }
        version += 1
        written.metadata.resourceVersion = String(version)
        lease = written
        // Sometimes the answer is lost though the lease was written.
        if Int.random(in: 0..<20, using: &random) == 0 {
          _ = machines[index].failed(now: now)
        } else {
          machines[index].written(written, start: now)
        }
      }
      // The shell stops a leader at its deadline.
      for index in machines.indices {
        if let deadline = machines[index].renewDeadline, now >= deadline { _ = machines[index].failed(now: now) }
      }
      let leading = machines.indices.filter { machines[$0].isLeader }
      #expect(leading.count <= 1, "\(leading) at \(now)")
      leaders.formUnion(leading)
    }
    #expect(leaders.count > 1)
  }
}
