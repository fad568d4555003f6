import NetworkTypes

/// An entry of the neighbour table (ARP, NDP).
public struct Neighbour: Sendable, Hashable {
  public var linkIndex: Int32
  public var address: IPAddress
  /// Nil while unresolved.
  public var macAddress: MACAddress?
  /// Set by configuration: never expires.
  public var isPermanent: Bool

  public init(linkIndex: Int32, address: IPAddress, macAddress: MACAddress, isPermanent: Bool = true) {
    self.linkIndex = linkIndex
    self.address = address
    self.macAddress = macAddress
    self.isPermanent = isPermanent
  }

  /// Nil when the message is malformed or of another family.
  init?(_ payload: ArraySlice<UInt8>) {
    guard let index: Int32 = payload.integer(at: 4), let state: UInt16 = payload.integer(at: 8) else { return nil }
    let attributes = MessageReader.attributes(in: payload, after: 12)
    guard let bytes = attributes[NeighbourAttribute.destination], let address = IPAddress(bytes: bytes) else {
      return nil
    }
    linkIndex = index
    self.address = address
    macAddress = attributes[NeighbourAttribute.linkLayerAddress].flatMap { MACAddress(bytes: $0) }
    isPermanent = state & Self.permanentState != 0
  }

  fileprivate static let permanentState: UInt16 = 0x80
  fileprivate static let reachableState: UInt16 = 0x02
}

extension NetlinkRequest {
  /// Adds an entry or takes the place of the one for its address.
  public static func setNeighbour(_ neighbour: Neighbour) -> NetlinkRequest {
    change("set", neighbour, type: MessageType.newNeighbour, flags: MessageFlags.create | MessageFlags.replace)
  }

  /// Removes the entry for the address. Fails with `ENOENT` when there is none.
  public static func removeNeighbour(_ neighbour: Neighbour) -> NetlinkRequest {
    change("remove", neighbour, type: MessageType.deleteNeighbour, flags: 0)
  }

  private static func change(_ verb: String, _ neighbour: Neighbour, type: UInt16, flags: UInt16) -> NetlinkRequest {
    let subject = LinkReference.index(neighbour.linkIndex).description
    return NetlinkRequest("\(verb) neighbour \(neighbour.address) on", on: subject, type: type, flags: flags) {
      message in
      message.append(UInt32(neighbour.address.kernelFamily))
      message.append(neighbour.linkIndex)
      message.append(neighbour.isPermanent ? Neighbour.permanentState : Neighbour.reachableState)
      message.append(UInt16(0))
      message.attribute(NeighbourAttribute.destination, neighbour.address.bytes)
      if let address = neighbour.macAddress {
        message.attribute(NeighbourAttribute.linkLayerAddress, address.bytes)
      }
    }
  }
}

extension NetlinkSocket {
  /// The neighbour tables of the namespace, IPv4 and IPv6.
  public func neighbours() throws(NetlinkError) -> [Neighbour] {
    let request = NetlinkRequest("list", on: "neighbours", type: MessageType.getNeighbour) { message in
      message.append(UInt64(0))
      message.append(UInt32(0))
    }
    return try dump(request, answer: MessageType.newNeighbour).compactMap { Neighbour($0) }
  }
}
