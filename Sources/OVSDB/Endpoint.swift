import NIOCore

/// Where an OVSDB server listens, in the notation of `ovs-vsctl --db` (ovsdb(7), "Connection Methods").
public enum Endpoint: Sendable, Hashable {
  /// A unix socket.
  case unix(path: String)
  /// TCP without encryption. `host` is an address without brackets, or a name.
  case tcp(host: String, port: Int)
  /// TLS over TCP.
  case tls(host: String, port: Int)

  /// The port that IANA has assigned to OVSDB.
  public static let defaultPort = 6640

  /// Reads `unix:/path`, `tcp:1.2.3.4:6641`, `tcp:[::1]:6641`, `ssl:switch1:6640`; without a port it is 6640.
  public init(parsing text: String) throws(OVSDBError) {
    guard let colon = text.firstIndex(of: ":") else {
      throw Self.invalid(text, "it has no method before a colon")
    }
    let rest = text[text.index(after: colon)...]
    switch text[..<colon] {
    case "unix":
      guard rest.hasPrefix("/") else { throw Self.invalid(text, "the path of the socket is not absolute") }
      guard rest.utf8.count <= 107 else { throw Self.invalid(text, "a socket's path has at most 107 bytes") }
      self = .unix(path: String(rest))
    case "tcp":
      let (host, port) = try Self.hostAndPort(rest, of: text)
      self = .tcp(host: host, port: port)
    case "ssl":
      let (host, port) = try Self.hostAndPort(rest, of: text)
      self = .tls(host: host, port: port)
    default: throw Self.invalid(text, "the method \"\(text[..<colon])\" is not known")
    }
  }

  private static func hostAndPort(
    _ rest: Substring, of text: String
  ) throws(OVSDBError) -> (host: String, port: Int) {
    let host: Substring
    let port: Substring?
    if rest.hasPrefix("[") {
      guard let close = rest.firstIndex(of: "]") else { throw invalid(text, "the bracket is not closed") }
      host = rest[rest.index(after: rest.startIndex)..<close]
      let tail = rest[rest.index(after: close)...]
      guard tail.isEmpty || tail.hasPrefix(":") else { throw invalid(text, "only :port may follow the bracket") }
      guard isAddress(host, .inet6) else { throw invalid(text, "\"\(host)\" is no IPv6 address") }
      port = tail.isEmpty ? nil : tail.dropFirst()
    } else {
      let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      host = parts[0]
      port = parts.count == 2 ? parts[1] : nil
      if port?.contains(":") == true { throw invalid(text, "an IPv6 address stands in brackets") }
      guard isName(host) || isAddress(host, .inet) else { throw invalid(text, "\"\(host)\" is no host") }
    }
    guard let port else { return (String(host), defaultPort) }
    guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int(port), (1...65535).contains(number)
    else { throw invalid(text, "\"\(port)\" is no port of 1 to 65535") }
    return (String(host), number)
  }

  private static func isAddress(_ host: Substring, _ family: NIOBSDSocket.ProtocolFamily) -> Bool {
    do {
      return try SocketAddress(ipAddress: String(host), port: 0).protocol == family
    } catch {
      return false
    }
  }

  /// Whether it is a host name and not an attempt at an IPv4 address.
  private static func isName(_ host: Substring) -> Bool {
    guard let last = host.split(separator: ".", omittingEmptySubsequences: false).last, !last.isEmpty,
      !last.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return false }
    return host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  private static func invalid(_ text: String, _ reason: String) -> OVSDBError {
    OVSDBError(
      .invalidEndpoint, attempt: "reading the OVSDB endpoint \"\(text)\"",
      reason: "\(reason); write unix:/path, tcp:address:port, tcp:[IPv6 address]:port or ssl:host:port")
  }
}

extension Endpoint: CustomStringConvertible {
  /// The form that `init(parsing:)` reads.
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port): "tcp:\(Self.bracketed(host)):\(port)"
    case .tls(let host, let port): "ssl:\(Self.bracketed(host)):\(port)"
    }
  }

  private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
