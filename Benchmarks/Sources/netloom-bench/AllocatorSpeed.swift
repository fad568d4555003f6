import IPAM
import NetworkTypes

/// What the allocator can do in memory, with a pool of 65,000 addresses.
struct AllocatorSpeed {
  private static let pool = "test/big"

  func run() throws -> Section {
    var section = Section(
      title: "The allocator in memory",
      method:
        "A pool of a /16, an owner an address. Fresh: all addresses one after the other. 99 % full: an owner leaves "
        + "and another one comes, with the other addresses in use.")
    let configuration = PoolConfiguration(cidr: try CIDR(parsing: "10.0.0.0/16"))
    let total = Int(configuration.assignable.count)
    var allocator = Allocator<String>(quarantine: .seconds(60))
    allocator.setPool(Self.pool, configuration)
    let owners = (0..<(2 * total)).map { "pod-\($0)/net1" }
    let fresh = try time {
      for owner in owners[..<total] { _ = try allocator.allocate(owner, from: Self.pool, at: .zero) }
    }
    let last = total / 100
    for owner in owners[..<last] { allocator.release(owner, at: .zero) }
    let changes = 20_000
    let full = try time {
      for index in 0..<changes {
        // Time goes on, so that what has rested is used again.
        let now = Duration.milliseconds(100 * index + 60_000)
        _ = try allocator.allocate(owners[total + index], from: Self.pool, at: now)
        allocator.release(owners[last + index], at: now)
      }
    }
    let violations = allocator.violations().count
    section.figures = [
      Figure("allocations, fresh", Double(total) / fresh.seconds, "/s"),
      Figure("allocations, 99 % full, a release each", Double(changes) / full.seconds, "/s"),
    ]
    section.bounds = section.figures.map {
      Bound(claim: "\($0.what), a pool of \(total)", direction: .atLeast, limit: 20_000, found: $0.value, unit: "/s")
    }
    section.bounds.append(Bound(claim: "violations in the allocator", limit: 0, found: Double(violations), unit: ""))
    return section
  }
}
