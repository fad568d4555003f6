// Numbers of the kernel's rtnetlink interface (linux/netlink.h, linux/rtnetlink.h, linux/if_link.h). They are part of the
// kernel's stable ABI; spelling them here avoids the uneven import of C enums and function-like macros.

enum MessageType {
  static let error: UInt16 = 2
  static let done: UInt16 = 3
  static let newLink: UInt16 = 16
  static let deleteLink: UInt16 = 17
  static let getLink: UInt16 = 18
  static let setLink: UInt16 = 19
  static let newAddress: UInt16 = 20
  static let deleteAddress: UInt16 = 21
  static let getAddress: UInt16 = 22
  static let newRoute: UInt16 = 24
  static let deleteRoute: UInt16 = 25
  static let getRoute: UInt16 = 26
  static let newNeighbour: UInt16 = 28
  static let deleteNeighbour: UInt16 = 29
  static let getNeighbour: UInt16 = 30
}

enum MessageFlags {
  static let request: UInt16 = 0x1
  static let multi: UInt16 = 0x2
  static let acknowledge: UInt16 = 0x4
  static let dumpInterrupted: UInt16 = 0x10
  static let capped: UInt16 = 0x100
  static let acknowledgementAttributes: UInt16 = 0x200
  static let replace: UInt16 = 0x100
  static let exclusive: UInt16 = 0x200
  static let create: UInt16 = 0x400
  static let append: UInt16 = 0x800
  static let dump: UInt16 = 0x300
}

enum LinkAttribute {
  static let address: UInt16 = 1
  static let name: UInt16 = 3
  static let mtu: UInt16 = 4
  static let link: UInt16 = 5
  static let master: UInt16 = 10
  static let linkInfo: UInt16 = 18
  static let alias: UInt16 = 20
  static let group: UInt16 = 27
  static let namespaceDescriptor: UInt16 = 28
  static let familySettings: UInt16 = 26
  static let extendedMask: UInt16 = 29
  static let carrier: UInt16 = 33
  static let linkNamespaceID: UInt16 = 37
  static let infoKind: UInt16 = 1
  static let infoData: UInt16 = 2
  static let vethPeer: UInt16 = 1
  static let addressGenerationMode: UInt16 = 8
  static let noAddressGeneration: [UInt8] = [1]
}

enum InterfaceFlags {
  static let up: UInt32 = 0x1
  static let loopback: UInt32 = 0x8
  static let running: UInt32 = 0x40
  static let noARP: UInt32 = 0x80
}

enum AddressAttribute {
  static let address: UInt16 = 1
  static let local: UInt16 = 2
  static let flags: UInt16 = 8
  static let noDuplicateDetection: UInt32 = 0x02
}

enum RouteAttribute {
  static let destination: UInt16 = 1
  static let outputInterface: UInt16 = 4
  static let gateway: UInt16 = 5
  static let priority: UInt16 = 6
  static let preferredSource: UInt16 = 7
  static let table: UInt16 = 15
  static let onlinkFlag: UInt32 = 4
  static let clonedFlag: UInt32 = 0x200
}

enum NeighbourAttribute {
  static let destination: UInt16 = 1
  static let linkLayerAddress: UInt16 = 2
}

enum SocketOption {
  static let netlinkLevel: Int32 = 270
  static let capAcknowledgement: Int32 = 10
  static let extendedAcknowledgement: Int32 = 11
  static let strictCheck: Int32 = 12
}
