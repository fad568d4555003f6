import NetworkTypes
import OVSDB
import Testing

@testable import FabricEngines

/// The comparison of wanted and found, on switches made at random.
struct SwitchPortPlanTests {
  private let owner = "netloom/dc1"
  private let names = ["p1", "p2", "p3", "p4", "p5", "p6"]

  @Test(arguments: 0..<300) func leadsToWhatIsWantedAndBackToWhatWas(_ seed: Int) {
    let original = names.map(randomRow)
    var (rows, remembered) = (original, [RowID: Adoption]())
    for _ in 0..<4 {
      let managed = Set(names.filter { _ in Bool.random() })
      let wanted = Dictionary(uniqueKeysWithValues: managed.map { ($0, randomVLANs()) })
      let plan = SwitchPortPlan(rows: rows, managed: managed, vlans: wanted, owner: owner, remembered: remembered)
      let before = rows
      rows = rows.applying(plan, owner: owner)
      remembered = plan.adoptions
      let again = SwitchPortPlan(rows: rows, managed: managed, vlans: wanted, owner: owner, remembered: remembered)
      #expect(again.steps.isEmpty && again.drift.isEmpty && again.problems == plan.problems)
      for (index, row) in rows.enumerated() {
        if !managed.contains(row.name) || plan.problems[row.name] != nil {
          #expect(row == (before[index].owner == owner ? original[index] : before[index]))
          continue
        }
        #expect(!row.trunks.isEmpty, "an empty set passes every VLAN")
        #expect(row.trunks.isSuperset(of: (wanted[row.name] ?? []).map { Int($0.rawValue) }))
        let foreign = original[index].value.settings.effectiveMode == "access" ? [] : original[index].trunks
        let ours = Set((wanted[row.name] ?? []).map { Int($0.rawValue) })
        #expect(row.trunks.subtracting([4095]) == foreign.union(ours).subtracting([4095]))
        #expect(original[index].externalIDs.allSatisfy { row.externalIDs[$0.key] == $0.value })
      }
      // Somebody meddles with a port that is ours: noticed, and undone.
      guard let index = rows.firstIndex(where: { $0.owner == owner }) else { continue }
      var meddled = rows
      meddled[index].value.trunks = [2222]
      let repair = SwitchPortPlan(rows: meddled, managed: managed, vlans: wanted, owner: owner, remembered: remembered)
      #expect(repair.drift.map(\.port) == [rows[index].name])
      #expect(meddled.applying(repair, owner: owner) == rows)
    }
    let release = SwitchPortPlan(rows: rows, managed: [], vlans: [:], owner: owner, remembered: remembered)
    #expect(rows.applying(release, owner: owner) == original)
  }

  @Test func aPortMadeAnewIsTakenOverAnew() throws {
    var row = Stored(id: RowID(rawValue: 1), value: PortRow(name: "p1", trunks: [50]))
    let first = SwitchPortPlan(rows: [row], managed: ["p1"], vlans: ["p1": vlans(13)], owner: owner)
    row = Stored(id: RowID(rawValue: 2), value: PortRow(name: "p1", trunks: [60]))
    let second = SwitchPortPlan(
      rows: [row], managed: ["p1"], vlans: ["p1": vlans(13)], owner: owner, remembered: first.adoptions)
    #expect([row].applying(second, owner: owner).first?.trunks == [13, 60])
  }

  @Test func damagedMarksAreToldNotGuessed() {
    let row = Stored(
      id: RowID(rawValue: 1),
      value: PortRow(name: "p1", trunks: [13], externalIDs: ["netloom-owner": owner, "netloom-vlans": "13"]))
    let plan = SwitchPortPlan(rows: [row], managed: [], vlans: [:], owner: owner)
    #expect(plan.steps.isEmpty && plan.problems["p1"]?.contains("damaged") == true)
  }

  @Test func anAbsentPortIsAProblemAndTheOthersGoOn() {
    let row = Stored(id: RowID(rawValue: 1), value: PortRow(name: "p1"))
    let plan = SwitchPortPlan(rows: [row], managed: ["p1", "p9"], vlans: ["p9": vlans(13)], owner: owner)
    #expect(plan.problems == ["p9": "it does not exist on the switch"] && plan.steps.count == 1)
  }

  private func randomVLANs() -> Set<VLANID> { Set((10...13).filter { _ in Bool.random() }.map { vlan($0) }) }

  private func randomRow(_ name: String) -> Stored<PortRow> {
    Stored(
      id: RowID(rawValue: UInt128.random(in: 1...UInt128.max)),
      value: PortRow(
        name: name, vlanMode: [nil, "trunk", "access", "native-tagged", "native-untagged"].randomElement() ?? nil,
        tag: Bool.random() ? nil : 77, trunks: [[], [4095], [50], [50, 12]].randomElement() ?? [],
        externalIDs: [[:], ["rack": "7"], ["netloom-owner": "netloom/dc2"]].randomElement() ?? [:]))
  }
}

extension [Stored<PortRow>] {
  /// What the switch holds after the steps.
  func applying(_ plan: SwitchPortPlan, owner: String) -> Self {
    map { row in
      guard let step = plan.steps.first(where: { $0.id == row.id }) else { return row }
      var row = row
      row.value.externalIDs = row.externalIDs.filter { !Adoption.keys.contains($0.key) }
      let settings: PortSettings
      switch step.action {
      case .adopt(let adoption, _), .program(let adoption):
        settings = adoption.wanted
        row.value.externalIDs.merge(adoption.marks(owner: owner)) { $1 }
      case .release(let adoption): settings = adoption.original
      }
      (row.value.vlanMode, row.value.tag, row.value.trunks) = (settings.vlanMode, settings.tag, settings.trunks)
      return row
    }
  }
}
