import CNI
import NetworkTypes

/// The host's end of a pod's veth pair, which is also its port on the bridge.
///
/// Name and alias can be computed again at any time. The name of an attachment is "nl" and 13 characters made from the
/// container and the interface, 15 bytes in all, the most that Linux takes; two attachments share one only if a 64-bit hash
/// collides, and then `variant` gives the next. The alias says whose it is, for people and for garbage collection.
struct HostEnd: Sendable, Hashable {
  let name: String
  let alias: String

  /// How many names are tried.
  static let variants = 0..<4

  static func name(containerID: String, interface: String, variant: Int = 0) -> String {
    let hash = hash("\(containerID)/\(interface)/\(variant)")
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    let characters = (0..<13).map { alphabet[Int(truncatingIfNeeded: hash >> (5 * $0)) & 31] }
    return "nl" + String(decoding: characters, as: UTF8.self)
  }

  init(_ key: AttachmentKey, network: String, variant: Int = 0) {
    self.init(
      named: Self.name(containerID: key.containerID, interface: key.interface, variant: variant), key, network: network)
  }

  /// That of an attachment, whose name is known.
  init(named name: String, _ key: AttachmentKey, network: String) {
    self.name = name
    alias = Self.alias(key, network: network)
  }

  /// The ends that the attachment may have.
  static func candidates(_ key: AttachmentKey, network: String) -> [HostEnd] {
    variants.map { HostEnd(key, network: network, variant: $0) }
  }

  /// "netloom CONTAINER INTERFACE NETWORK", cut where Linux cuts it.
  static func alias(_ key: AttachmentKey, network: String) -> String {
    String(decoding: "\(prefix) \(key.containerID) \(key.interface) \(network)".utf8.prefix(255), as: UTF8.self)
  }

  /// The MAC address of the pod's end where nobody wants another: unicast, locally administered, the same each time.
  static func macAddress(_ key: AttachmentKey) -> MACAddress? {
    let hash = hash("\(key.containerID)/\(key.interface)/mac")
    return MACAddress(rawValue: (hash & 0xfcff_ffff_ffff) | 0x0200_0000_0000)
  }

  fileprivate static let prefix = "netloom"

  /// FNV-1a, 64 bits (Fowler, Noll, Vo), with a final mixing.
  private static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
  }
}

extension AttachmentKey {
  /// The attachment to the network that the alias of a host end names.
  init?(alias: String, network: String) {
    let words = alias.split(separator: " ", maxSplits: 3)
    guard words.count > 2, words[0] == HostEnd.prefix else { return nil }
    self.init(containerID: String(words[1]), interface: String(words[2]))
    guard alias == HostEnd.alias(self, network: network) else { return nil }
  }

  /// The attachment that a port's marks name.
  init?(marks: [String: String]) {
    guard let container = marks[PodPortMark.container], let interface = marks[PodPortMark.interface] else { return nil }
    self.init(containerID: container, interface: interface)
  }
}

/// The marks on a pod's port: whose it is. With them everything is found again without a file.
enum PodPortMark {
  static let container = "netloom-container"
  static let interface = "netloom-ifname"
  static let pod = "netloom-pod"
  static let namespacePath = "netloom-netns"
  /// The configuration's name: whose garbage collection the port is for.
  static let network = "netloom-network"

  static func marks(_ attachment: CNIAttachment, network name: String) -> [String: String] {
    var marks = [
      container: attachment.containerID, interface: attachment.interface, namespacePath: attachment.namespacePath,
      network: name,
    ]
    if let pod = PodIdentity(attachment) { marks[Self.pod] = "\(pod.namespace)/\(pod.name)" }
    return marks
  }
}

/// The pod that a runtime names in `CNI_ARGS`.
public struct PodIdentity: Sendable, Hashable {
  public var namespace: String
  public var name: String
  /// Older runtimes do not tell it.
  public var uid: String?

  public init(namespace: String, name: String, uid: String? = nil) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }

  /// Nil outside Kubernetes.
  init?(_ attachment: CNIAttachment) {
    guard let namespace = attachment.arguments["K8S_POD_NAMESPACE"], let name = attachment.arguments["K8S_POD_NAME"],
      !namespace.isEmpty, !name.isEmpty
    else { return nil }
    self.init(namespace: namespace, name: name, uid: attachment.arguments["K8S_POD_UID"])
  }
}
