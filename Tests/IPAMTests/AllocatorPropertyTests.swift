import IPAM
import NetworkTypes
import TestSupport
import Testing

/// What the allocator does, in the simplest words: lists that are searched from end to end.
private struct NaiveModel {
  let assignable: [IPAddress]
  let quarantine: Duration
  var held: [IPAddress: Int] = [:]
  var released: [(address: IPAddress, at: Duration)] = []
  var used: Set<IPAddress> = []

  mutating func allocate(_ owner: Int) -> IPAddress? {
    if let mine = held.first(where: { $0.value == owner }) { return mine.key }
    guard let address = assignable.first(where: { !used.contains($0) }) ?? released.first?.address else { return nil }
    take(address, owner)
    return address
  }

  mutating func take(_ address: IPAddress, _ owner: Int) {
    held[address] = owner
    used.insert(address)
    released.removeAll { $0.address == address }
  }

  mutating func release(_ owner: Int, at now: Duration) {
    for address in assignable where held[address] == owner {
      held[address] = nil
      released.append((address, now))
    }
  }

  func resting(at now: Duration) -> Int { released.count { $0.at + quarantine > now } }
}

@Suite struct AllocatorPropertyTests {
  @Test(arguments: 0..<40)
  func agreesWithANaiveModel(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let cidr = ["10.0.0.0/27", "2001:db8::/123", "255.255.255.224/27"].randomElement(using: &random)!
    let configuration = PoolConfiguration(cidr: CIDR(cidr)!, gateway: CIDR(cidr)!.first.advanced(by: 9))
    var allocator = Allocator<Int>(quarantine: .seconds(20))
    allocator.setPool("p", configuration)
    var model = NaiveModel(assignable: Array(configuration.assignable.addresses), quarantine: .seconds(20))
    var now = Duration.zero
    for _ in 0..<500 {
      now += .seconds(Int.random(in: 0...3, using: &random))
      let owner = Int.random(in: 0..<40, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let address = try? allocator.allocate(owner, from: "p", at: now)
        #expect(address == model.allocate(owner))
      case 5:
        let address = model.assignable.randomElement(using: &random)!
        if model.held[address] == nil {
          // One address an owner keeps the model simple.
          guard allocator.assignments(of: owner).isEmpty else { continue }
          #expect(try allocator.allocate(owner, from: "p", requested: address, at: now) == address)
          model.take(address, owner)
        } else if model.held[address] != owner {
          #expect(throws: IPAMError.self) { try allocator.allocate(owner, from: "p", requested: address, at: now) }
        }
      default:
        allocator.release(owner, at: now)
        model.release(owner, at: now)
      }
      let usage = try #require(allocator.usage(of: "p", at: now))
      #expect(usage.used == UInt128(model.held.count))
      #expect(usage.resting == UInt128(model.resting(at: now)))
      #expect(usage.total == usage.used - usage.outside + usage.resting + usage.free)
    }
    #expect(allocator.violations().isEmpty)
    for (address, owner) in model.held {
      #expect(allocator.owners(of: Assignment(pool: "p", address: address)) == [owner])
    }
  }

  /// Pools that change, owners with several addresses in several pools, and restarts at any moment: no address twice, none
  /// outside the pool given out, none lost.
  @Test(arguments: 0..<20)
  func nothingIsDoubledOrLost(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let configurations = ["10.0.0.0/28", "10.0.0.0/29", "10.0.0.8/29", "10.0.0.4/30"].map {
      PoolConfiguration(cidr: CIDR($0)!)
    }
    var current = ["p": configurations[0], "q": configurations[1]]
    var allocator = Allocator<Int>(quarantine: .seconds(5))
    for (id, configuration) in current { allocator.setPool(id, configuration) }
    var held: [Assignment: Int] = [:]
    for step in 0..<400 {
      let now = Duration.seconds(step)
      let owner = Int.random(in: 0..<12, using: &random)
      let id = ["p", "q"].randomElement(using: &random)!
      switch Int.random(in: 0..<12, using: &random) {
      case 0..<6:
        let requests = ["p", "q"].map { AllocationRequest(owner: owner, pool: $0) }
        guard let answer = try? allocator.allocate(requests, at: now) else {
          let isFull = ["p", "q"].contains { allocator.usage(of: $0, at: now).map { $0.free + $0.resting } == 0 }
          #expect(isFull)
          continue
        }
        for (request, addresses) in zip(requests, answer) {
          for address in addresses {
            let assignment = Assignment(pool: request.pool, address: address)
            let isNew = held.updateValue(owner, forKey: assignment) == nil
            #expect(!isNew || current[request.pool]!.assignable.contains(address))
            #expect(allocator.owners(of: assignment) == [owner])
          }
        }
      case 6..<10:
        let released = Set(allocator.release(owner, at: now))
        #expect(released == Set(held.filter { $0.value == owner }.keys))
        held = held.filter { $0.value != owner }
      case 10:
        current[id] = configurations.randomElement(using: &random)!
        allocator.setPool(id, current[id]!)
      default:
        var restarted = Allocator<Int>(quarantine: .seconds(5))
        let entries = held.shuffled(using: &random)
        for (assignment, owner) in entries.prefix(entries.count / 2) { restarted.restore([assignment], of: owner) }
        for (id, configuration) in current { restarted.setPool(id, configuration) }
        for (assignment, owner) in entries { restarted.restore([assignment], of: owner) }
        for id in ["p", "q"] {
          let before = try #require(allocator.usage(of: id, at: now))
          let after = try #require(restarted.usage(of: id, at: now))
          #expect(after.used == before.used && after.outside == before.outside)
          #expect(after.free == before.free + before.resting)
        }
        allocator = restarted
      }
      #expect(allocator.violations().isEmpty)
      let used = ["p", "q"].reduce(0) { $0 + (allocator.usage(of: $1, at: now)?.used ?? 0) }
      #expect(used == UInt128(held.count))
    }
    // Everything comes back: after all is released, every address of the pools can be had.
    for owner in Array(allocator.owners) { allocator.release(owner, at: .seconds(400)) }
    for (id, configuration) in current {
      var got: Set<IPAddress> = []
      for owner in 0..<Int(configuration.assignable.count) {
        got.insert(try allocator.allocate(owner + 1_000, from: id, at: .seconds(400)))
      }
      #expect(AddressSet(got) == configuration.assignable)
    }
  }

  @Test func memoryDoesNotGrowWithHistory() throws {
    var allocator = Allocator<Int>(quarantine: .seconds(1))
    allocator.setPool("p", PoolConfiguration(cidr: CIDR("2001:db8::/64")!))
    var seen: Set<IPAddress> = []
    for step in 0..<5_000 {
      seen.insert(try allocator.allocate(step, from: "p", at: .seconds(step)))
      allocator.release(step, at: .seconds(step))
    }
    #expect(seen.count < 1_100)
    #expect(allocator.usage(of: "p", at: .seconds(6_000))?.free == UInt128(1) << 64 - 1)
  }

  @Test func twentyThousandASecond() throws {
    var allocator = Allocator<String>()
    allocator.setPool("p", PoolConfiguration(cidr: CIDR("10.0.0.0/8")!))
    let owners = (0..<20_000).map { "b7f0a0de-5a3c-4c4e-9d1b-\($0)/net1" }
    let clock = ContinuousClock()
    let allocation = try clock.measure {
      for owner in owners { _ = try allocator.allocate(owner, from: "p", at: .zero) }
    }
    let churn = try clock.measure {
      for owner in owners {
        allocator.release(owner, at: .seconds(1))
        _ = try allocator.allocate(owner + "x", from: "p", at: .seconds(1))
      }
    }
    // Three times the goal's time leaves room for a machine that is busy with other tests.
    #expect(allocation < .seconds(3), "20,000 allocations took \(allocation)")
    #expect(churn < .seconds(6), "20,000 releases and allocations took \(churn)")
    #expect(allocator.violations().isEmpty)
    print("20,000 allocations: \(allocation), releases with allocations: \(churn)")
  }
}
