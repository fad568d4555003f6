import CNI
import Netlink
import OpenVSwitchEngine

/// One attachment on its way: what is wanted, and where.
struct PodLink: Sendable {
  let attachment: CNIAttachment
  /// The configuration's name.
  let network: String
  let configuration: AttachmentConfiguration
  var interface: PodInterface
  let sandbox: NetworkNamespace
  /// What earlier plugins of the list made.
  let previous: CNIResult?
  /// The port of OVN that the interface is; nil when it plugs into a VLAN.
  let logicalPort: LogicalPort?
  var variant = 0
  /// Whether an earlier attempt had made an interface of the same name.
  var isRepeated = false

  var hostEnd: HostEnd { HostEnd(attachment.key, network: network, variant: variant) }

  var port: PodPort {
    PodPort(
      name: hostEnd.name, configuration, interface, logicalPort: logicalPort,
      externalIDs: PodPortMark.marks(attachment, network: network))
  }

  var result: CNIResult {
    interface.result(hostEnd: hostEnd.name, sandbox: attachment.namespacePath, after: previous)
  }
}
