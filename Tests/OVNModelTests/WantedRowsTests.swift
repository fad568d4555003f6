import OVNModel
import Testing

/// What the owners want together.
struct WantedRowsTests {
  private let blue = NorthboundOwner(kind: "L2Service", name: "web/blue")
  private let pod = NorthboundOwner(kind: "Pod", name: "web/one")
  private let policy = NorthboundOwner(kind: "MultiNetworkPolicy", name: "web/deny")

  @Test func aRowIsTheUnionOfItsFragmentsWhileSomebodyDefinesIt() {
    var wanted = WantedRows()
    let group = PortGroup.key("deny")
    let port = LogicalSwitchPort.key("web/one/net1")
    #expect(wanted.replace(pod, with: [.adding([port], to: "ports", of: group)]) == [group])
    #expect(wanted[group] == nil)
    _ = wanted.replace(policy, with: [PortGroup(name: "deny").fragment])
    #expect(wanted[group]?.columns["ports"] == .references([port]))
    #expect(wanted[group]?.owner == policy)
    _ = wanted.replace(policy, with: [])
    #expect(wanted[group] == nil)
  }

  @Test func theOrderDoesNotMatter() {
    let fragments: [(NorthboundOwner, Set<RowFragment>)] = [
      (blue, [LogicalSwitch(name: "web/blue").fragment, DNSTable(id: "web/blue").fragment]),
      (
        pod,
        [
          LogicalSwitchPort(name: "web/one/net1", on: "web/blue").fragment,
          .adding(["one.blue": "10.0.0.2"], to: "records", of: DNSTable.key("web/blue")),
        ]
      ),
      (policy, [.adding(["one.blue": "10.0.0.1"], to: "records", of: DNSTable.key("web/blue"))]),
    ]
    var generator = SystemRandomNumberGenerator()
    func rows(_ order: [(NorthboundOwner, Set<RowFragment>)]) -> [NorthboundKey: WantedRows.Row] {
      var wanted = WantedRows()
      for (owner, fragments) in order { _ = wanted.replace(owner, with: fragments) }
      return Dictionary(uniqueKeysWithValues: wanted.keys.map { ($0, wanted[$0]!) })
    }
    let expected = rows(fragments)
    #expect(expected.count == 3)
    #expect(expected[DNSTable.key("web/blue")]?.columns["records"] == .map(["one.blue": "10.0.0.1"]))
    for _ in 0..<20 { #expect(rows(fragments.shuffled(using: &generator)) == expected) }
  }

  @Test func onlyChangedRowsAreNamed() {
    var wanted = WantedRows()
    let one = LogicalSwitch(name: "one").fragment
    _ = wanted.replace(blue, with: [one, LogicalSwitch(name: "two").fragment])
    #expect(wanted.replace(blue, with: [one]) == [LogicalSwitch.key("two")])
    #expect(wanted.replace(blue, with: [one]).isEmpty)
  }
}
