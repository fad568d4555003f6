import CNI
import Testing

@testable import MultiNetwork

@Suite("Calls at the same time", .timeLimit(.minutes(1)))
struct ConcurrencyTests {
  @Test("for one sandbox come one after the other, each with its whole batch")
  func oneSandbox() async throws {
    try await with { host, multiplexer, network in
      let inside = Inside()
      host.change { state in
        state.within = {
          await inside.enter()
          for _ in 0..<20 { await Task.yield() }
          await inside.leave()
        }
      }
      try await withThrowingTaskGroup { tasks in
        for number in 0..<12 {
          tasks.addTask {
            if number.isMultiple(of: 2) {
              _ = try await multiplexer.add(host.sandbox(), network)
            } else {
              try await multiplexer.delete(host.sandbox(), network)
            }
          }
        }
        try await tasks.waitForAll()
      }
      #expect(await inside.most == 1)
      let calls = host.look { $0.native }
      // A DEL that comes when nothing is attached knows of the cluster's network alone.
      #expect(Set(calls).isSubset(of: ["ADD eth0,net1,net2", "DEL eth0,net1,net2", "DEL eth0"]))
      #expect(calls.count { $0.hasPrefix("ADD") } == 6)
      // No ADD is on top of another.
      #expect(!zip(calls, calls.dropFirst()).contains { $0.hasPrefix("ADD") && $1.hasPrefix("ADD") })
    }
  }

  @Test("for different sandboxes do not wait for one another")
  func differentSandboxes() async throws {
    try await with { host, multiplexer, network in
      // Nobody leaves before all have come.
      let (additions, deletions) = (Meeting(of: 4), Meeting(of: 4))
      for (meeting, isAddition) in [(additions, true), (deletions, false)] {
        host.change { $0.within = { await meeting.arrive() } }
        try await withThrowingTaskGroup { tasks in
          for number in 0..<4 {
            tasks.addTask {
              let sandbox = host.sandbox("c\(number)")
              if isAddition {
                _ = try await multiplexer.add(sandbox, network)
              } else {
                try await multiplexer.delete(sandbox, network)
              }
            }
          }
          try await tasks.waitForAll()
        }
      }
      #expect(multiplexer.parts.state.all().sandboxes.isEmpty)
    }
  }

  /// Pods that get three interfaces of our own type.
  private func with(_ body: (TestHost, Multiplexer, NetworkConfiguration) async throws -> Void) async throws {
    try await TestHost.with { host in
      host.define("n", ["cniVersion": "1.0.0", "name": "n", "type": "netloom", "bridge": "br-data", "vlan": 13])
      host.ask(for: "n,n")
      try await body(host, host.multiplexer, host.network(["clusterNetwork": "test/n"]))
    }
  }
}

/// How many are inside at a time.
private actor Inside {
  private var now = 0
  private(set) var most = 0

  func enter() {
    now += 1
    most = max(most, now)
  }

  func leave() { now -= 1 }
}

/// Lets those who come go on when all are there.
private actor Meeting {
  private let size: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(of size: Int) { self.size = size }

  func arrive() async {
    guard waiting.count + 1 < size else {
      for continuation in waiting { continuation.resume() }
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}
