import NetworkTypes

extension ObservedSwitch {
  /// What keeps bridges from being what is wanted although the database says so: interfaces of ours, and uplinks
  /// whosever they are, that ovs-vswitchd could not take up, and others' uplinks that keep VLANs out. Pods' ports are
  /// their own matter.
  func problems(_ desired: DesiredSwitch, owner: String) -> [SwitchProblem] {
    var uplinks: Set<String> = []
    var problems: [SwitchProblem] = []
    for (name, bridge) in desired.bridges.sorted(by: { $0.key < $1.key }) {
      guard let uplink = bridge.uplink else { continue }
      uplinks.insert(uplink.interface)
      if let failure = interface(uplink.interface)?.failure {
        problems.append(SwitchProblem(bridge: name, message: "uplink \(uplink.interface): \(failure)"))
      } else if let (_, port) = port(withInterface: uplink.interface), port.owner != owner {
        var blocked = Set(uplink.vlans.filter { !port.passesTagged($0) }.map { Int($0.rawValue) })
        if uplink.untagged, !port.passesUntagged { blocked.insert(PortVLANs.untagged) }
        if !blocked.isEmpty { problems.append(.blocked(blocked, by: uplink, port, of: name)) }
      }
    }
    for (_, port) in ports.sorted(by: { $0.key < $1.key }) where port.owner == owner && !port.isPodPort {
      for interface in port.interfaces where !uplinks.contains(interface.name) {
        guard let failure = interface.failure else { continue }
        problems.append(SwitchProblem(bridge: port.bridge, message: "interface \(interface.name): \(failure)"))
      }
    }
    return problems
  }

  /// Which uplinks have a smaller MTU than is wanted: those of others, and those whose device cannot have more.
  func remarks(_ desired: DesiredSwitch, owner: String) -> [SwitchProblem] {
    desired.bridges.sorted { $0.key < $1.key }.compactMap { name, bridge in
      guard let wanted = bridge.mtu, let uplink = bridge.uplink?.interface,
        let (_, port) = port(withInterface: uplink), let mtu = interface(uplink)?.mtu, mtu < wanted
      else { return nil }
      let advice =
        port.owner == owner
        ? "its device refuses more" : "it is not ours (bridge \(port.bridge)), so its owner has to set its MTU"
      return SwitchProblem(
        bridge: name, message: "uplink \(uplink) takes packets of \(mtu) bytes at most, not \(wanted): \(advice)")
    }
  }

  private func interface(_ name: String) -> ObservedInterface? {
    port(withInterface: name)?.port.interfaces.first { $0.name == name }
  }
}

extension ObservedInterface {
  /// Why no packets pass, in ovs-vswitchd's words where it has some.
  var failure: String? {
    if let error { return error }
    switch ofport {
    case nil: return "ovs-vswitchd has not taken it up; does it run?"
    case let number? where number < 0: return "ovs-vswitchd could not add it; see its log"
    default: return nil
    }
  }
}

extension SwitchProblem {
  fileprivate static func blocked(
    _ vlans: Set<Int>, by uplink: DesiredBridge.Uplink, _ port: ObservedPort, of bridge: String
  ) -> SwitchProblem {
    let tagged = vlans.subtracting([PortVLANs.untagged]).sorted().map(String.init).joined(separator: ", ")
    let list = [tagged.isEmpty ? nil : "VLANs \(tagged)", vlans.contains(PortVLANs.untagged) ? "untagged frames" : nil]
      .compactMap { $0 }.joined(separator: " and ")
    let settings = [
      port.vlanMode.map { "vlan_mode \($0)" }, port.tag.map { "tag \($0)" },
      port.trunks.isEmpty ? nil : "trunks \(port.trunks.sorted().map(String.init).joined(separator: ","))",
    ].compactMap { $0 }.joined(separator: ", ")
    return SwitchProblem(
      bridge: bridge,
      message:
        "uplink \(uplink.interface) is a port of bridge \(port.bridge) that is not ours, and its settings (\(settings)) keep out \(list); its owner has to let them pass",
      vlans: vlans)
  }
}
