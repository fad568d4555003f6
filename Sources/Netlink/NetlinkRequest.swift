/// One change for the kernel, ready to be sent by ``NetlinkSocket/perform(_:)-(NetlinkRequest)``. The factories that make
/// them (links, addresses, routes, neighbours) are pure.
public struct NetlinkRequest: Sendable {
  /// What it does, as a verb phrase for messages: `"set MTU of"`.
  public let operation: String
  /// On what, for messages.
  public let subject: String

  let type: UInt16
  let flags: UInt16
  let payload: [UInt8]
  /// Namespaces whose descriptors the payload holds: kept open until the request is gone.
  private let namespaces: [NetworkNamespace]

  init(
    _ operation: String, on subject: String, type: UInt16, flags: UInt16 = 0, namespaces: [NetworkNamespace] = [],
    _ body: (inout MessageBuilder) -> Void
  ) {
    var builder = MessageBuilder()
    body(&builder)
    self.operation = operation
    self.subject = subject
    self.type = type
    self.flags = flags
    self.payload = builder.bytes
    self.namespaces = namespaces
  }
}

/// How a request names an interface.
public enum LinkReference: Sendable, Hashable, CustomStringConvertible {
  case name(String)
  case index(Int32)

  public var description: String {
    switch self {
    case .name(let name): name
    case .index(let index): "interface \(index)"
    }
  }
}

/// The longest interface name that Linux takes, in bytes (IFNAMSIZ less the zero byte).
public let maximumLinkNameLength = 15
