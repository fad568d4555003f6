import NetworkTypes
import OVSDB

/// One step on one port of a switch.
enum PortAction: Sendable, Hashable {
  /// Take the port over: remember what it is, then program it.
  case adopt(Adoption, from: PortSettings)
  /// Bring a port that is ours where it is wanted.
  case program(Adoption)
  /// Give the port back as it was found.
  case release(Adoption)
}

/// The difference between what a switch holds and what is wanted of it.
struct SwitchPortPlan: Sendable, Hashable {
  struct Step: Sendable, Hashable {
    let port: String
    let id: RowID
    let action: PortAction
  }

  /// A change by somebody else that the steps undo.
  struct Drift: Sendable, Hashable {
    let port: String
    let id: RowID
    let found: PortSettings
    let wanted: PortSettings
  }

  private(set) var steps: [Step] = []
  private(set) var drift: [Drift] = []
  /// Ports that cannot be programmed, and why.
  private(set) var problems: [String: String] = [:]
  /// What is ours by row, to be remembered: it survives the loss of the marks on the row.
  private(set) var adoptions: [RowID: Adoption] = [:]

  /// Compares.
  ///
  /// - Parameters:
  ///   - rows: the rows of ports that are managed or bear our mark.
  ///   - managed: the names of the ports that are ours to program.
  ///   - vlans: what they have to carry; nothing where there is no entry.
  ///   - owner: our mark.
  ///   - remembered: what was ours at the last comparison.
  init(
    rows: [Stored<PortRow>], managed: Set<String>, vlans: [String: Set<VLANID>], owner: String,
    remembered: [RowID: Adoption] = [:]
  ) {
    for row in rows.sorted(by: { $0.name < $1.name }) {
      if managed.contains(row.name) {
        compare(row, vlans[row.name] ?? [], owner, remembered[row.id])
      } else if row.owner == owner {
        release(row, remembered[row.id])
      }
    }
    for name in managed.subtracting(rows.map(\.name)) { problems[name] = "it does not exist on the switch" }
  }

  private mutating func compare(
    _ row: Stored<PortRow>, _ vlans: Set<VLANID>, _ owner: String, _ remembered: Adoption?
  ) {
    if let other = row.owner, other != owner {
      problems[row.name] = "it is managed by \(other) (external_ids:\(Adoption.ownerKey)); a port has one manager"
      return
    }
    let found = row.value.settings
    let recorded = row.owner == owner ? Adoption(marks: row.externalIDs) : nil
    guard let last = recorded ?? remembered else {
      adopt(row, found, vlans)
      return
    }
    let adoption = Adoption(original: last.original, vlans: vlans)
    adoptions[row.id] = adoption
    guard found != adoption.wanted || recorded != adoption else { return }
    if found != last.wanted, found != adoption.wanted {
      drift.append(Drift(port: row.name, id: row.id, found: found, wanted: adoption.wanted))
    }
    steps.append(Step(port: row.name, id: row.id, action: .program(adoption)))
  }

  private mutating func adopt(_ row: Stored<PortRow>, _ found: PortSettings, _ vlans: Set<VLANID>) {
    guard found.canTrunk else {
      problems[row.name] = "it is a dot1q-tunnel port, which carries no tagged VLANs of ours"
      return
    }
    let adoption = Adoption(original: found, vlans: vlans)
    adoptions[row.id] = adoption
    steps.append(Step(port: row.name, id: row.id, action: .adopt(adoption, from: found)))
  }

  private mutating func release(_ row: Stored<PortRow>, _ remembered: Adoption?) {
    guard let adoption = Adoption(marks: row.externalIDs) ?? remembered else {
      problems[row.name] =
        "its marks are damaged, so what it was is not known; restore it by hand and clear its external_ids"
      return
    }
    steps.append(Step(port: row.name, id: row.id, action: .release(adoption)))
  }
}

extension SwitchPortPlan {
  /// The steps as one transaction. It fails, and changes nothing, when a port that is taken over changed meanwhile.
  func operations(owner: String) -> [Operation] {
    let changes = steps.flatMap { step -> [Operation] in
      let row = Condition.row(step.id)
      let remove = Mutation("external_ids", .delete, Adoption.keys)
      switch step.action {
      case .adopt(let adoption, let found):
        return [
          .wait(
            table: PortRow.tableName, where: [row], columns: ["vlan_mode", "tag", "trunks"], until: .equal,
            rows: [found.columns], timeout: 0),
          .update(table: PortRow.tableName, where: [row], row: adoption.wanted.columns),
          PortRow.mutate(step.id, [remove, Mutation("external_ids", .insert, adoption.marks(owner: owner))]),
        ]
      case .program(let adoption):
        return [
          .update(table: PortRow.tableName, where: [row], row: adoption.wanted.columns),
          PortRow.mutate(step.id, [remove, Mutation("external_ids", .insert, adoption.marks(owner: owner))]),
        ]
      case .release(let adoption):
        return [
          .update(table: PortRow.tableName, where: [row], row: adoption.original.columns),
          PortRow.mutate(step.id, [remove]),
        ]
      }
    }
    return changes.isEmpty ? [] : changes + [SwitchConfiguration.reconfigure]
  }
}
