import CNI

/// The host's end of a pod's veth pair, which is also its port on the bridge.
enum HostEnd {
  /// The name for an attachment: "nl" and 13 characters made from the container and the interface, 15 bytes in all, the
  /// most that Linux takes. It can be computed again at any time. Two attachments share one only if a 64-bit hash
  /// collides; then `variant` gives the next.
  static func name(containerID: String, interface: String, variant: Int = 0) -> String {
    // FNV-1a, 64 bits (Fowler, Noll, Vo), with a final mixing.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(containerID)/\(interface)/\(variant)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    hash = (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    let characters = (0..<13).map { alphabet[Int(truncatingIfNeeded: hash >> (5 * $0)) & 31] }
    return "nl" + String(decoding: characters, as: UTF8.self)
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
