import OVNModel
import OVSDB

extension NorthboundTable {
  /// The columns that are followed: those that Netloom writes, and those in which OVN answers. What a server lacks of
  /// them is left out.
  var columns: [String] {
    let own: [String] =
      switch self {
      case .logicalSwitch: ["name", "other_config", "dns_records", "ports", "acls", "qos_rules"]
      case .logicalSwitchPort:
        [
          "name", "type", "options", "addresses", "port_security", "parent_name", "tag", "tag_request", "enabled",
          "dhcpv4_options", "dhcpv6_options", "ha_chassis_group", "mirror_rules", "up",
        ]
      case .logicalRouter: ["name", "options", "enabled", "ports", "static_routes", "policies", "nat"]
      case .logicalRouterPort:
        ["name", "mac", "networks", "options", "ha_chassis_group", "ipv6_ra_configs", "enabled"]
      case .staticRoute: ["ip_prefix", "nexthop", "output_port", "policy", "options", "bfd", "route_table"]
      case .routerPolicy: ["priority", "match", "action", "nexthops", "options", "nexthop"]
      case .nat:
        ["type", "external_ip", "logical_ip", "external_mac", "logical_port", "options", "gateway_port"]
      case .dhcpOptions: ["cidr", "options"]
      case .dns: ["records"]
      case .accessList: ["direction", "priority", "match", "action", "name", "label", "log", "severity", "options"]
      case .portGroup: ["name", "ports", "acls"]
      case .addressSet: ["name", "addresses"]
      case .haChassisGroup: ["name", "ha_chassis"]
      case .haChassis: ["chassis_name", "priority"]
      case .bfd: ["logical_port", "dst_ip", "min_tx", "min_rx", "detect_mult", "options"]
      case .qos: ["direction", "priority", "match", "bandwidth", "action"]
      case .mirror: ["name", "filter", "sink", "type", "index"]
      }
    return own + ["external_ids"]
  }

  /// Whether the schema allows only one row of a name (its `indexes`).
  var hasUniqueNames: Bool {
    switch self {
    case .logicalSwitchPort, .logicalRouterPort, .portGroup, .addressSet, .haChassisGroup, .mirror: true
    default: false
    }
  }

  /// The columns whose references keep a row of this table in existence; none: it exists by itself.
  var holders: [(table: NorthboundTable, column: String)] {
    switch self {
    case .logicalSwitchPort: [(.logicalSwitch, "ports")]
    case .logicalRouterPort: [(.logicalRouter, "ports")]
    case .staticRoute: [(.logicalRouter, "static_routes")]
    case .routerPolicy: [(.logicalRouter, "policies")]
    case .nat: [(.logicalRouter, "nat")]
    case .accessList: [(.logicalSwitch, "acls"), (.portGroup, "acls")]
    case .qos: [(.logicalSwitch, "qos_rules")]
    case .haChassis: [(.haChassisGroup, "ha_chassis")]
    default: []
    }
  }

  /// The columns that hold rows of other tables in existence.
  var holdingColumns: [String] {
    var columns: Set<String> = []
    for table in Self.allCases {
      for holder in table.holders where holder.table == self { columns.insert(holder.column) }
    }
    return columns.sorted()
  }

  /// The look-up of a row by its mark.
  static let mark = RowIndex.entry("external_ids", NorthboundMark.key)

  /// What is followed of the table.
  var monitored: MonitoredTable {
    MonitoredTable(
      rawValue, columns: columns,
      indexes: [Self.mark] + holdingColumns.map { .column($0) } + (hasUniqueNames ? [.column("name")] : []))
  }

  /// All that is followed of the database.
  static var allMonitored: [MonitoredTable] {
    allCases.map(\.monitored) + [MonitoredTable("NB_Global", columns: ["nb_cfg", "sb_cfg", "options"])]
  }
}
