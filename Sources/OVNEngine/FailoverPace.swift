import OVSDB

/// How fast OVN notices that the node of a gateway is dead (ovn-nb(5), `NB_Global` `options:bfd-min-rx`, `bfd-min-tx`).
///
/// Nodes that gateways can be on and those that send to them watch each other by BFD (RFC 5880). Three packets missing in
/// a row mean dead, and with OVN's own pace of one in a second that takes up to three seconds. The setting is one of the
/// whole OVN, which others may use as well: it is only made where nobody has made it, and stays when it is there.
public struct FailoverPace: Sendable, Hashable {
  /// The time between two packets, in milliseconds.
  public var interval: Int

  /// A pace.
  ///
  /// - Parameter interval: the time between two packets, in milliseconds, at least 1.
  public init(interval: Int = 200) { self.interval = interval }

  /// What has to be written; nil: nothing, because it is there, or because there is no gateway of ours yet.
  func operation(_ replica: Replica) -> Operation? {
    guard let global = replica.rows("NB_Global").values.first, let options = global["options"]?.map else { return nil }
    let missing = ["bfd-min-rx", "bfd-min-tx"].filter { options[.string($0)] == nil }
    guard !missing.isEmpty, replica.rows("HA_Chassis_Group").values.contains(where: { $0.mark != nil }) else {
      return nil
    }
    let settings = Dictionary(uniqueKeysWithValues: missing.map { ($0, "\(interval)") })
    // An insert leaves what somebody else has set meanwhile (RFC 7047 section 5.1, <mutation>).
    return .mutate(
      table: "NB_Global", where: [.row(global.id)], mutations: [Mutation("options", .insert, settings)])
  }
}
