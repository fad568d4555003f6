import NetworkTypes
import OVSDB

/// What one Open vSwitch holds, ours and others'.
public struct ObservedSwitch: Sendable, Hashable {
  /// The bridges by name.
  public internal(set) var bridges: [String: ObservedBridge] = [:]
  /// The ports by name; Open vSwitch has one name space for all bridges.
  public internal(set) var ports: [String: ObservedPort] = [:]
  /// `external_ids` of the whole switch.
  public internal(set) var externalIDs: [String: String] = [:]
  /// The names of ports whose limits are left although no port has them, by owner.
  var strayLimits: [String: Set<String>] = [:]
}

/// A bridge as it is.
public struct ObservedBridge: Sendable, Hashable {
  /// The row.
  public let id: RowID
  /// The mark of its owner; nil when it bears none.
  public internal(set) var owner: String?
  /// "netdev", "system", or "" (which means "system").
  public internal(set) var datapathType: String
  /// "standalone", "secure" or nil (which means standalone).
  public internal(set) var failMode: String?
  /// The names of its ports.
  public internal(set) var ports: Set<String>
}

/// A port as it is.
public struct ObservedPort: Sendable, Hashable {
  /// The row.
  public let id: RowID
  /// The bridge it is on.
  public internal(set) var bridge: String
  /// The mark of its owner; nil when it bears none.
  public internal(set) var owner: String?
  /// Its marks, all of them.
  public internal(set) var externalIDs: [String: String]
  /// Column `vlan_mode` as it stands.
  public internal(set) var vlanMode: String?
  /// Column `tag` as it stands.
  public internal(set) var tag: Int?
  /// Column `trunks` as it stands; empty means every VLAN.
  public internal(set) var trunks: Set<Int>
  /// Column `cvlans` as it stands; empty means every VLAN.
  public internal(set) var customerVLANs: Set<Int> = []
  /// The limit on what leaves the switch there; nil when there is none.
  public internal(set) var limit: ObservedLimit?
  /// Its interfaces; more than one when it is a bond.
  public internal(set) var interfaces: [ObservedInterface]

  /// Whether it was made for a pod.
  public var isPodPort: Bool { externalIDs[Ownership.role] == Ownership.Role.pod.rawValue }

  /// Whether, being ours, it comes and goes with the wanted state: it is neither a pod's nor a bridge's own.
  var isInfrastructure: Bool {
    let role = externalIDs[Ownership.role]
    return role != Ownership.Role.pod.rawValue && role != Ownership.Role.bridge.rawValue
  }

  /// The VLANs that get through; nil when that is all of them (an empty `trunks`), or untagged frames alone.
  public var vlans: Set<VLANID>? {
    if let tag, ["access", "dot1q-tunnel"].contains(vlanMode ?? "access") {
      return Set([tag].compactMap { VLANID(rawValue: UInt16($0)) })
    }
    return trunks.isEmpty ? nil : Set(trunks.compactMap { VLANID(rawValue: UInt16($0)) })
  }

  /// Whether frames without a tag pass and are in no VLAN behind it.
  public var passesUntagged: Bool {
    (vlanMode ?? (tag == nil ? "trunk" : "access")) == "trunk"
      && (trunks.isEmpty || trunks.contains(PortVLANs.untagged))
  }

  /// Whether the VLAN passes with its tag (ovs-vswitchd.conf.db(5), table Port, VLAN configuration).
  func passesTagged(_ vlan: VLANID) -> Bool {
    let isListed = trunks.isEmpty || trunks.contains(Int(vlan.rawValue))
    let isNative = tag == Int(vlan.rawValue)
    return switch vlanMode ?? (tag == nil ? "trunk" : "access") {
    case "trunk": isListed
    case "native-tagged": isListed || isNative
    case "native-untagged": isListed && !isNative
    default: false
    }
  }
}

/// An interface as it is.
public struct ObservedInterface: Sendable, Hashable {
  /// The row.
  public let id: RowID
  /// Its name: the network device's.
  public let name: String
  /// "", "system", "internal", "patch", ...
  public internal(set) var type: String
  /// For a patch port, its peer.
  public internal(set) var options: [String: String]
  /// The MTU that Open vSwitch is asked to set.
  public internal(set) var mtuRequest: Int?
  /// The MTU that the device has, as ovs-vswitchd sees it; nil while it does not know.
  public internal(set) var mtu: Int?
  /// The OpenFlow port number once the switch has the interface; nil before, negative when it could not be added.
  public internal(set) var ofport: Int?
  /// What ovs-vswitchd says is wrong with it.
  public internal(set) var error: String?
  /// Its marks, all of them: ours and OVN's.
  public internal(set) var externalIDs: [String: String] = [:]
}

extension ObservedSwitch {
  /// Reads a switch out of the copy of its database.
  public init(_ replica: Replica) throws(OVSDBError) {
    var interfaces: [RowID: InterfaceRow] = [:]
    for row in try replica.rows(InterfaceRow.self) { interfaces[row.id] = row.value }
    var portRows: [RowID: PortRow] = [:]
    for row in try replica.rows(PortRow.self) { portRows[row.id] = row.value }
    for bridge in try replica.rows(BridgeRow.self) {
      var names: Set<String> = []
      for id in bridge.ports {
        guard let row = portRows[id] else { continue }
        names.insert(row.name)
        ports[row.name] = ObservedPort(id, row, bridge: bridge.name, interfaces, limit: try replica.limit(of: row))
      }
      bridges[bridge.name] = ObservedBridge(
        id: bridge.id, owner: bridge.externalIDs[Ownership.owner], datapathType: bridge.datapathType,
        failMode: bridge.failMode, ports: names)
    }
    strayLimits = try replica.strayLimits()
    externalIDs = try replica.rows(OpenVSwitchRow.self).first?.externalIDs ?? [:]
  }

  /// The port that an interface belongs to, bonds included.
  public func port(withInterface name: String) -> (name: String, port: ObservedPort)? {
    if let port = ports[name], port.interfaces.contains(where: { $0.name == name }) { return (name, port) }
    return ports.first { $0.value.interfaces.contains { $0.name == name } }.map { ($0.key, $0.value) }
  }
}

extension ObservedPort {
  /// To what its marks hold a pod's port.
  var policy: PortPolicy {
    PortPolicy(
      rate: externalIDs[Ownership.rate].flatMap(PortRate.init),
      security: externalIDs[Ownership.security].flatMap(PortSecurity.init))
  }

  init(
    _ id: RowID, _ row: PortRow, bridge: String, _ interfaces: [RowID: InterfaceRow], limit: ObservedLimit?
  ) {
    self.init(
      id: id, bridge: bridge, owner: row.externalIDs[Ownership.owner], externalIDs: row.externalIDs,
      vlanMode: row.vlanMode, tag: row.tag, trunks: row.trunks, customerVLANs: row.customerVLANs, limit: limit,
      interfaces: row.interfaces.sorted().compactMap { id in
        interfaces[id].map { row in
          ObservedInterface(
            id: id, name: row.name, type: row.type, options: row.options, mtuRequest: row.mtuRequest,
            mtu: row.mtu, ofport: row.ofport, error: row.error, externalIDs: row.externalIDs)
        }
      })
  }
}
