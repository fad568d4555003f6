import CNI
import MultiNetwork
import Netlink
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

extension PodNetworking {
  /// Brings an attachment in use to what its network and its allocation say now: VLANs, rate and security of the port; MTU,
  /// routes and whatever is missing of the interface. Nothing is written where all is as it is to be.
  ///
  /// An interface that is gone is made anew. Its addresses and its hardware address stay what they are.
  func update(_ call: NativeCall, recorded: CNIResult?) async throws -> LiveUpdate {
    var link = try await link(call, from: allocations.forInterfacesInUse)
    let key = link.attachment.key
    let names = HostEnd.candidates(key, network: link.network).map(\.name)
    let port = try await openVSwitch.podPorts(named: names).first {
      $0.value.isAttachment(key, network: link.network)
    }
    link.variant = port.flatMap { names.firstIndex(of: $0.key) } ?? 0
    guard let found = try await kernel.state(of: link.interface.name, in: link.sandbox) else {
      return LiveUpdate(result: try await add([call])[0], changes: ["\(link.interface.name): made anew, it was gone"])
    }
    let before = recorded.map {
      PodInterface(name: link.interface.name, configuration: link.configuration, result: $0)
    }
    var refusals = link.interface.keepIdentity(of: found, recorded: before, dns: recorded?.dns)
    if link.logicalPort == nil, let limit = try await uplinkLimit(of: link.configuration.bridge),
      let mtu = link.interface.mtu, mtu > limit.mtu,
      mtu != Int(found.link.mtu)
    {
      refusals.append(.uplink(limit, mtu: mtu, of: link.interface.name, bridge: link.configuration.bridge))
      link.interface.mtu = Int(found.link.mtu)
    }
    var changes = try await updatePort(link, from: port?.value)
    let steps = link.interface.changes(from: found)
    try await kernel.apply(steps, to: found.link, hostEnd: link.hostEnd.name, in: link.sandbox)
    changes += steps.map(\.description)
    return LiveUpdate(
      result: link.result, changes: changes.map { "\(link.interface.name): \($0)" }, refusals: refusals)
  }

  private func updatePort(_ link: PodLink, from before: ObservedPort?) async throws -> [String] {
    let name = link.hostEnd.name
    try await plug([link])
    guard let before else { return ["port put back on bridge \(link.configuration.bridge)"] }
    let after = try await openVSwitch.podPorts(named: [name])[name]
    guard let after, after.settings != before.settings else { return [] }
    let differences = before.differences(from: link.configuration)
    return [
      differences.isEmpty
        ? "limits of the port" : "\(link.configuration.vlans), before: " + differences.joined(separator: ", ")
    ]
  }

  /// The least MTU of the interfaces that lead from a bridge out of the node; nil when there is none.
  private func uplinkLimit(of bridge: String) async throws -> (name: String, mtu: Int)? {
    let ports = try await openVSwitch.observe().ports.filter { $0.value.bridge == bridge && !$0.value.isPodPort }
    let interfaces = ports.values.flatMap(\.interfaces).filter { ["", "system"].contains($0.type) }
    return interfaces.compactMap { interface in interface.mtu.map { (interface.name, $0) } }.min { $0.1 < $1.1 }
  }
}

extension ObservedPort {
  /// What an update can change.
  fileprivate var settings: [String] {
    [bridge, vlanMode ?? "", tag.map(String.init) ?? "", "\(trunks.sorted())"]
      + externalIDs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}

extension PodInterface {
  /// Takes over what an interface in use cannot lose: addresses and hardware address. What is refused by that.
  fileprivate mutating func keepIdentity(
    of found: PodInterfaceState, recorded: PodInterface?, dns recordedDNS: CNIResult.DNS?
  ) -> [LiveRefusal] {
    var refusals: [LiveRefusal] = []
    let present = found.addresses.filter { !$0.address.isLinkLocal }
    // What is not recorded was ours when some of it is.
    let isDrift = present.isEmpty || !present.isDisjoint(with: addresses)
    let before = recorded?.addresses ?? (isDrift ? addresses : present.sorted { "\($0)" < "\($1)" })
    if Set(before) != Set(addresses) {
      refusals.append(
        .reattach(
          name, "the addresses of an interface in use stay (\(before.texts)), its allocation says \(addresses.texts)"))
      addresses = before
    }
    let mac = recorded?.macAddress ?? found.link.macAddress
    if let mac, let wanted = macAddress, mac != wanted {
      refusals.append(
        .reattach(name, "the hardware address of an interface in use stays (\(mac)), its allocation says \(wanted)"))
      macAddress = mac
    }
    let dnsBefore = recordedDNS.map {
      NetworkStatus.DNS(nameservers: $0.nameservers, domain: $0.domain, search: $0.search)
    }
    if let dnsBefore, dnsBefore != dns ?? NetworkStatus.DNS() {
      refusals.append(
        LiveRefusal(
          .restart,
          "\(name): the network's name resolution has changed, and a running pod's resolv.conf is the kubelet's: make the "
            + "pod anew if it takes its name servers from there"))
    }
    return refusals
  }
}

extension LiveRefusal {
  fileprivate static func reattach(_ interface: String, _ what: String) -> LiveRefusal {
    LiveRefusal(.reattach, "\(interface): \(what): take the network from the pod and give it again")
  }

  fileprivate static func uplink(
    _ limit: (name: String, mtu: Int), mtu: Int, of interface: String, bridge: String
  ) -> LiveRefusal {
    LiveRefusal(
      .restart,
      "\(interface): MTU \(mtu) is more than uplink \(limit.name) of bridge \(bridge) takes, which is \(limit.mtu): raise "
        + "that, or make the network's MTU smaller", mayPass: true)
  }
}

extension [InterfaceAddress] {
  fileprivate var texts: String { isEmpty ? "none" : map(\.description).joined(separator: ", ") }
}
