import JSON
import KubernetesModel
import NetloomAPI

/// Renders what a NetworkAttachmentDefinition says: the CNI configuration and the annotation for the scheduler.
struct Rendering: Hashable, Sendable {
  /// The CNI configuration: of one plugin, or a list of `plugins`.
  var config: JSONValue
  /// `k8s.v1.cni.cncf.io/resourceName`: what the pod has to request; nil when nothing.
  var resourceName: String?

  /// The annotation of ``resourceName`` (Network Custom Resource Definition De-facto Standard 1.3).
  static let resourceNameAnnotation = "k8s.v1.cni.cncf.io/resourceName"

  /// Renders an attachment.
  ///
  /// - Parameter hasAddresses: whether pods get addresses, which Netloom assigns whatever the implementation is.
  /// - Throws: a ``FindingError`` when the implementation cannot express it.
  init(attachment: NamespacedName, plug: AttachmentView.Plug, hasAddresses: Bool) throws(FindingError) {
    let network = Network(name: attachment, plug: plug, hasAddresses: hasAddresses)
    config =
      switch plug.interface.implementation {
      case .netloom: network.netloom
      case .ovn: network.ovn
      case .ovs: network.ovs
      case .macvlan: try network.onUplink("macvlan", ["mode": "bridge", "capabilities": ["mac": true]])
      case .ipvlan: try network.onUplink("ipvlan", ["mode": "l2"])
      case .bridge: network.bridge
      case .hostDevice: network.plugin("host-device")
      case .sriov: network.sriov
      case .userspace: network.userspace
      }
    switch plug.interface.implementation {
    case .ovs: resourceName = plug.interface.bridge.map { "ovs-cni.network.kubevirt.io/\($0)" }
    default: resourceName = plug.interface.resourceName
    }
  }
}

/// An attachment that is being rendered.
struct Network {
  let name: NamespacedName
  let plug: AttachmentView.Plug
  let hasAddresses: Bool

  /// libcni refuses a slash in a network's name, so it is not the reference itself.
  var configurationName: String { "\(name.namespace ?? "default").\(name.name)" }

  /// The VLAN of an attachment that has one.
  var vlan: JSONValue? { plug.vlans.first.map { .integer(Int64($0)) } }

  /// The configuration of one plugin. Fields that are nil are left out.
  func plugin(_ type: String, version: String = "0.3.1", _ fields: [String: JSONValue?] = [:]) -> JSONValue {
    var config = fields.compactMapValues { $0 }
    config["cniVersion"] = .string(version)
    config["name"] = .string(configurationName)
    config["type"] = .string(type)
    return .object(config)
  }

  /// Netloom's own addresses for a plugin of somebody else: no cluster needs another IPAM.
  var ipam: JSONValue? {
    guard hasAddresses else { return nil }
    return ["type": "netloom-ipam", "attachment": .string(name.description)]
  }

  /// VLANs in as few words as there are runs of them: `[{"id":10},{"minID":20,"maxID":29}]`.
  var trunk: JSONValue { Self.trunk(plug.vlans) }

  /// Renders sorted VLANs.
  static func trunk(_ vlans: [Int]) -> JSONValue {
    var runs: [ClosedRange<Int>] = []
    for vlan in vlans {
      if let last = runs.last, last.upperBound == vlan - 1 {
        runs[runs.count - 1] = last.lowerBound...vlan
      } else {
        runs.append(vlan...vlan)
      }
    }
    return .array(runs.map(range))
  }

  static func range(_ run: ClosedRange<Int>) -> JSONValue {
    run.count == 1
      ? ["id": .integer(Int64(run.lowerBound))]
      : ["minID": .integer(Int64(run.lowerBound)), "maxID": .integer(Int64(run.upperBound))]
  }

  /// What CNI's bandwidth says, without what is not limited.
  ///
  /// - Parameter completed: whether a rate without a burst gets one, as the plugin `bandwidth` wants it.
  func bandwidth(completed: Bool) -> [String: JSONValue]? {
    guard let bandwidth = plug.attachment.bandwidth else { return nil }
    var fields: [String: JSONValue] = [:]
    for direction in L2ServiceAttachment.Bandwidth.Direction.allCases {
      let (rate, burst) = bandwidth[direction]
      guard let rate else { continue }
      fields["\(direction.rawValue)Rate"] = .integer(Int64(rate))
      let completion = completed ? max(rate / 10, 128_000) : nil
      if let burst = burst ?? completion { fields["\(direction.rawValue)Burst"] = .integer(Int64(burst)) }
    }
    return fields
  }
}
