import JSON
import Netlink
import NetworkTypes
import OVSDB

/// What an ADD and a DEL cost whoever does them: the same requests to the kernel, and one transaction that ovs-vswitchd
/// has to take up, by one thread without a process, a socket or a task between.
final class AttachmentFloor {
  private let host: NetworkNamespace
  private let pod: NetworkNamespace
  private let database: RawOVSDB
  private let interfaces: [SampleInterface]
  private var portIDs: [JSONValue] = []

  init(
    host: NetworkNamespace, pod: NetworkNamespace, database path: String, interfaces: [SampleInterface]
  ) throws {
    self.interfaces = interfaces
    self.host = host
    self.pod = pod
    database = try RawOVSDB(path)
    let columns: JSONValue = ["columns": ["name", "ofport", "error"]]
    _ = try database.answer(to: database.send("monitor", ["Open_vSwitch", .null, ["Interface": columns]]))
  }

  func add() throws {
    try NetlinkSocket(in: host).perform(
      interfaces.map {
        .createVeth(VethEnd($0.port, mtu: 1500), peer: VethEnd($0.podEnd, in: pod, mtu: 1500), isUp: true)
      })
    let id = try database.send("transact", insertion)
    let socket = try NetlinkSocket(in: pod)
    let ethtool = try Ethtool(in: pod)
    var requests: [NetlinkRequest] = []
    for interface in interfaces {
      let link = try socket.link(.name(interface.podEnd))
      try ethtool.setTransmitChecksumOffload(false, on: interface.podEnd)
      requests += [
        .setUp(.index(link.index)), .addAddress(interface.address, to: link.index),
        .addRoute(Route(to: interface.destination, via: interface.gateway, linkIndex: link.index)),
      ]
    }
    try socket.perform(requests)
    try waitUntilTakenUp(id)
  }

  func delete() throws {
    let removal: JSONValue = [
      "Open_vSwitch",
      [
        "op": "mutate", "table": "Bridge", "where": [["name", "==", "br-data"]],
        "mutations": [["ports", "delete", ["set", .array(portIDs)]]],
      ],
    ]
    _ = try database.answer(to: database.send("transact", removal))
    try NetlinkSocket(in: host).deleteLinks(interfaces.map { .name($0.port) })
  }

  /// The answer brings the ports' ids, updates the OpenFlow port numbers that ovs-vswitchd gave them, in either order.
  private func waitUntilTakenUp(_ id: Int64) throws {
    var isCommitted = false
    var missing = Set(interfaces.map(\.port))
    while !isCommitted || !missing.isEmpty {
      let message = try database.receive()
      if message["id"]?.integer == id {
        portIDs = interfaces.indices.compactMap { number in
          message["result"]?[2 + 2 * number]?["uuid"].map { ["uuid", $0[1] ?? .null] }
        }
        guard portIDs.count == interfaces.count else { throw BenchmarkError("OVSDB refused: \(message)") }
        isCommitted = true
      }
      for row in message["params"]?[1]?["Interface"]?.object?.values.map(\.self) ?? [] {
        let new = row["new"]
        if let name = new?["name"]?.string, (new?["ofport"]?.integer ?? 0) > 0 { missing.remove(name) }
      }
    }
  }

  /// The agent's own: the bridge has to be there, an interface and a port with marks for each, onto the bridge.
  private var insertion: JSONValue {
    let check = Operation.require("Bridge", where: [Condition("name", .equal, "br-data")], "name", is: "br-data")
    let ports = interfaces.map { ["named-uuid", .string("p\($0.number)")] as JSONValue }
    let onto: JSONValue = [
      "op": "mutate", "table": "Bridge", "where": [["name", "==", "br-data"]],
      "mutations": [["ports", "insert", ["set", .array(ports)]]],
    ]
    return .array(["Open_vSwitch", check.json] + interfaces.flatMap(\.insertions) + [onto])
  }
}

extension SampleInterface {
  fileprivate var port: String { "floor\(number)" }
  fileprivate var podEnd: String { "net\(number + 1)" }

  fileprivate var insertions: [JSONValue] {
    let marks: JSONValue = [
      "map",
      [
        ["netloom-owner", "bench"], ["netloom-role", "bench"], ["netloom-container", "floor"],
        ["netloom-ifname", .string(podEnd)], ["netloom-pod", "test/floor"], ["netloom-netns", "/run/netns/floor"],
      ],
    ]
    return [
      [
        "op": "insert", "table": "Interface", "uuid-name": .string("i\(number)"),
        "row": ["name": .string(port), "external_ids": marks],
      ],
      [
        "op": "insert", "table": "Port", "uuid-name": .string("p\(number)"),
        "row": [
          "name": .string(port), "interfaces": ["named-uuid", .string("i\(number)")], "tag": .integer(Int64(vlan)),
          "vlan_mode": "access", "external_ids": marks,
        ],
      ],
    ]
  }
}
