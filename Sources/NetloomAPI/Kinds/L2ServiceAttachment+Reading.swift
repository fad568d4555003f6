public import NetworkTypes

extension L2ServiceAttachment.Spec {
  /// The largest IP packet of pods on a ConnectionPoint: what was asked for, but no more than fits.
  ///
  /// What fits is the ConnectionPoint's `mtu`. A tag takes none of it, as networks have room for one beside it; with
  /// `qinq` there are two, and the second takes 4 bytes.
  public func effectiveMTU(on point: ConnectionPoint.Spec) -> Int {
    let room = point.effectiveMTU - (vlanType == .qinq ? 4 : 0)
    return min(mtu ?? room, room)
  }

  /// The VLANs of ``customerVLANs``, sorted ranges as they are written; nil: one of them cannot be read.
  public var customerRanges: [ClosedRange<VLANID>]? {
    var ranges: [ClosedRange<VLANID>] = []
    for text in customerVLANs ?? [] {
      guard let range = Self.range(text) else { return nil }
      ranges.append(range)
    }
    return ranges
  }

  /// Reads "100" or "100-199".
  static func range(_ text: String) -> ClosedRange<VLANID>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(ends.count) else { return nil }
    let vlans = ends.compactMap { UInt16($0).flatMap { VLANID(rawValue: $0) } }
    guard vlans.count == ends.count, let first = vlans.first, let last = vlans.last, first <= last else { return nil }
    return first...last
  }
}
