import OVSDB

/// The one row of table Open_vSwitch: the counters by which ovs-vswitchd tells how far it is
/// (ovs-vswitchd.conf.db(5)). What stands in the database is what is wanted; packets go by what was taken over.
struct SwitchConfiguration: TableRow {
  /// Incremented by whoever changes the configuration.
  var next = 0
  /// What `next` was when ovs-vswitchd last took the configuration over.
  var current = 0

  static let tableName = "Open_vSwitch"
  static let columns = [
    Column("next_cfg", \SwitchConfiguration.next), Column("cur_cfg", \SwitchConfiguration.current),
  ]

  /// Whether ovs-vswitchd has taken over what stood when `next` was `number`. A `next` below the number has been set back,
  /// with a database made anew: then what stands now counts.
  func includes(_ number: Int) -> Bool { current >= min(number, next) }

  /// Has ovs-vswitchd read its configuration again, as ovs-vsctl does: it does not wake for a change of a port's `trunks`
  /// or `vlan_mode` alone, and would go on switching as before (vswitchd/bridge.c, ovsdb_idl_omit_alert).
  static let reconfigure = Operation.mutate(table: tableName, where: [], mutations: [Mutation("next_cfg", .add, 1)])
}

extension Replica {
  /// The counters; nil while the switch has none, because nobody has initialised it.
  func switchConfiguration() throws(OVSDBError) -> SwitchConfiguration? {
    try rows(SwitchConfiguration.self).first?.value
  }
}
