import OVSDB

/// Turns the steps of a plan into one transaction. Every row that it changes is found by id and by our mark, so that
/// a row that changed hands meanwhile is left alone.
struct SwitchTransaction {
  let owner: String
  let observed: ObservedSwitch
  private(set) var operations: [Operation] = []
  /// Bridges that this transaction makes, by name.
  private var newBridges: [String: [Datum]] = [:]

  init(_ actions: [SwitchAction], observed: ObservedSwitch, owner: String) {
    self.owner = owner
    self.observed = observed
    for action in actions { add(action) }
  }

  private var isOurs: Condition { Condition("external_ids", .includes, [Ownership.owner: owner]) }

  private mutating func add(_ action: SwitchAction) {
    switch action {
    case .createBridge(let name, let type, let failMode): createBridge(name, type, failMode)
    case .updateBridge(let name, let failMode):
      guard let bridge = observed.bridges[name] else { return }
      operations.append(
        .update(
          table: BridgeRow.tableName, where: [.row(bridge.id), isOurs],
          row: ["fail_mode": (failMode?.rawValue).datum]))
    case .deleteBridge(let name):
      guard let bridge = observed.bridges[name] else { return }
      operations.append(.require(BridgeRow.tableName, where: [.row(bridge.id), isOurs], "name", is: name))
      operations.append(
        .mutate(
          table: OpenVSwitchRow.tableName, where: [], mutations: [Mutation("bridges", .delete, bridge.id)]))
    case .createPort(let name, let bridge, let port, let role):
      operations += PortRow.insertion(
        name, port, marks: [Ownership.owner: owner, Ownership.role: role], onto: bridge)
    case .updatePort(let name, let port, let role): updatePort(name, port, role)
    case .restorePodPort(let name, let vlans, let limit):
      guard let port = observed.ports[name] else { return }
      // Unless the pod was given other VLANs meanwhile.
      let isWanted = Condition("external_ids", .includes, [Ownership.vlans: vlans.description])
      operations.append(
        .update(table: PortRow.tableName, where: [.row(port.id), isOurs, isWanted], row: vlans.columns))
      if let interface = port.interfaces.first, interface.logicalMarks != port.logicalMarks {
        operations.append(InterfaceRow.bind(interface.id, port.logicalMarks))
      }
      if !port.has(limit) {
        operations += PortLimit.replacement(limit, port: name, owner: owner, where: [.row(port.id), isOurs, isWanted])
      }
    case .deleteLimit(let name): operations += PortLimit.removal(port: name, owner: owner)
    case .configureChassis(let change):
      operations.append(
        .mutate(
          table: OpenVSwitchRow.tableName, where: [],
          mutations: [
            Mutation("external_ids", .delete, change.removed), Mutation("external_ids", .insert, change.added),
          ]))
    case .deletePort(let name, let bridge):
      guard let port = observed.ports[name], let bridge = observed.bridges[bridge] else { return }
      operations.append(.require(PortRow.tableName, where: [.row(port.id), isOurs], "name", is: name))
      operations.append(BridgeRow.mutate(bridge.id, [Mutation("ports", .delete, port.id)]))
    }
  }

  /// A bridge comes with a port and a device of its own name. Nothing of ours uses that device: it is parked.
  private mutating func createBridge(_ name: String, _ type: String, _ failMode: DesiredBridge.FailMode?) {
    let marks = Ownership.marks(owner, .bridge)
    let own = DesiredPort(.internal, vlans: .trunk([]))
    operations += PortRow.insertion(name, own, marks: marks)
    let row = BridgeRow(
      name: name, datapathType: type, failMode: failMode?.rawValue, externalIDs: [Ownership.owner: owner])
    operations.append(
      row.insert(
        named: rowName("bridge", name), references: ["ports": Datum(.namedUUID(rowName("port", name)))]))
    operations.append(
      .mutate(
        table: OpenVSwitchRow.tableName, where: [],
        mutations: [Mutation("bridges", .insert, Datum(.namedUUID(rowName("bridge", name))))]))
  }

  private mutating func updatePort(_ name: String, _ wanted: DesiredPort, _ role: String) {
    guard let port = observed.ports[name], let interface = port.interfaces.first else { return }
    operations += PortRow.changes(
      of: port, named: name, interface.id, to: wanted, marks: [Ownership.owner: owner, Ownership.role: role],
      where: isOurs)
  }
}

extension InterfaceRow {
  /// Ties an interface to a port of OVN, or to none.
  static func bind(_ interface: RowID, _ marks: [String: String]) -> Operation {
    mutate(
      interface,
      [
        Mutation("external_ids", .delete, LogicalPort.keys.subtracting(marks.keys))
      ] + Mutation.set(marks, in: "external_ids"))
  }
}

extension PortRow {
  /// The operations that make a port with its interface. `bridge`, when given, has to exist by then: the transaction
  /// fails with `waitTimedOut` at the first of the operations when it does not.
  static func insertion(
    _ name: String, _ port: DesiredPort, marks: [String: String], onto bridge: String? = nil
  ) -> [Operation] {
    let (interfaceName, portName) = (rowName("interface", name), rowName("port", name))
    let interface = InterfaceRow(
      name: name, type: port.interface.type, options: port.interface.options, mtuRequest: port.mtu,
      externalIDs: port.externalIDs.merging(LogicalPort.marks(in: marks)) { $1 })
    let row = PortRow(
      name: name, vlanMode: port.vlans.mode, tag: port.vlans.tag, trunks: port.vlans.trunks,
      customerVLANs: port.vlans.customerVLANs, externalIDs: port.externalIDs.merging(marks) { $1 })
    var references = ["interfaces": Datum(.namedUUID(interfaceName))]
    var rows = [interface.insert(named: interfaceName)]
    if let limit = port.limit {
      let (limits, qos) = PortLimit.insertion(limit, port: name, owner: marks[Ownership.owner] ?? "")
      rows += limits
      references["qos"] = qos
    }
    rows.append(row.insert(named: portName, references: references))
    guard let bridge else { return rows }
    let isBridge = Condition("name", .equal, bridge)
    if !port.vlans.customerVLANs.isEmpty { rows.append(OpenVSwitchRow.seesTwoTags) }
    return [.require(BridgeRow.tableName, where: [isBridge], "name", is: bridge)] + rows + [
      .mutate(
        table: BridgeRow.tableName, where: [isBridge],
        mutations: [Mutation("ports", .insert, Datum(.namedUUID(portName)))])
    ]
  }

  /// The operations that bring an existing port where it is wanted. Marks of others stay.
  static func changes(
    of port: ObservedPort, named name: String, _ interface: RowID, to wanted: DesiredPort, marks: [String: String],
    where condition: Condition
  ) -> [Operation] {
    let conditions = [.row(port.id), condition]
    let device: [String: Datum] = [
      "mtu_request": wanted.mtu.datum, "options": wanted.interface.options.datum,
    ]
    let absent = Ownership.optional.subtracting(marks.keys)
    var operations: [Operation] = [
      .update(table: tableName, where: conditions, row: wanted.vlans.columns),
      .mutate(
        table: tableName, where: conditions,
        mutations: [Mutation("external_ids", .delete, absent)]
          + Mutation.set(wanted.externalIDs.merging(marks) { $1 }, in: "external_ids")),
      .update(table: InterfaceRow.tableName, where: [.row(interface)], row: device),
    ]
    if !wanted.vlans.customerVLANs.isEmpty { operations.append(OpenVSwitchRow.seesTwoTags) }
    if port.interfaces.first?.logicalMarks != LogicalPort.marks(in: marks) {
      operations.append(InterfaceRow.bind(interface, LogicalPort.marks(in: marks)))
    }
    guard !port.has(wanted.limit) else { return operations }
    return operations
      + PortLimit.replacement(wanted.limit, port: name, owner: marks[Ownership.owner] ?? "", where: conditions)
  }
}

extension PortVLANs {
  /// The columns of table Port that say so.
  fileprivate var columns: [String: Datum] {
    ["vlan_mode": mode.datum, "tag": tag.datum, "trunks": trunks.datum, "cvlans": customerVLANs.datum]
  }
}
