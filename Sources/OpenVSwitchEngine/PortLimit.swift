import OVSDB

/// Table QoS (ovs-vswitchd.conf.db(5)): how much may leave the switch at a port, which is what reaches the pod.
struct QoSRow: TableRow {
  var type = ""
  var queues: [Int: RowID] = [:]
  var otherConfig: [String: String] = [:]
  var externalIDs: [String: String] = [:]

  static let tableName = "QoS"
  static let columns = [
    Column("type", \QoSRow.type),
    Column("queues", \QoSRow.queues),
    Column("other_config", \QoSRow.otherConfig),
    Column("external_ids", \QoSRow.externalIDs),
  ]
}

struct QueueRow: TableRow {
  var otherConfig: [String: String] = [:]
  var externalIDs: [String: String] = [:]

  static let tableName = "Queue"
  static let columns = [
    Column("other_config", \QueueRow.otherConfig),
    Column("external_ids", \QueueRow.externalIDs),
  ]
}

/// The limit on what reaches a pod, as rows of tables QoS and Queue. Rows of these tables stay when nothing refers to
/// them, so they bear marks, and go in the same transaction as the port or its limit.
enum PortLimit {
  /// The mark that says whose limit it is: the port's name.
  static let port = "netloom-port"
  /// The kernel's shaper for the host's end of a veth pair, whoever forwards, kernel or userspace. ("egress-policer" is for
  /// the ports of DPDK.)
  private static let type = "linux-htb"

  /// The rows for a limit, of which the second is the QoS row's name.
  static func insertion(_ limit: PortRate.Limit, port name: String, owner: String) -> (rows: [Operation], qos: Datum) {
    let marks = [Ownership.owner: owner, port: name]
    let (queueName, qosName) = (rowName("queue", name), rowName("qos", name))
    let queue = QueueRow(otherConfig: queueConfig(limit), externalIDs: marks)
    let qos = QoSRow(type: type, otherConfig: ["max-rate": "\(limit.rate)"], externalIDs: marks)
    let queues = Datum(map: [.integer(0): .namedUUID(queueName)])
    return (
      [queue.insert(named: queueName), qos.insert(named: qosName, references: ["queues": queues])],
      Datum(.namedUUID(qosName))
    )
  }

  /// Removes the rows of a port's limit.
  static func removal(port name: String, owner: String) -> [Operation] {
    let isIts = Condition("external_ids", .includes, [Ownership.owner: owner, port: name])
    return [.delete(table: QoSRow.tableName, where: [isIts]), .delete(table: QueueRow.tableName, where: [isIts])]
  }

  /// Puts a limit, or none, in the place of a port's.
  static func replacement(
    _ limit: PortRate.Limit?, port name: String, owner: String, where conditions: [Condition]
  ) -> [Operation] {
    let (rows, qos) = limit.map { insertion($0, port: name, owner: owner) } ?? ([], .empty)
    return removal(port: name, owner: owner) + rows + [
      .update(table: PortRow.tableName, where: conditions, row: ["qos": qos])
    ]
  }

  private static func queueConfig(_ limit: PortRate.Limit) -> [String: String] {
    var config = ["max-rate": "\(limit.rate)"]
    config["burst"] = limit.burst.map { "\($0)" }
    return config
  }

  /// The limit that rows stand for; nil when they were not made by this engine, or changed since.
  static func read(_ qos: QoSRow, _ queue: QueueRow?) -> PortRate.Limit? {
    guard qos.type == type, qos.queues.count == 1, let queue,
      let rate = qos.otherConfig["max-rate"].flatMap({ Int($0) })
    else { return nil }
    let limit = PortRate.Limit(rate: rate, burst: queue.otherConfig["burst"].flatMap { Int($0) })
    return queue.otherConfig == queueConfig(limit) ? limit : nil
  }
}

/// The limit that a port has, as it is.
public struct ObservedLimit: Sendable, Hashable {
  /// Whether the rows are ours.
  let isOurs: Bool
  /// What they say; nil when it is nothing that this engine writes.
  public let limit: PortRate.Limit?
}

extension Replica {
  /// The limit on what reaches the pod behind a port.
  func limit(of port: PortRow) throws(OVSDBError) -> ObservedLimit? {
    guard let id = port.qos, let qos = try row(QoSRow.self, id) else { return nil }
    guard qos.externalIDs[PortLimit.port] == port.name else { return ObservedLimit(isOurs: false, limit: nil) }
    var queue: QueueRow?
    if let id = qos.queues[0] { queue = try row(QueueRow.self, id)?.value }
    return ObservedLimit(isOurs: true, limit: PortLimit.read(qos.value, queue))
  }

  /// The names of ports whose limits are left although no port has them, by owner.
  func strayLimits() throws(OVSDBError) -> [String: Set<String>] {
    var used: Set<RowID> = []
    for port in try rows(PortRow.self) { if let qos = port.qos { used.insert(qos) } }
    var names: [String: Set<String>] = [:]
    for row in try rows(QoSRow.self) where !used.contains(row.id) {
      guard let owner = row.externalIDs[Ownership.owner], let port = row.externalIDs[PortLimit.port] else { continue }
      names[owner, default: []].insert(port)
    }
    return names
  }
}
