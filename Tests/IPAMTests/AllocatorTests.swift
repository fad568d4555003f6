import IPAM
import NetworkTypes
import Testing

@Suite struct AllocatorTests {
  static func ip(_ text: String) -> IPAddress { IPAddress(text)! }

  static func allocator(
    _ cidr: String = "10.10.13.0/24", gateway: String? = "10.10.13.1", ranges: [String]? = nil,
    exclusions: [String] = [], quarantine: Duration = .seconds(60)
  ) -> Allocator<String> {
    var allocator = Allocator<String>(quarantine: quarantine)
    allocator.setPool("a", pool(cidr, gateway: gateway, ranges: ranges, exclusions: exclusions))
    return allocator
  }

  static func pool(
    _ cidr: String, gateway: String? = nil, ranges: [String]? = nil, exclusions: [String] = []
  ) -> PoolConfiguration {
    PoolConfiguration(
      cidr: CIDR(cidr)!, gateway: gateway.map(ip), ranges: ranges?.map { AddressRange($0)! },
      exclusions: exclusions.map { .init(CIDR($0)!.range, "excluded by \($0)") })
  }

  @Test(
    arguments: [
      ("10.0.0.0/29", nil, nil, [], "10.0.0.1-10.0.0.6"),
      ("10.0.0.0/29", "10.0.0.1", nil, [], "10.0.0.2-10.0.0.6"),
      ("10.0.0.0/29", "10.0.0.1", nil, ["10.0.0.4/31"], "10.0.0.2-10.0.0.3,10.0.0.6"),
      ("10.0.0.0/29", "10.0.0.3", ["10.0.0.0-10.0.0.3", "10.0.0.7"], [], "10.0.0.1-10.0.0.2"),
      ("10.0.0.0/31", nil, nil, [], "10.0.0.0-10.0.0.1"),
      ("10.0.0.0/32", nil, nil, [], "10.0.0.0"),
      ("2001:db8::/125", nil, nil, [], "2001:db8::1-2001:db8::7"),
      ("10.0.0.0/29", nil, ["10.9.9.1-10.9.9.9"], [], ""),
    ] as [(String, String?, [String]?, [String], String)])
  func reservedAddressesAreNotAssignable(
    cidr: String, gateway: String?, ranges: [String]?, exclusions: [String], assignable: String
  ) {
    let pool = Self.pool(cidr, gateway: gateway, ranges: ranges, exclusions: exclusions)
    #expect(pool.assignable.description == assignable)
  }

  @Test func neverUsedAddressesComeFirstThenTheLongestRested() throws {
    var allocator = Self.allocator("10.0.0.0/29", gateway: "10.0.0.1")  // .2 to .6
    #expect(try allocator.allocate("a/net1", from: "a", at: .zero) == Self.ip("10.0.0.2"))
    #expect(try allocator.allocate("b/net1", from: "a", at: .zero) == Self.ip("10.0.0.3"))
    allocator.release("b/net1", at: .seconds(1))
    allocator.release("a/net1", at: .seconds(2))
    for (owner, address) in [("c", 4), ("d", 5), ("e", 6), ("f", 3), ("g", 2)] {
      #expect(try allocator.allocate(owner, from: "a", at: .seconds(100)) == Self.ip("10.0.0.\(address)"))
    }
    #expect {
      try allocator.allocate("h", from: "a", at: .seconds(100))
    } throws: {
      "\($0)"
        == "subnet a has no free address: all 5 are in use; enlarge its pools or delete pods that use it"
    }
    #expect(allocator.violations().isEmpty)
  }

  @Test func quarantineYieldsOnlyWhenNothingElseIsFree() throws {
    var allocator = Self.allocator("10.0.0.0/30", gateway: nil)  // .1 and .2
    _ = try allocator.allocate("a", from: "a", at: .zero)
    allocator.release("a", at: .seconds(1))
    #expect(allocator.usage(of: "a", at: .seconds(2)) == PoolUsage(total: 2, used: 0, outside: 0, resting: 1, free: 1))
    #expect(allocator.usage(of: "a", at: .seconds(61)) == PoolUsage(total: 2, used: 0, outside: 0, resting: 0, free: 2))
    #expect(try allocator.allocate("b", from: "a", at: .seconds(2)) == Self.ip("10.0.0.2"))
    #expect(try allocator.allocate("c", from: "a", at: .seconds(2)) == Self.ip("10.0.0.1"))
  }

  @Test func anOwnerGetsTheSameAddressAgain() throws {
    var allocator = Self.allocator()
    let first = try allocator.allocate("a", from: "a", at: .zero)
    #expect(try allocator.allocate("a", from: "a", at: .seconds(1)) == first)
    #expect(try allocator.allocate("a", from: "a", requested: first, at: .seconds(1)) == first)
    #expect(allocator.assignments(of: "a") == [Assignment(pool: "a", address: first)])
    #expect(allocator.usage(of: "a", at: .zero)?.used == 1)
  }

  @Test(arguments: [
    ("10.10.14.5", "it is outside the subnet 10.10.13.0/24"), ("10.10.13.1", "it is the gateway"),
    ("10.10.13.0", "it is the network address"), ("10.10.13.255", "it is the broadcast address"),
    ("10.10.13.130", "it is excluded by 10.10.13.128/28"),
    ("2001:db8::1", "it is outside the subnet 10.10.13.0/24"),
  ])
  func aRequestForAReservedAddressIsRefused(address: String, reason: String) {
    var allocator = Self.allocator(ranges: ["10.10.13.10-10.10.13.254"], exclusions: ["10.10.13.128/28"])
    #expect(throws: IPAMError.notAssignable(Self.ip(address), "a", reason: reason)) {
      try allocator.allocate("a", from: "a", requested: Self.ip(address), at: .zero)
    }
    #expect(allocator.usage(of: "a", at: .zero)?.used == 0)
    #expect(Array(allocator.owners).isEmpty)
  }

  @Test func requestedAddresses() throws {
    var allocator = Self.allocator()
    let address = Self.ip("10.10.13.2")
    #expect(try allocator.allocate("a", from: "a", requested: address, at: .zero) == address)
    #expect(throws: IPAMError.taken(address, "a", owner: "a")) {
      try allocator.allocate("b", from: "a", requested: address, at: .zero)
    }
    // The sweep passes over it, and a resting address may be asked for by name.
    #expect(try allocator.allocate("b", from: "a", at: .zero) == Self.ip("10.10.13.3"))
    allocator.release("b", at: .zero)
    #expect(
      try allocator.allocate("c", from: "a", requested: Self.ip("10.10.13.3"), at: .zero) == Self.ip("10.10.13.3"))
    #expect(allocator.usage(of: "a", at: .zero)?.resting == 0)
    #expect(throws: IPAMError.unknownPool("b")) { try allocator.allocate("a", from: "b", at: .zero) }
    #expect(allocator.violations().isEmpty)
  }

  /// What the pools do not hand out unasked is there for those who ask.
  @Test func addressesOutsideThePoolsAreForThoseWhoAsk() throws {
    var allocator = Self.allocator("10.0.0.0/24", gateway: "10.0.0.1", ranges: ["10.0.0.10-10.0.0.11"])
    #expect(try allocator.allocate("a", from: "a", requested: Self.ip("10.0.0.5"), at: .zero) == Self.ip("10.0.0.5"))
    #expect(throws: IPAMError.taken(Self.ip("10.0.0.5"), "a", owner: "a")) {
      try allocator.allocate("b", from: "a", requested: Self.ip("10.0.0.5"), at: .zero)
    }
    #expect(allocator.usage(of: "a", at: .zero) == PoolUsage(total: 2, used: 1, outside: 1, resting: 0, free: 2))
    allocator.release("a", at: .zero)
    #expect(allocator.usage(of: "a", at: .zero) == PoolUsage(total: 2, used: 0, outside: 0, resting: 0, free: 2))
    #expect(allocator.violations().isEmpty)
  }

  // MARK: Names

  @Test func aNameGetsItsAddressBack() throws {
    var allocator = Self.allocator("10.0.0.0/29", gateway: nil)  // .1 to .6
    let web = InterfaceIdentity(pod: "test/web-0", interface: "net1")
    func request(_ owner: String) -> [AllocationRequest<String>] {
      [AllocationRequest(owner: owner, pool: "a", identity: web)]
    }
    #expect(try allocator.allocate(request("u1"), at: .zero) == [[Self.ip("10.0.0.1")]])
    #expect(try allocator.allocate("other", from: "a", at: .zero) == Self.ip("10.0.0.2"))
    allocator.release("u1", keptFor: web, at: .seconds(1))
    #expect(allocator.reservations(of: "a").map(\.name) == [web])
    #expect(allocator.usage(of: "a", at: .seconds(2))?.kept == 1)
    // Long after the quarantine, too.
    #expect(try allocator.allocate(request("u2"), at: .seconds(100_000)) == [[Self.ip("10.0.0.1")]])
    #expect(allocator.reservations(of: "a").isEmpty)
    #expect(!allocator.isFirstUse(Assignment(pool: "a", address: Self.ip("10.0.0.1"))))
    #expect(allocator.violations().isEmpty)
  }

  @Test func othersGetWhatIsKeptOnlyAfterItsQuarantineAndAsTheLastResort() throws {
    var allocator = Self.allocator("10.0.0.0/30", gateway: nil)  // .1 and .2
    let web = InterfaceIdentity(pod: "test/web-0", interface: "net1")
    let kept = Self.ip("10.0.0.1")
    #expect(
      try allocator.allocate([AllocationRequest(owner: "u1", pool: "a", identity: web)], at: .zero) == [[kept]])
    allocator.release("u1", keptFor: web, at: .zero)
    #expect(try allocator.allocate("x", from: "a", at: .seconds(1)) == Self.ip("10.0.0.2"))
    #expect {
      try allocator.allocate("y", from: "a", at: .seconds(59))
    } throws: {
      "\($0)" == "subnet a has no free address: of 2, 1 are in use, 1 kept for StatefulSet pods and 0 set aside after "
        + "conflicts; enlarge its pools or delete pods that use it"
    }
    #expect(throws: IPAMError.kept(kept, "a", for: web)) {
      try allocator.allocate("y", from: "a", requested: kept, at: .seconds(59))
    }
    #expect(allocator.nextChange(after: .seconds(59)) == .seconds(60))
    let changes = [(59, 60), (60, 61)].map { allocator.advance(from: .seconds($0), to: .seconds($1)) }
    #expect(changes == [["a"], []])
    #expect(allocator.usage(of: "a", at: .seconds(60))?.free == 1)
    #expect(try allocator.allocate("y", from: "a", at: .seconds(60)) == kept)
    #expect(allocator.violations().isEmpty)
  }

  @Test func aThousandNamesAreKeptAndNoMore() throws {
    var allocator = Self.allocator("2001:db8::/64", gateway: nil)
    for index in 0..<1_500 {
      let name = InterfaceIdentity(pod: "test/web-\(index)", interface: "net1")
      _ = try allocator.allocate([AllocationRequest(owner: "\(index)", pool: "a", identity: name)], at: .zero)
      allocator.release("\(index)", keptFor: name, at: .zero)
    }
    let kept = allocator.reservations(of: "a")
    #expect(kept.count == 1_000)
    #expect(kept.first?.name.pod == "test/web-500")
    #expect(allocator.usage(of: "a", at: .zero)?.resting == 500)
  }

  // MARK: Foreign holders

  @Test func whatIsSetAsideIsTriedAgainAfterAnHourAndLast() throws {
    var allocator = Self.allocator("10.0.0.0/29", gateway: nil, ranges: ["10.0.0.1-10.0.0.3"])
    #expect(try allocator.allocate("p", from: "a", at: .zero) == Self.ip("10.0.0.1"))
    #expect(allocator.isFirstUse(Assignment(pool: "a", address: Self.ip("10.0.0.1"))))
    let note = SetAside(address: Self.ip("10.0.0.1"), mac: MACAddress("02:00:00:00:00:09"), seen: "noon")
    let outcomes = ["q", "p"].map { allocator.setAside(note, of: "a", from: $0, at: .zero) }
    #expect(outcomes == [false, true])
    #expect(allocator.setAside(of: "a") == [note])
    #expect(
      allocator.usage(of: "a", at: .zero) == PoolUsage(total: 3, used: 0, outside: 0, resting: 0, setAside: 1, free: 2))
    #expect(try allocator.allocate("p", from: "a", at: .zero) == Self.ip("10.0.0.2"))
    #expect(throws: IPAMError.setAside(note, "a")) {
      try allocator.allocate("q", from: "a", requested: Self.ip("10.0.0.1"), at: .seconds(3599))
    }
    allocator.release("p", at: .seconds(3000))
    let changes = [(0, 3599), (3599, 3600)].map { allocator.advance(from: .seconds($0), to: .seconds($1)) }
    #expect(changes == [[], ["a"]])
    #expect(allocator.setAside(of: "a").isEmpty)
    #expect(try allocator.allocate("q", from: "a", at: .seconds(3600)) == Self.ip("10.0.0.3"))
    #expect(try allocator.allocate("r", from: "a", at: .seconds(3600)) == Self.ip("10.0.0.2"))
    #expect(!allocator.isFirstUse(Assignment(pool: "a", address: Self.ip("10.0.0.2"))))
    #expect(try allocator.allocate("s", from: "a", at: .seconds(3600)) == Self.ip("10.0.0.1"))
    #expect(allocator.isFirstUse(Assignment(pool: "a", address: Self.ip("10.0.0.1"))))
    #expect(allocator.violations().isEmpty)
  }

  @Test func whatIsKeptAndSetAsideIsRestored() throws {
    var allocator = Self.allocator("10.0.0.0/29", gateway: nil)
    let web = InterfaceIdentity(pod: "test/web-0", interface: "net1")
    allocator.restore([Assignment(pool: "a", address: Self.ip("10.0.0.3"))], of: "p")
    allocator.restore(
      "a", setAside: [10, 1, 3].map { SetAside(address: Self.ip("10.0.0.\($0)"), seen: "noon") },
      kept: [(Self.ip("10.0.0.2"), web), (Self.ip("10.0.0.3"), web), (Self.ip("10.9.9.9"), web)], at: .zero)
    #expect(allocator.setAside(of: "a").map { "\($0.address)" } == ["10.0.0.1", "10.0.0.10"])
    #expect(allocator.reservations(of: "a").map { "\($0.address)" } == ["10.0.0.2"])
    #expect(
      try allocator.allocate([AllocationRequest(owner: "w", pool: "a", identity: web)], at: .zero)
        == [[Self.ip("10.0.0.2")]])
    #expect(allocator.violations().isEmpty)
  }

  @Test func whatFailsChangesNothing() throws {
    var allocator = Self.allocator("10.0.0.0/28", gateway: nil)
    allocator.setPool("tiny", Self.pool("10.1.0.1/32"))
    let web = InterfaceIdentity(pod: "test/web-0", interface: "net1")
    for owner in ["tiny", "a", "b", "w"] {
      _ = try allocator.allocate(owner, from: owner == "tiny" ? "tiny" : "a", at: .zero)
    }
    allocator.release("a", at: .zero)
    allocator.release("w", keptFor: web, at: .zero)
    for _ in 0..<20 {
      #expect(throws: IPAMError.self) {
        try allocator.allocate(
          ["10.0.0.1", "10.0.0.9", ""].map {
            AllocationRequest(owner: "n\($0)", pool: "a", addresses: IPAddress($0).map { [$0] } ?? [])
          } + [
            AllocationRequest(owner: "x", pool: "a", identity: web), AllocationRequest(owner: "x", pool: "tiny"),
          ], at: .zero)
      }
    }
    #expect(allocator.reservations(of: "a").map { "\($0.address)" } == ["10.0.0.3"])
    for (owner, last) in [("c", 4), ("d", 5), ("e", 6), ("f", 7), ("g", 8), ("h", 9)] {
      #expect(try allocator.allocate(owner, from: "a", at: .zero) == Self.ip("10.0.0.\(last)"))
    }
    #expect(allocator.violations().isEmpty)
  }

  @Test func allRequestsOfAPodAreFulfilledOrNone() throws {
    var allocator = Self.allocator()
    allocator.setPool("six", Self.pool("2001:db8::/64"))
    allocator.setPool("tiny", Self.pool("10.0.0.1/32"))
    let both = [
      AllocationRequest(owner: "p/net1", pool: "a"), AllocationRequest(owner: "p/net1", pool: "six"),
      AllocationRequest(owner: "p/net2", pool: "a", addresses: [Self.ip("10.10.13.7"), Self.ip("10.10.13.7")]),
    ]
    let answer = [
      [Self.ip("10.10.13.2")], [Self.ip("2001:db8::1")], [Self.ip("10.10.13.7"), Self.ip("10.10.13.7")],
    ]
    #expect(try allocator.allocate(both, at: .zero) == answer)
    #expect(try allocator.allocate(both, at: .zero) == answer)
    _ = try allocator.allocate("q", from: "tiny", at: .zero)
    let before = allocator.usage(of: "a", at: .zero)
    #expect(throws: IPAMError.self) {
      try allocator.allocate(
        [AllocationRequest(owner: "r/net1", pool: "a"), AllocationRequest(owner: "r/net2", pool: "tiny")], at: .zero)
    }
    #expect(allocator.assignments(of: "r/net1").isEmpty)
    #expect(allocator.usage(of: "a", at: .zero) == before)
    #expect(allocator.release("p/net1", at: .zero).count == 2)
    #expect(allocator.violations().isEmpty)
  }

  @Test func poolsChangeWhileInUse() throws {
    var allocator = Self.allocator("10.0.0.0/24", gateway: nil)
    for owner in 0..<20 { _ = try allocator.allocate("\(owner)", from: "a", at: .zero) }
    allocator.release("0", at: .zero)
    allocator.setPool("a", Self.pool("10.0.0.0/24", ranges: ["10.0.0.16-10.0.0.22"]))
    #expect(allocator.usage(of: "a", at: .zero) == PoolUsage(total: 7, used: 19, outside: 14, resting: 0, free: 2))
    #expect(try allocator.allocate("x", from: "a", at: .zero) == Self.ip("10.0.0.21"))
    #expect(try allocator.allocate("3", from: "a", at: .zero) == Self.ip("10.0.0.4"))
    allocator.release("3", at: .zero)
    #expect(allocator.usage(of: "a", at: .zero) == PoolUsage(total: 7, used: 19, outside: 13, resting: 0, free: 1))
    #expect(allocator.violations().isEmpty)

    allocator.removePool("a")
    #expect(throws: IPAMError.unknownPool("a")) { try allocator.allocate("y", from: "a", at: .zero) }
    #expect(try allocator.allocate("4", from: "a", at: .zero) == Self.ip("10.0.0.5"))
    for owner in Array(allocator.owners) { allocator.release(owner, at: .zero) }
    #expect(allocator.usage(of: "a", at: .zero) == nil)
  }

  @Test func conflictsAreReportedNotDropped() throws {
    let address = Assignment(pool: "a", address: Self.ip("10.10.13.9"))
    for order in [["x", "y", "z"], ["z", "x", "y"]] {
      var allocator = Allocator<String>()
      #expect(allocator.restore([address], of: order[0]).isEmpty)
      #expect(allocator.restore([address], of: order[1]).count == 1)
      allocator.restore([address], of: order[2])
      allocator.restore([address], of: order[0])
      allocator.setPool("a", Self.pool("10.10.13.0/24"))
      #expect(allocator.violations() == [.contested(address, owners: ["x", "y", "z"])])
      #expect(allocator.usage(of: "a", at: .zero)?.used == 1)
      allocator.release("x", at: .zero)
      #expect(allocator.violations() == [.contested(address, owners: ["y", "z"])])
      allocator.release("z", at: .zero)
      #expect(allocator.violations().isEmpty)
      #expect(allocator.owners(of: address) == ["y"])
      #expect(try allocator.allocate("y", from: "a", at: .zero) == address.address)
      allocator.release("y", at: .zero)
      #expect(allocator.usage(of: "a", at: .zero) == PoolUsage(total: 254, used: 0, outside: 0, resting: 1, free: 253))
    }
  }

  @Test func afterARestartTheSearchBeginsBehindTheHighestInUse() throws {
    var allocator = Self.allocator("10.0.0.0/29", gateway: nil)  // .1 to .6
    allocator.restore([Assignment(pool: "a", address: Self.ip("10.0.0.4"))], of: "old")
    for (owner, last) in [("a", 5), ("b", 6), ("c", 1), ("d", 2), ("e", 3)] {
      #expect(try allocator.allocate(owner, from: "a", at: .zero) == Self.ip("10.0.0.\(last)"))
    }
    #expect(throws: IPAMError.self) { try allocator.allocate("f", from: "a", at: .zero) }
  }

  @Test func aClockThatIsSetBackLosesNothing() throws {
    var allocator = Self.allocator("10.0.0.0/30", gateway: nil)
    _ = try allocator.allocate("a", from: "a", at: .seconds(1_000))
    _ = try allocator.allocate("b", from: "a", at: .seconds(1_000))
    allocator.release("a", at: .seconds(1_000))
    allocator.release("b", at: .seconds(10))
    #expect(try allocator.allocate("c", from: "a", at: .seconds(5)) == Self.ip("10.0.0.1"))
    #expect(try allocator.allocate("d", from: "a", at: .seconds(5)) == Self.ip("10.0.0.2"))
  }
}
