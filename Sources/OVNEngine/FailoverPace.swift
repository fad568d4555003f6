import OVSDB

/// How fast OVN notices that the node of a gateway is dead (ovn-nb(5), `NB_Global` `options:bfd-min-rx`).
///
/// Nodes that gateways can be on and those that send to them watch each other by BFD (RFC 5880). Three packets missing in
/// a row mean dead, and with OVN's own pace of one in a second that takes up to three seconds. The setting is one of the
/// whole OVN, which others may use as well: it is only made where nobody has made it, and stays when it is there. It is
/// made before there is a gateway, as sessions that are under way when it changes may fail for a moment.
public struct FailoverPace: Sendable, Hashable {
  /// The time between two packets, in milliseconds; OVN sends none before 100.
  public var interval: Int

  /// A pace.
  ///
  /// - Parameter interval: the time between two packets, in milliseconds, at least 1.
  public init(interval: Int = 200) { self.interval = interval }

  /// What has to be written; nil: nothing.
  func operation(_ replica: Replica) -> Operation? {
    guard let global = replica.rows("NB_Global").values.first, let options = global["options"]?.map,
      options[.string("bfd-min-rx")] == nil
    else { return nil }
    // An insert leaves what somebody else has set meanwhile (RFC 7047 section 5.1, <mutation>).
    return .mutate(
      table: "NB_Global", where: [.row(global.id)],
      mutations: [Mutation("options", .insert, ["bfd-min-rx": "\(interval)"])])
  }
}
