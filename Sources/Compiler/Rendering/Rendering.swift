import JSON
import KubernetesModel
import NetloomAPI

/// Renders what a NetworkAttachmentDefinition says: the CNI configuration and the annotation for the scheduler.
struct Rendering: Hashable, Sendable {
  /// The CNI configuration.
  var config: JSONValue
  /// `k8s.v1.cni.cncf.io/resourceName`: what the pod has to request; nil when nothing.
  var resourceName: String?

  /// The annotation of ``resourceName`` (Network Custom Resource Definition De-facto Standard 1.3).
  static let resourceNameAnnotation = "k8s.v1.cni.cncf.io/resourceName"

  /// Renders an attachment.
  ///
  /// - Throws: a ``FindingError`` when the implementation cannot express it.
  init(attachment: NamespacedName, plug: AttachmentView.Plug, subnets: [Subnet]) throws(FindingError) {
    switch plug.interface.implementation {
    case .netloom: config = Self.netloom(attachment, plug)
    case .ovs: config = try Self.ovs(plug, subnets)
    case .hostDevice: config = ["cniVersion": "0.3.1", "type": "host-device"]
    case .macvlan, .ipvlan, .bridge, .sriov, .userspace:
      throw FindingError(.notRendered(plug.interface.implementation))
    }
    switch plug.interface.implementation {
    case .ovs: resourceName = plug.interface.bridge.map { "ovs-cni.network.kubevirt.io/\($0)" }
    default: resourceName = plug.interface.resourceName
    }
  }

  /// Our own plugin: the agent does the addresses, so the configuration only says where to plug in.
  private static func netloom(_ attachment: NamespacedName, _ plug: AttachmentView.Plug) -> JSONValue {
    var config: JSONValue = [
      "cniVersion": "1.0.0",
      // libcni refuses a slash in a network's name, so it is not the reference itself.
      "name": .string("\(attachment.namespace ?? "default").\(attachment.name)"),
      "type": "netloom",
      "attachment": .string(attachment.description),
      "mtu": .integer(Int64(plug.mtu ?? 1500)),
    ]
    config["bridge"] = plug.interface.bridge.map(JSONValue.string)
    switch plug.vlanType {
    case .access: config["vlan"] = plug.vlans.first.map { .integer(Int64($0)) }
    case .trunk, .selectiveTrunk: config["trunk"] = trunk(plug.vlans)
    }
    return config
  }

  /// ovs-cni. A trunk names no VLANs: the pod sees all that the bridge carries.
  private static func ovs(_ plug: AttachmentView.Plug, _ subnets: [Subnet]) throws(FindingError) -> JSONValue {
    var config: JSONValue = ["cniVersion": "0.3.1", "type": "ovs"]
    config["bridge"] = plug.interface.bridge.map(JSONValue.string)
    if let mtu = plug.mtu, mtu != 1500 { config["mtu"] = .integer(Int64(mtu)) }
    switch plug.vlanType {
    case .access:
      config["vlan"] = plug.vlans.first.map { .integer(Int64($0)) }
      config["ipam"] = try whereabouts(subnets)
    case .selectiveTrunk: config["trunk"] = trunk(plug.vlans)
    case .trunk: break
    }
    return config
  }

  private static func trunk(_ vlans: [Int]) -> JSONValue { .array(vlans.map { ["id": .integer(Int64($0))] }) }

  /// The IPAM plugin whereabouts: one range, or one a family in `ipRanges`.
  private static func whereabouts(_ subnets: [Subnet]) throws(FindingError) -> JSONValue? {
    guard let first = subnets.first else { return nil }
    var ipam: JSONValue = ["type": "whereabouts"]
    if subnets.count == 1 {
      for (key, value) in try range(of: first).object ?? [:] { ipam[key] = value }
      ipam["gateway"] = first.spec.gateway.map(JSONValue.string)
    } else {
      var ranges: [JSONValue] = []
      for subnet in subnets { ranges.append(try range(of: subnet)) }
      ipam["ipRanges"] = .array(ranges)
    }
    let routes = subnets.flatMap { $0.spec.routes ?? [] }
    if !routes.isEmpty {
      ipam["routes"] = .array(routes.map { ["dst": .string($0.destination), "gw": .string($0.nextHop)] })
    }
    if let dns = subnets.compactMap(\.spec.dns).first {
      var json: JSONValue = [:]
      json["nameservers"] = dns.nameservers.map { .array($0.map(JSONValue.string)) }
      json["domain"] = dns.domain.map(JSONValue.string)
      json["search"] = dns.search.map { .array($0.map(JSONValue.string)) }
      if json.object?.isEmpty == false { ipam["dns"] = json }
    }
    return ipam
  }

  private static func range(of subnet: Subnet) throws(FindingError) -> JSONValue {
    let pools = subnet.spec.pools ?? []
    guard pools.count <= 1 else { throw FindingError(.severalPools(subnet)) }
    let prefixLength = subnet.spec.cidr.split(separator: "/").last ?? ""
    var range: JSONValue = [
      "range": .string(pools.first.map { "\($0.start)-\($0.end)/\(prefixLength)" } ?? subnet.spec.cidr)
    ]
    if let exclude = subnet.spec.exclude, !exclude.isEmpty {
      range["exclude"] = .array(
        exclude.map { .string($0.contains("/") ? $0 : $0 + ($0.contains(":") ? "/128" : "/32")) })
    }
    return range
  }
}

extension Finding {
  fileprivate static func severalPools(_ subnet: Subnet) -> Finding {
    Finding(
      reason: ConditionReason.notSupported,
      message: "Subnet \(subnet.metadata.namespacedName): spec.pools has \(subnet.spec.pools?.count ?? 0) pools, but "
        + "implementation ovs (whereabouts) takes one: use one pool, or implementation netloom")
  }
}
