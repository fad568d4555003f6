import Glibc
import NetworkTypes

/// A unicast route.
public struct Route: Sendable, Hashable {
  /// 0.0.0.0/0 or ::/0 for a default route.
  public var destination: CIDR
  /// Nil: the destination is on the link itself.
  public var gateway: IPAddress?
  /// Nil when adding: the kernel finds the interface by the gateway.
  public var linkIndex: Int32?
  /// The gateway is reachable on the link although no address of the link covers it.
  public var isOnlink: Bool
  /// Smaller wins. Nil: the kernel's default.
  public var metric: UInt32?
  /// The routing table; 254 is the main one.
  public var table: UInt32
  /// Who put the route there, as `ip route` shows it by `proto` (rtnetlink(7), rtm_protocol); 3, "boot", is somebody by hand.
  public var origin: UInt8

  public init(
    to destination: CIDR, via gateway: IPAddress? = nil, linkIndex: Int32? = nil, isOnlink: Bool = false,
    metric: UInt32? = nil, table: UInt32 = 254, origin: UInt8 = Route.byHand
  ) {
    self.destination = destination
    self.gateway = gateway
    self.linkIndex = linkIndex
    self.isOnlink = isOnlink
    self.metric = metric
    self.table = table
    self.origin = origin
  }

  /// Nil when the message is malformed, of another family, no unicast route, or a cached clone.
  init?(_ payload: ArraySlice<UInt8>) {
    guard let family: UInt8 = payload.integer(at: 0), let prefixLength: UInt8 = payload.integer(at: 1),
      let table: UInt8 = payload.integer(at: 4), let type: UInt8 = payload.integer(at: 7), type == Self.unicast,
      let origin: UInt8 = payload.integer(at: 5),
      let flags: UInt32 = payload.integer(at: 8), flags & RouteAttribute.clonedFlag == 0
    else { return nil }
    let attributes = MessageReader.attributes(in: payload, after: 12)
    let network = attributes[RouteAttribute.destination].map { IPAddress(bytes: $0) }
    guard let network = network ?? IPAddress(unspecifiedOfKernelFamily: family),
      let destination = try? CIDR(network: network, prefixLength: Int(prefixLength))
    else { return nil }
    self.destination = destination
    gateway = attributes[RouteAttribute.gateway].flatMap { IPAddress(bytes: $0) }
    linkIndex = attributes[RouteAttribute.outputInterface]?.integer(at: 0)
    isOnlink = flags & RouteAttribute.onlinkFlag != 0
    metric = attributes[RouteAttribute.priority]?.integer(at: 0)
    self.table = attributes[RouteAttribute.table]?.integer(at: 0) ?? UInt32(table)
    self.origin = origin
  }

  fileprivate static let unicast: UInt8 = 1
  /// `RTPROT_BOOT`.
  public static let byHand: UInt8 = 3
}

extension NetlinkRequest {
  /// Adds a route. Fails with `EEXIST` when there is one to the same destination with the same metric, with `ENETUNREACH` when
  /// the gateway is on no link.
  public static func addRoute(_ route: Route) -> NetlinkRequest {
    change("add", route, type: MessageType.newRoute, flags: MessageFlags.create | MessageFlags.exclusive)
  }

  /// Adds a route or takes the place of the one to the same destination with the same metric.
  public static func replaceRoute(_ route: Route) -> NetlinkRequest {
    change("replace", route, type: MessageType.newRoute, flags: MessageFlags.create | MessageFlags.replace)
  }

  /// Removes the route that has everything `route` says. Fails with `ESRCH` when there is none.
  public static func removeRoute(_ route: Route) -> NetlinkRequest {
    change("remove", route, type: MessageType.deleteRoute, flags: 0)
  }

  private static func change(_ verb: String, _ route: Route, type: UInt16, flags: UInt16) -> NetlinkRequest {
    let via = route.gateway.map { " via \($0)" } ?? ""
    let subject = route.linkIndex.map { LinkReference.index($0).description } ?? "the namespace"
    return NetlinkRequest("\(verb) route \(route.destination)\(via) on", on: subject, type: type, flags: flags) {
      message in
      let isRemoval = type == MessageType.deleteRoute
      let linkScope: UInt8 = 253
      let anyScope: UInt8 = 255
      message.append(route.destination.network.kernelFamily)
      message.append(UInt8(route.destination.prefixLength))
      message.append(UInt16(0))
      message.append(UInt8(0))
      message.append(isRemoval ? 0 : route.origin)
      message.append(isRemoval ? anyScope : route.gateway == nil ? linkScope : 0)
      message.append(isRemoval ? 0 : Route.unicast)
      message.append(route.isOnlink ? RouteAttribute.onlinkFlag : 0)
      message.attribute(RouteAttribute.table, route.table)
      if route.destination.prefixLength > 0 {
        message.attribute(RouteAttribute.destination, route.destination.network.bytes)
      }
      if let gateway = route.gateway { message.attribute(RouteAttribute.gateway, gateway.bytes) }
      if let index = route.linkIndex { message.attribute(RouteAttribute.outputInterface, UInt32(bitPattern: index)) }
      if let metric = route.metric { message.attribute(RouteAttribute.priority, metric) }
    }
  }
}

extension NetlinkSocket {
  /// The unicast routes of the namespace in one table (default: the main one), IPv4 and IPv6.
  public func routes(table: UInt32 = 254) throws(NetlinkError) -> [Route] {
    let request = NetlinkRequest("list", on: "routes", type: MessageType.getRoute) { message in
      message.append(UInt64(0))
      message.append(UInt32(0))
    }
    return try dump(request, answer: MessageType.newRoute).compactMap { Route($0) }.filter { $0.table == table }
  }
}
