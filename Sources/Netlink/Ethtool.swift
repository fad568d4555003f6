import CNetlink
import Glibc

/// Settings of interfaces that rtnetlink does not carry (linux/ethtool.h).
public struct Ethtool: Sendable {
  private let socket: Descriptor

  /// Opens a control socket in `namespace`, or in the calling thread's namespace when nil.
  public init(in namespace: NetworkNamespace? = nil) throws(NetlinkError) {
    socket = try .socket(AF_INET, SOCK_DGRAM, in: namespace, "an ethtool socket")
  }

  /// Whether the interface leaves the transmit checksum to hardware that may not exist. Open vSwitch's userspace datapath
  /// needs it off on whatever sends into it: TCP hangs otherwise.
  public func setTransmitChecksumOffload(_ isOn: Bool, on name: String) throws(NetlinkError) {
    let command: UInt32 = 0x17  // ETHTOOL_STXCSUM
    var value: UInt32 = isOn ? 1 : 0
    try check("set transmit checksum offload of", name) {
      Int(cnetlink_ethtool(socket.rawValue, name, command, &value))
    }
  }

  /// See ``setTransmitChecksumOffload(_:on:)``.
  public func transmitChecksumOffload(on name: String) throws(NetlinkError) -> Bool {
    let command: UInt32 = 0x16  // ETHTOOL_GTXCSUM
    var value: UInt32 = 0
    try check("read transmit checksum offload of", name) {
      Int(cnetlink_ethtool(socket.rawValue, name, command, &value))
    }
    return value != 0
  }
}
