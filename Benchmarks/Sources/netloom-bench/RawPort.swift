import JSON
import NetworkTypes

/// A port of the overlay by the least that OVN needs: the rows that Netloom would write, by whoever writes them.
struct RawPort: Sendable {
  let number: Int
  var logicalSwitch = OverlayPlatform.logicalSwitch
  /// The pod, in namespace `test`.
  let pod: String

  /// - Parameter pod: nil: one that Kubernetes does not know.
  init(number: Int, logicalSwitch: String = OverlayPlatform.logicalSwitch, pod: String? = nil) {
    self.number = number
    self.logicalSwitch = logicalSwitch
    self.pod = pod ?? "raw-\(number)"
  }

  /// The name in the northbound database, and of its interface on the node.
  var name: String { "test/\(pod)/net1" }
  /// The pod's uid, where Kubernetes does not give one.
  var version: String { "00000000-0000-4000-8000-\(String(100_000_000_000 + number))" }
  /// The end on the host, which is on the switch.
  var device: String { "raw\(number)" }
  var identity: String { "\(mac) \(address)" }
  private var address: String { "10.77.\(200 + number / 250).\(1 + number % 250)" }
  private var mac: String { "\(MACAddress(rawValue: 0x02_01_00_00_00_00 + UInt64(number))!)" }

  // MARK: - One transaction each

  /// A table of names for the raw ports of a switch, beside Netloom's.
  static var names: JSONValue {
    [
      "OVN_Northbound",
      ["op": "insert", "table": "DNS", "uuid-name": "names", "row": ["external_ids": .map(["bench-key": "names"])]],
      [
        "op": "mutate", "table": "Logical_Switch", "where": [["name", "==", .string(OverlayPlatform.logicalSwitch)]],
        "mutations": [["dns_records", "insert", ["named-uuid", "names"]]],
      ],
    ]
  }

  /// The row, its name and its place on the switch, which is there.
  var declaration: JSONValue {
    [
      "OVN_Northbound", insertion("port"),
      [
        "op": "mutate", "table": "DNS", "where": [["external_ids", "includes", .map(["bench-key": "names"])]],
        "mutations": [["records", "insert", .map(["\(pod).blue": address, "\(pod).test.blue": address])]],
      ],
      [
        "op": "mutate", "table": "Logical_Switch", "where": [["name", "==", .string(logicalSwitch)]],
        "mutations": [["ports", "insert", ["named-uuid", "port"]]],
      ],
    ]
  }

  /// The row and its switch, with a name within the transaction.
  func declarationWithSwitch(_ reference: String) -> [JSONValue] {
    [
      insertion(reference),
      [
        "op": "insert", "table": "Logical_Switch",
        "row": [
          "name": .string(logicalSwitch), "ports": ["named-uuid", .string(reference)],
          "external_ids": marks("L2Service/\(logicalSwitch)", logicalSwitch),
        ],
      ],
    ]
  }

  private func insertion(_ reference: String) -> JSONValue {
    [
      "op": "insert", "table": "Logical_Switch_Port", "uuid-name": .string(reference),
      "row": [
        "name": .string(name), "addresses": .string(identity), "port_security": .string(identity),
        "options": .map(["iface-id-ver": version, "requested-chassis": OverlayPlatform.host]),
        "external_ids": marks("Pod/test/\(pod)", name),
      ],
    ]
  }

  private func marks(_ owner: String, _ key: String) -> JSONValue { .map(["bench-owner": owner, "bench-key": key]) }

  /// The interface, on OVN's bridge.
  func plug(version: String) -> JSONValue {
    let marks = JSONValue.map([
      "bench-owner": "bench", "bench-pod": "test/\(pod)", "iface-id": name, "iface-id-ver": version,
      "attached-mac": mac,
    ])
    return [
      "Open_vSwitch",
      [
        "op": "insert", "table": "Interface", "uuid-name": "interface",
        "row": ["name": .string(device), "external_ids": marks],
      ],
      [
        "op": "insert", "table": "Port", "uuid-name": "port",
        "row": ["name": .string(device), "interfaces": ["named-uuid", "interface"], "external_ids": marks],
      ],
      [
        "op": "mutate", "table": "Bridge", "where": [["name", "==", "br-int"]],
        "mutations": [["ports", "insert", ["named-uuid", "port"]]],
      ],
    ]
  }

  // MARK: - A program a step, as OVN4NFV does

  /// What its operator runs (`FindLogicalSwitch` twice, `addLogicalPortWithSwitch`).
  var northboundCommands: [[String]] {
    [
      lookup, lookup,
      [
        "--may-exist", "lsp-add", logicalSwitch, name, "--", "lsp-set-addresses", name, identity, "--",
        "--if-exists", "clear", "logical_switch_port", name, "dynamic_addresses", "--", "set", "logical_switch_port",
        name, "external-ids:namespace=test", "external-ids:pod=true",
      ],
      ["get", "logical_switch_port", name, "addresses"],
    ]
  }

  private var lookup: [String] {
    ["--data=bare", "--no-heading", "--columns=name", "find", "logical_switch", "name=\(logicalSwitch)"]
  }

  /// What its CNI server runs.
  var switchCommand: [String] {
    [
      "add-port", "br-int", device, "--", "set", "interface", device, "external_ids:attached_mac=\(mac)",
      "external_ids:iface-id=\(name)", "external_ids:sandbox=\(version)",
    ]
  }
}
