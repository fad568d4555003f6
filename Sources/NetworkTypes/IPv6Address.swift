/// An IPv6 address (RFC 4291).
public struct IPv6Address: TextualValue, Comparable {
  /// The address as a number, the first group in the highest bits.
  public let rawValue: UInt128

  /// The address with this number; every number is one.
  public init(rawValue: UInt128) {
    self.rawValue = rawValue
  }

  /// The eight 16-bit groups, in the order in which they are written.
  public var groups: [UInt16] {
    stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: rawValue >> $0) }
  }

  /// The canonical text of RFC 5952: lower case, no leading zeros, the first longest run of at least two zero groups as
  /// `::`, IPv4-mapped addresses with their dotted end (section 5).
  public var description: String {
    if rawValue >> 32 == 0xffff {
      return "::ffff:\(IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue)))"
    }
    let groups = self.groups
    func text(_ part: some Sequence<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard let zeros = Self.longestZeroRun(in: groups) else { return text(groups) }
    return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
  }

  private static func longestZeroRun(in groups: [UInt16]) -> Range<Int>? {
    var longest = 0..<0
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<(index + 1)
      }
    }
    return longest.count >= 2 ? longest : nil
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension IPv6Address {
  /// The address of link-local scope that a device makes from its Ethernet address (RFC 4291 appendix A).
  public init(linkLocalOf mac: MACAddress) {
    let mac = UInt128(mac.rawValue)
    let identifier = (mac >> 24) << 40 | 0xfffe << 24 | (mac & 0xff_ffff)
    self.init(rawValue: 0xfe80 << 112 | (identifier ^ 0x0200_0000_0000_0000))
  }
}
