import OVSDB

/// A row of table Port.
struct PortRow: TableRow {
  var name = ""
  var vlanMode: String?
  var tag: Int?
  var trunks: Set<Int> = []
  var externalIDs: [String: String] = [:]

  static let tableName = "Port"
  static let columns = [
    Column("name", \PortRow.name),
    Column("vlan_mode", \PortRow.vlanMode),
    Column("tag", \PortRow.tag),
    Column("trunks", \PortRow.trunks),
    Column("external_ids", \PortRow.externalIDs),
  ]

  var settings: PortSettings { PortSettings(vlanMode: vlanMode, tag: tag, trunks: trunks) }
  var owner: String? { externalIDs[Adoption.ownerKey] }
}

extension PortSettings {
  var columns: [String: Datum] { ["vlan_mode": vlanMode.datum, "tag": tag.datum, "trunks": trunks.datum] }
}
