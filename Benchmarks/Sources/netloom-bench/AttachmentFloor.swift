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
  private let port = "floor0"
  private var portID: JSONValue = .null

  init(host: NetworkNamespace, pod: NetworkNamespace, database path: String) throws {
    self.host = host
    self.pod = pod
    database = try RawOVSDB(path)
    let columns: JSONValue = ["columns": ["name", "ofport", "error"]]
    _ = try database.answer(to: database.send("monitor", ["Open_vSwitch", .null, ["Interface": columns]]))
  }

  func add() throws {
    try NetlinkSocket(in: host).perform(
      .createVeth(VethEnd(port, mtu: 1500), peer: VethEnd("net1", in: pod, mtu: 1500), isUp: true))
    let id = try database.send("transact", insertion)
    let socket = try NetlinkSocket(in: pod)
    let link = try socket.link(.name("net1"))
    try Ethtool(in: pod).setTransmitChecksumOffload(false, on: "net1")
    let network = PodAttachment.Network.self
    try socket.perform([
      .setUp(.index(link.index)), .addAddress(network.address, to: link.index),
      .addRoute(Route(to: network.destination, via: network.gateway, linkIndex: link.index)),
    ])
    try waitUntilTakenUp(id)
  }

  func delete() throws {
    let removal: JSONValue = [
      "Open_vSwitch",
      [
        "op": "mutate", "table": "Bridge", "where": [["name", "==", "br-data"]],
        "mutations": [["ports", "delete", portID]],
      ],
    ]
    _ = try database.answer(to: database.send("transact", removal))
    try NetlinkSocket(in: host).deleteLinks([.name(port)])
  }

  /// The answer brings the port's id, an update the OpenFlow port number that ovs-vswitchd gave it, in either order.
  private func waitUntilTakenUp(_ id: Int64) throws {
    var isCommitted = false
    var isTakenUp = false
    while !isCommitted || !isTakenUp {
      let message = try database.receive()
      if message["id"]?.integer == id {
        guard let uuid = message["result"]?[2]?["uuid"] else { throw BenchmarkError("OVSDB refused: \(message)") }
        portID = uuid
        isCommitted = true
      }
      for row in message["params"]?[1]?["Interface"]?.object?.values.map(\.self) ?? [] {
        let new = row["new"]
        if new?["name"]?.string == port, (new?["ofport"]?.integer ?? 0) > 0 { isTakenUp = true }
      }
    }
  }

  /// The agent's own: the bridge has to be there, an interface and a port with marks, onto the bridge.
  private var insertion: JSONValue {
    let marks: JSONValue = [
      "map",
      [
        ["netloom-owner", "bench"], ["netloom-role", "bench"], ["netloom-container", "floor"],
        ["netloom-ifname", "net1"], ["netloom-pod", "test/floor"], ["netloom-netns", "/run/netns/floor"],
      ],
    ]
    let operations: [Operation] = [
      .require("Bridge", where: [Condition("name", .equal, "br-data")], "name", is: "br-data")
    ]
    return .array(
      ["Open_vSwitch"] + operations.map(\.json) + [
        [
          "op": "insert", "table": "Interface", "uuid-name": "i",
          "row": ["name": .string(port), "external_ids": marks],
        ],
        [
          "op": "insert", "table": "Port", "uuid-name": "p",
          "row": [
            "name": .string(port), "interfaces": ["named-uuid", "i"], "tag": 13, "vlan_mode": "access",
            "external_ids": marks,
          ],
        ],
        [
          "op": "mutate", "table": "Bridge", "where": [["name", "==", "br-data"]],
          "mutations": [["ports", "insert", ["named-uuid", "p"]]],
        ],
      ])
  }
}
