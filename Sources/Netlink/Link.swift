import Glibc
import NetworkTypes

/// A network interface, as the kernel reports it.
public struct Link: Sendable, Hashable {
  public var index: Int32
  public var name: String
  /// `"veth"`, `"bridge"`...; nil for what is no virtual kind (loopback, hardware).
  public var kind: String?
  public var mtu: UInt32
  /// Nil where there is none or it is not 48 bits long.
  public var macAddress: MACAddress?
  /// Administratively up.
  public var isUp: Bool
  /// Operationally up: for a veth, both ends are up.
  public var isRunning: Bool
  public var isLoopback: Bool
  /// The bridge that it is a port of.
  public var masterIndex: Int32?
  /// The index of a veth's other end, in its own namespace.
  public var peerIndex: Int32?
  /// Whether the veth's other end is in another namespace.
  public var peerIsElsewhere: Bool
  /// Free text (``NetlinkRequest/setAlias(_:of:)``).
  public var alias: String?

  /// Nil when the message is malformed.
  init?(_ payload: ArraySlice<UInt8>) {
    guard let index: Int32 = payload.integer(at: 4), let flags: UInt32 = payload.integer(at: 8) else { return nil }
    let attributes = MessageReader.attributes(in: payload, after: 16)
    guard let name = attributes[LinkAttribute.name]?.string else { return nil }
    let info = attributes[LinkAttribute.linkInfo].map { MessageReader.attributes(in: $0, after: 0) }
    self.index = index
    self.name = name
    kind = info?[LinkAttribute.infoKind]?.string
    mtu = attributes[LinkAttribute.mtu]?.integer(at: 0) ?? 0
    macAddress = attributes[LinkAttribute.address].flatMap { MACAddress(bytes: $0) }
    isUp = flags & InterfaceFlags.up != 0
    isRunning = flags & InterfaceFlags.running != 0
    isLoopback = flags & InterfaceFlags.loopback != 0
    masterIndex = attributes[LinkAttribute.master]?.integer(at: 0)
    peerIndex = attributes[LinkAttribute.link]?.integer(at: 0)
    peerIsElsewhere = attributes[LinkAttribute.linkNamespaceID] != nil
    alias = attributes[LinkAttribute.alias]?.string
  }
}

extension NetlinkSocket {
  /// All interfaces of the namespace.
  public func links() throws(NetlinkError) -> [Link] {
    let request = NetlinkRequest("list", on: "interfaces", type: MessageType.getLink) { $0.linkHeader() }
    return try dump(request, answer: MessageType.newLink).compactMap { Link($0) }
  }

  /// The interface; fails with `ENODEV` when there is none.
  public func link(_ reference: LinkReference) throws(NetlinkError) -> Link {
    let request = NetlinkRequest("look up", on: reference.description, type: MessageType.getLink) { message in
      switch reference {
      case .index(let index):
        message.linkHeader(index: index)
      case .name(let name):
        message.linkHeader()
        message.attribute(LinkAttribute.name, name)
      }
    }
    guard let link = try query(request, answer: MessageType.newLink).lazy.compactMap({ Link($0) }).first else {
      throw NetlinkError(
        request.operation, on: request.subject, errno: EBADMSG, detail: "the kernel's answer is malformed")
    }
    return link
  }

  /// The interface, nil when there is none.
  public func findLink(_ reference: LinkReference) throws(NetlinkError) -> Link? {
    do { return try link(reference) } catch  where error.isNotFound { return nil }
  }

  /// Deletes interfaces together, for the price of one (the kernel waits some 20 ms for a grace period). Those that are gone
  /// already are no error.
  public func deleteLinks(_ links: [LinkReference]) throws(NetlinkError) {
    var requests = links.map { NetlinkRequest.deleteLink($0) }
    if links.count > 1 {
      // A group of its own: no other user of the namespace is likely to use this number at this moment.
      let group = UInt32.random(in: 0x4000_0000..<0x7fff_ffff)
      requests = links.map { .setGroup(group, of: $0) } + [.deleteGroup(group)]
    }
    for case let failure? in try attempt(requests) where !failure.isNotFound { throw failure }
  }
}
