extension IPAddress {
  /// 0.0.0.0 or `::`.
  public var isUnspecified: Bool { value == 0 }

  /// 127.0.0.0/8 (RFC 1122) or `::1` (RFC 4291 section 2.5.3).
  public var isLoopback: Bool {
    switch self {
    case .v4: value >> 24 == 127
    case .v6: value == 1
    }
  }

  /// 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 section 2.7).
  public var isMulticast: Bool {
    switch self {
    case .v4: value >> 28 == 0xe
    case .v6: value >> 120 == 0xff
    }
  }

  /// 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291 section 2.5.6).
  public var isLinkLocal: Bool {
    switch self {
    case .v4: value >> 16 == 0xa9fe
    case .v6: value >> 118 == 0x3fa
    }
  }
}
