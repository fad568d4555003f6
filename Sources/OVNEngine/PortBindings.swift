import OVNModel
import OVSDB

/// Which chassis has which port, as far as that was told. Without I/O.
struct PortBindings {
  /// The ports that are followed: the few kinds that are on one chassis at a time, and those that bear the mark.
  static let monitored = [
    MonitoredTable(
      "Port_Binding", columns: ["logical_port", "chassis"],
      indexes: [.column("logical_port"), .column("chassis")],
      where: ["chassisredirect", "l3gateway", "l2gateway"].map { Condition("type", .equal, $0) } + [
        Condition("external_ids", .includes, NorthboundMark.followed)
      ]),
    MonitoredTable("Chassis", columns: ["name"]),
  ]

  private let grace: Duration
  private var told: [String: String] = [:]
  private var standing: SouthboundNews.Standing?
  /// Since when there is no connection; nil: there is one.
  private var lostAt: ContinuousClock.Instant?

  /// - Parameter grace: for how long the database may be away before that is told.
  init(grace: Duration) { self.grace = grace }

  /// What an event changes.
  ///
  /// - Parameter replica: the copy, as new as the event or newer.
  mutating func take(_ event: ReplicaEvent, _ replica: Replica, at time: ContinuousClock.Instant) -> SouthboundNews {
    switch event {
    case .changed(let changes): look(at: Set(changes.flatMap { Self.ports(of: $0, replica) }), in: replica)
    case .overflowed:
      look(at: Set(replica.rows("Port_Binding").values.compactMap(\.port)).union(told.keys), in: replica)
    case .synchronized: stands(.followed)
    case .disconnected(let error): lost(error, at: time)
    }
  }

  private mutating func look(at ports: Set<String>, in replica: Replica) -> SouthboundNews {
    var news = SouthboundNews()
    for port in ports {
      let row = replica.rows("Port_Binding", .column("logical_port"), .string(port)).first
      let chassis = row?.chassis.flatMap { replica.row("Chassis", $0)?.text("name") }
      guard told[port] != chassis else { continue }
      told[port] = chassis
      news.chassis.updateValue(chassis, forKey: port)
    }
    return news
  }

  private mutating func stands(_ now: SouthboundNews.Standing) -> SouthboundNews {
    if now == .followed { lostAt = nil }
    guard standing != now else { return SouthboundNews() }
    standing = now
    var news = SouthboundNews()
    news.standing = now
    return news
  }

  private mutating func lost(_ error: OVSDBError, at time: ContinuousClock.Instant) -> SouthboundNews {
    let start = lostAt ?? time
    lostAt = start
    if case .lost? = standing { return SouthboundNews() }
    return time - start < grace ? SouthboundNews() : stands(.lost("\(error)"))
  }

  /// The ports that a change of a row is about.
  private static func ports(of change: RowChange, _ replica: Replica) -> [String] {
    guard change.table == "Chassis" else { return [change.old, change.new].compactMap { $0?.port } }
    return replica.rows("Port_Binding", .column("chassis"), .uuid(change.id)).compactMap(\.port)
  }
}

extension Row {
  fileprivate var port: String? { text("logical_port") }

  /// The chassis that a port is bound to.
  fileprivate var chassis: RowID? {
    guard case .uuid(let id)? = self["chassis"]?.atoms?.first else { return nil }
    return id
  }

  fileprivate func text(_ column: String) -> String? {
    guard case .string(let text)? = self[column]?.atom else { return nil }
    return text
  }
}
