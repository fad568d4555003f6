import NetworkTypes
import TestSupport
import Testing

/// The set algebra against `Set<IPAddress>`, on a universe of 48 addresses that includes both ends of both spaces and the
/// places where one family follows the other.
@Suite struct AddressSetTests {
  static let universe: [IPAddress] = [
    "0.0.0.0/29", "255.255.255.248/29", "10.0.0.0/29", "::/125", "2001:db8::/125",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff8/125",
  ].flatMap { CIDR($0)!.range.addresses }

  static func randomSet(_ random: inout SeededGenerator) -> (AddressSet, Set<IPAddress>) {
    let ranges = (0..<Int.random(in: 0...6, using: &random)).map { _ in
      let block = Int.random(in: 0..<6, using: &random) * 8
      let first = Int.random(in: 0..<8, using: &random)
      let last = Int.random(in: first..<8, using: &random)
      return try! AddressRange(first: universe[block + first], last: universe[block + last])
    }
    return (AddressSet(ranges), Set(ranges.flatMap { Array($0.addresses) }))
  }

  static func isNormalised(_ set: AddressSet) -> Bool {
    zip(set.ranges, set.ranges.dropFirst()).allSatisfy { left, right in
      left.last < right.first && left.last.successor != right.first
    }
  }

  @Test(arguments: 0..<20)
  func algebraAgreesWithANaiveModel(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let (a, modelA) = Self.randomSet(&random)
      let (b, modelB) = Self.randomSet(&random)
      for (set, model) in [
        (a, modelA), (a.union(b), modelA.union(modelB)), (a.intersection(b), modelA.intersection(modelB)),
        (a.subtracting(b), modelA.subtracting(modelB)),
      ] {
        #expect(Array(set.addresses) == model.sorted())
        #expect(Self.isNormalised(set))
        #expect(set.count == UInt128(model.count))
        #expect(set.isEmpty == model.isEmpty)
        #expect(set.first == model.min() && set.last == model.max())
        #expect(Self.universe.allSatisfy { set.contains($0) == model.contains($0) })
        #expect(Self.universe.allSatisfy { start in set.first(atOrAfter: start) == model.filter { $0 >= start }.min() })
      }
      #expect(a.first(notIn: b) == modelA.subtracting(modelB).min())
    }
  }

  @Test func prefixesHoldTheSameAndAreTheFewest() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<200 {
      let set = Self.randomSet(&random).0
      let prefixes = set.ranges.flatMap(\.prefixes)
      #expect(AddressSet(prefixes) == set)
      for (one, next) in zip(prefixes, prefixes.dropFirst()) where one.prefixLength == next.prefixLength {
        let joined = one.prefixLength == 0 ? nil : CIDR("\(one.network)/\(one.prefixLength - 1)")
        #expect(joined?.contains(next) != true, "\(one) and \(next) are one prefix")
      }
    }
    #expect(CIDR.all(.v6).range.prefixes == [.all(.v6)])
  }

  @Test func lawsOfTheAlgebra() {
    var random = SeededGenerator(seed: 99)
    for _ in 0..<1_000 {
      let (a, _) = Self.randomSet(&random)
      let (b, _) = Self.randomSet(&random)
      let (c, _) = Self.randomSet(&random)
      #expect(a.union(b) == b.union(a) && a.intersection(b) == b.intersection(a))
      #expect(a.union(b.union(c)) == a.union(b).union(c))
      #expect(a.intersection(b.union(c)) == a.intersection(b).union(a.intersection(c)))
      #expect(a.subtracting(b.union(c)) == a.subtracting(b).subtracting(c))
      #expect(a.subtracting(b).union(a.intersection(b)) == a)
      #expect(a.subtracting(a).isEmpty)
    }
  }

  @Test func wholeSpacesDoNotOverflow() throws {
    let everything = AddressSet(try [CIDR(parsing: "0.0.0.0/0"), CIDR(parsing: "::/0")])
    #expect(everything.ranges.count == 2)
    #expect(everything.count == .max)
    #expect(everything.union(everything) == everything)
    #expect(everything.subtracting(everything).isEmpty)
    let half = AddressSet(try CIDR(parsing: "8000::/1").range)
    #expect(everything.subtracting(half).count == UInt128(1) << 127 + UInt128(1) << 32)
    #expect(AddressSet(try CIDR(parsing: "::/64").range).count == 1 << 64)
  }

  @Test func printsItsRanges() throws {
    let set = AddressSet(try ["10.0.0.4", "10.0.0.2-10.0.0.3", "::1"].map { try AddressRange(parsing: $0) })
    #expect(set.description == "10.0.0.2-10.0.0.4,::1")
    #expect(AddressSet().description == "")
  }
}
