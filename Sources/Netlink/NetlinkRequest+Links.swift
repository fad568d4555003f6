import Glibc
import NetworkTypes

/// One end of a veth pair to be made.
public struct VethEnd: Sendable {
  public var name: String
  /// The namespace in which it is born; nil: that of the socket. (Moving an end later costs some 19 ms.)
  public var namespace: NetworkNamespace?
  /// Nil: the kernel picks a random one.
  public var macAddress: MACAddress?
  public var mtu: UInt32?

  public init(
    _ name: String, in namespace: NetworkNamespace? = nil, macAddress: MACAddress? = nil, mtu: UInt32? = nil
  ) {
    self.name = name
    self.namespace = namespace
    self.macAddress = macAddress
    self.mtu = mtu
  }

  fileprivate func encode(into message: inout MessageBuilder, isUp: Bool) {
    let flags = isUp ? InterfaceFlags.up : 0
    message.linkHeader(flags: flags, change: flags)
    message.attribute(LinkAttribute.name, name)
    if let mtu { message.attribute(LinkAttribute.mtu, mtu) }
    if let macAddress { message.attribute(LinkAttribute.address, macAddress.bytes) }
    if let namespace {
      message.attribute(LinkAttribute.namespaceDescriptor, UInt32(bitPattern: namespace.descriptor))
    }
  }
}

extension NetlinkRequest {
  /// Makes a pair of connected interfaces, each in the namespace where it belongs; `isUp` brings `end` up (the kernel
  /// cannot do so with the peer before they are connected). Fails with `EEXIST` when a name is taken.
  public static func createVeth(_ end: VethEnd, peer: VethEnd, isUp: Bool = false) -> NetlinkRequest {
    create("create veth", end.name, namespaces: [end.namespace, peer.namespace].compactMap(\.self)) { message in
      end.encode(into: &message, isUp: isUp)
      message.nested(LinkAttribute.linkInfo) { info in
        info.attribute(LinkAttribute.infoKind, "veth")
        info.nested(LinkAttribute.infoData) { data in
          data.nested(LinkAttribute.vethPeer) { peer.encode(into: &$0, isUp: false) }
        }
      }
    }
  }

  /// Makes a kernel bridge, without any port.
  public static func createBridge(_ name: String, mtu: UInt32? = nil, isUp: Bool = false) -> NetlinkRequest {
    create("create bridge", name, namespaces: []) { message in
      VethEnd(name, mtu: mtu).encode(into: &message, isUp: isUp)
      message.nested(LinkAttribute.linkInfo) { $0.attribute(LinkAttribute.infoKind, "bridge") }
    }
  }

  /// Sets the interface administratively up.
  public static func setUp(_ link: LinkReference) -> NetlinkRequest {
    change("set up", link, flags: InterfaceFlags.up, change: InterfaceFlags.up)
  }

  /// Sets the interface administratively down.
  public static func setDown(_ link: LinkReference) -> NetlinkRequest {
    change("set down", link, flags: 0, change: InterfaceFlags.up)
  }

  /// Keeps the namespace's own IPv4 and IPv6 off an interface whose frames are a switch's: no ARP is answered and no
  /// link-local address made. To be done while the interface is down. Fails with `EAFNOSUPPORT` where the interface has no
  /// IPv6, the rest being done.
  public static func reserveForSwitch(_ link: LinkReference) -> NetlinkRequest {
    change("reserve for the switch", link, flags: InterfaceFlags.noARP, change: InterfaceFlags.noARP) { message in
      message.nested(LinkAttribute.familySettings) { families in
        families.nested(UInt16(AF_INET6)) {
          $0.attribute(LinkAttribute.addressGenerationMode, LinkAttribute.noAddressGeneration)
        }
      }
    }
  }

  /// Sets the MTU, in bytes.
  public static func setMTU(_ mtu: UInt32, of link: LinkReference) -> NetlinkRequest {
    change("set MTU \(mtu) of", link) { $0.attribute(LinkAttribute.mtu, mtu) }
  }

  /// Sets the hardware address.
  public static func setMACAddress(_ address: MACAddress, of link: LinkReference) -> NetlinkRequest {
    change("set MAC address \(address) of", link) { $0.attribute(LinkAttribute.address, address.bytes) }
  }

  /// Gives the interface another name. It must be down for that.
  public static func rename(_ link: LinkReference, to name: String) -> NetlinkRequest {
    // Only an index leaves IFLA_IFNAME free to say the new name.
    change("rename to \(name)", link) { $0.attribute(LinkAttribute.name, name) }
  }

  /// Makes the interface a port of the bridge with index `bridge`; nil takes it out of its bridge.
  public static func setMaster(_ bridge: Int32?, of link: LinkReference) -> NetlinkRequest {
    change("set bridge of", link) { $0.attribute(LinkAttribute.master, UInt32(bitPattern: bridge ?? 0)) }
  }

  /// Sets the free text that `ip link` shows as alias, at most 255 bytes.
  public static func setAlias(_ alias: String, of link: LinkReference) -> NetlinkRequest {
    change("set alias of", link) { $0.attribute(LinkAttribute.alias, Array(alias.utf8)) }
  }

  /// Moves the interface to another namespace, where it arrives down and without addresses. Takes some 19 ms: prefer to
  /// make it there.
  public static func move(_ link: LinkReference, to namespace: NetworkNamespace) -> NetlinkRequest {
    change("move to \(namespace.path)", link, namespaces: [namespace]) {
      $0.attribute(LinkAttribute.namespaceDescriptor, UInt32(bitPattern: namespace.descriptor))
    }
  }

  /// Deletes the interface; of a veth pair both ends go. Takes some 20 ms: delete several with
  /// ``NetlinkSocket/deleteLinks(_:)``.
  public static func deleteLink(_ link: LinkReference) -> NetlinkRequest {
    change("delete", link, type: MessageType.deleteLink)
  }

  static func setGroup(_ group: UInt32, of link: LinkReference) -> NetlinkRequest {
    change("set group of", link) { $0.attribute(LinkAttribute.group, group) }
  }

  static func deleteGroup(_ group: UInt32) -> NetlinkRequest {
    NetlinkRequest("delete", on: "link group \(group)", type: MessageType.deleteLink) { message in
      message.linkHeader()
      message.attribute(LinkAttribute.group, group)
    }
  }

  private static func create(
    _ operation: String, _ name: String, namespaces: [NetworkNamespace], _ body: (inout MessageBuilder) -> Void
  ) -> NetlinkRequest {
    NetlinkRequest(
      operation, on: name, type: MessageType.newLink, flags: MessageFlags.create | MessageFlags.exclusive,
      namespaces: namespaces, body)
  }

  private static func change(
    _ operation: String, _ link: LinkReference, type: UInt16 = MessageType.setLink, flags: UInt32 = 0,
    change: UInt32 = 0, namespaces: [NetworkNamespace] = [], _ body: (inout MessageBuilder) -> Void = { _ in }
  ) -> NetlinkRequest {
    NetlinkRequest(operation, on: link.description, type: type, namespaces: namespaces) { message in
      switch link {
      case .index(let index):
        message.linkHeader(index: index, flags: flags, change: change)
      case .name(let name):
        message.linkHeader(flags: flags, change: change)
        message.attribute(LinkAttribute.name, name)
      }
      body(&message)
    }
  }
}
