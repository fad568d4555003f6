import Glibc
import NetworkTypes

/// An IP address on an interface, as the kernel reports it.
public struct LinkAddress: Sendable, Hashable {
  public var linkIndex: Int32
  public var address: InterfaceAddress
  /// Made by the kernel for the link alone (fe80::/64 and the like), not by configuration.
  public var isLinkLocal: Bool

  /// Nil when the message is malformed or of another family.
  init?(_ payload: ArraySlice<UInt8>) {
    guard let prefixLength: UInt8 = payload.integer(at: 1), let scope: UInt8 = payload.integer(at: 3),
      let index: UInt32 = payload.integer(at: 4)
    else { return nil }
    let attributes = MessageReader.attributes(in: payload, after: 8)
    // On point-to-point links IFA_ADDRESS is the other side; IFA_LOCAL is ours wherever it is present.
    guard let bytes = attributes[AddressAttribute.local] ?? attributes[AddressAttribute.address],
      let address = IPAddress(bytes: bytes),
      let interfaceAddress = try? InterfaceAddress(address: address, prefixLength: Int(prefixLength))
    else { return nil }
    linkIndex = Int32(bitPattern: index)
    self.address = interfaceAddress
    isLinkLocal = scope == 253
  }
}

extension NetlinkRequest {
  /// Puts an address on the interface. IPv6 addresses are usable at once (no duplicate address detection: who assigns
  /// addresses centrally knows). Fails with `EEXIST` when it is there.
  public static func addAddress(_ address: InterfaceAddress, to linkIndex: Int32) -> NetlinkRequest {
    change(
      "add address \(address) to", address, linkIndex, type: MessageType.newAddress,
      flags: MessageFlags.create | MessageFlags.exclusive)
  }

  /// Takes an address off the interface. Fails with `EADDRNOTAVAIL` when it is not there.
  public static func removeAddress(_ address: InterfaceAddress, from linkIndex: Int32) -> NetlinkRequest {
    change("remove address \(address) from", address, linkIndex, type: MessageType.deleteAddress, flags: 0)
  }

  private static func change(
    _ operation: String, _ address: InterfaceAddress, _ linkIndex: Int32, type: UInt16, flags: UInt16
  ) -> NetlinkRequest {
    NetlinkRequest(operation, on: LinkReference.index(linkIndex).description, type: type, flags: flags) { message in
      let isIPv6 = address.address.family == .v6
      message.append(address.address.kernelFamily)
      message.append(UInt8(address.prefixLength))
      message.append(UInt8(isIPv6 ? AddressAttribute.noDuplicateDetection : 0))
      message.append(UInt8(0))
      message.append(linkIndex)
      message.attribute(AddressAttribute.local, address.address.bytes)
      message.attribute(AddressAttribute.address, address.address.bytes)
    }
  }
}

extension NetlinkSocket {
  /// The addresses of every interface of the namespace, or of one.
  public func addresses(of linkIndex: Int32? = nil) throws(NetlinkError) -> [LinkAddress] {
    let request = NetlinkRequest("list", on: "addresses", type: MessageType.getAddress) { message in
      message.append(UInt32(0))
      message.append(linkIndex ?? 0)
    }
    return try dump(request, answer: MessageType.newAddress).compactMap { LinkAddress($0) }
  }
}
