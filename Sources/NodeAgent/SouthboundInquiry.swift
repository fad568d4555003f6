import OVSDB
import OpenVSwitchEngine

/// Finds out from OVN's southbound database why a port is not taken up.
struct SouthboundInquiry: Sendable {
  let southbound: Southbound

  /// What stands in the way, in words, and what to do.
  func obstacle(to port: LogicalPort, on chassis: String?) async -> String {
    guard let chassis else {
      return "Open vSwitch of this node has no external_ids:system-id: see the NodeNetwork and the agent's log"
    }
    do throws(Southbound.Silence) {
      let rows = try await southbound.answers(to: [
        .select(table: "Chassis", where: [], columns: ["_uuid", "name"]),
        .select(
          table: "Port_Binding", where: [Condition("logical_port", .equal, port.name)],
          columns: ["chassis", "requested_chassis", "options"]),
      ])
      return Findings(chassis: rows[0], bindings: rows[1]).obstacle(to: port, on: chassis)
    } catch {
      return "\(error): see whether it can be reached from this node, and the log of ovn-controller"
    }
  }

  /// What the database holds of a port and of all chassis.
  struct Findings: Sendable {
    /// Where a port is and where it is to be, as row ids of chassis, and the version that it has to be of.
    struct Binding: Sendable {
      var holder: String?
      var wanted: String?
      var version: String?
    }

    /// The row ids of chassis by their names.
    var chassis: [String: String]
    /// Nil when there is no port of the name.
    var binding: Binding?

    func obstacle(to port: LogicalPort, on chassis: String) -> String {
      guard let own = self.chassis[chassis] else {
        return "chassis \(chassis) is not registered: see whether ovn-controller runs on this node, and its log"
      }
      guard let binding else {
        return "OVN does not know the port: see whether ovn-northd and the netloom operator run and keep up, and the "
          + "status of the network's L2Service"
      }
      if let wanted = binding.wanted, wanted != own {
        let name = self.chassis.first { $0.value == wanted }?.key ?? wanted
        return "the port is kept for chassis \(name), and this is \(chassis)"
      }
      if let version = binding.version, version != port.version {
        return
          "OVN has the port for a pod of uid \(version), and this pod has \(port.version ?? "none"): see whether the "
          + "netloom operator keeps up"
      }
      if binding.holder == own {
        return "ovn-controller has the port and has not installed its flows yet: see its log and its load"
      }
      return "ovn-controller has not taken the port: see whether it runs on this node, and its log"
    }
  }
}

extension SouthboundInquiry.Findings {
  fileprivate init(chassis: [Row], bindings: [Row]) {
    self.init(chassis: [:])
    for row in chassis {
      if case .string(let name)? = row["name"]?.atom { self.chassis[name] = "\(row.id)" }
    }
    guard let row = bindings.first else { return }
    let id = { (column: String) in row[column].flatMap { RowID(datum: $0) }.map { "\($0)" } }
    binding = Binding(
      holder: id("chassis"), wanted: id("requested_chassis"),
      version: row["options"].flatMap { [String: String](datum: $0) }?["iface-id-ver"])
  }
}
