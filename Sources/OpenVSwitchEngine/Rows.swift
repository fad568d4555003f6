import OVSDB

/// The one row of table Open_vSwitch (ovs-vswitchd.conf.db(5)). What stands in the database is what is wanted; packets go
/// by what ovs-vswitchd has taken over, and the counters tell how far it is.
struct OpenVSwitchRow: TableRow {
  var bridges: Set<RowID> = []
  /// Incremented by whoever changes the configuration.
  var next = 0
  /// What `next` was when ovs-vswitchd last took the configuration over.
  var current = 0
  /// What others are told of the whole switch, OVN's settings among them.
  var externalIDs: [String: String] = [:]

  static let tableName = "Open_vSwitch"
  static let columns = [
    Column("bridges", \OpenVSwitchRow.bridges),
    Column("next_cfg", \OpenVSwitchRow.next),
    Column("cur_cfg", \OpenVSwitchRow.current),
    Column("external_ids", \OpenVSwitchRow.externalIDs),
  ]

  /// Whether ovs-vswitchd has taken over what stood when `next` was `number`. A `next` below the number has been set back,
  /// with a database made anew: then what stands now counts.
  func includes(_ number: Int) -> Bool { current >= min(number, next) }

  /// Has ovs-vswitchd read its configuration again, as ovs-vsctl does: it does not wake for a change of a port's `trunks`
  /// or `vlan_mode` alone, and would go on switching as before (vswitchd/bridge.c, ovsdb_idl_omit_alert).
  static let reconfigure = Operation.mutate(
    table: tableName, where: [], mutations: [Mutation("next_cfg", .add, 1)])
}

extension OpenVSwitchRow {
  /// Has Open vSwitch look at two VLAN tags of a frame rather than one, unless somebody has decided that already
  /// ("insert" keeps what is there): without it the customer's tag of a frame from the network is not seen, and a port that
  /// lets only some customers' VLANs pass drops all (ovs-vswitchd.conf.db(5), "vlan-limit").
  static let seesTwoTags = Operation.mutate(
    table: tableName, where: [], mutations: [Mutation("other_config", .insert, ["vlan-limit": "0"])])
}

struct BridgeRow: TableRow {
  var name = ""
  var datapathType = ""
  var failMode: String?
  var ports: Set<RowID> = []
  var mirrors: Set<RowID> = []
  var externalIDs: [String: String] = [:]

  static let tableName = "Bridge"
  static let columns = [
    Column("name", \BridgeRow.name),
    Column("datapath_type", \BridgeRow.datapathType),
    Column("fail_mode", \BridgeRow.failMode),
    Column("ports", \BridgeRow.ports),
    Column("mirrors", \BridgeRow.mirrors),
    Column("external_ids", \BridgeRow.externalIDs),
  ]
}

struct PortRow: TableRow {
  var name = ""
  var interfaces: Set<RowID> = []
  var vlanMode: String?
  var tag: Int?
  var trunks: Set<Int> = []
  var customerVLANs: Set<Int> = []
  var qos: RowID?
  var externalIDs: [String: String] = [:]

  static let tableName = "Port"
  static let columns = [
    Column("name", \PortRow.name),
    Column("interfaces", \PortRow.interfaces),
    Column("vlan_mode", \PortRow.vlanMode),
    Column("tag", \PortRow.tag),
    Column("trunks", \PortRow.trunks),
    Column("cvlans", \PortRow.customerVLANs),
    Column("qos", \PortRow.qos),
    Column("external_ids", \PortRow.externalIDs),
  ]
}

struct InterfaceRow: TableRow {
  var name = ""
  var type = ""
  var options: [String: String] = [:]
  var mtuRequest: Int?
  /// The MTU that the device has, as ovs-vswitchd sees it.
  var mtu: Int?
  /// The OpenFlow port number, once the switch has the interface; -1 when it could not be added.
  var ofport: Int?
  var error: String?
  var externalIDs: [String: String] = [:]

  static let tableName = "Interface"
  static let columns = [
    Column("name", \InterfaceRow.name),
    Column("type", \InterfaceRow.type),
    Column("options", \InterfaceRow.options),
    Column("mtu_request", \InterfaceRow.mtuRequest),
    Column("mtu", \InterfaceRow.mtu),
    Column("ofport", \InterfaceRow.ofport),
    Column("error", \InterfaceRow.error),
    Column("external_ids", \InterfaceRow.externalIDs),
  ]
}
