import NetworkTypes

extension LabTopology {
  /// OVN: its central part, an ovn-controller on each host, and a network below that carries the hosts' tunnels.
  public struct Overlay: Codable, Sendable, Hashable {
    /// Servers of each of OVN's databases: one, or an odd number that form a cluster.
    public var members: Int
    /// The hosts have its first addresses, in their order; the central part has the last one.
    public var underlay: CIDR
    /// The largest packet that the underlay takes, in bytes.
    public var mtu: Int

    /// - Parameter underlay: nil: 10.200.0.0/24.
    public init(members: Int = 1, underlay: CIDR? = nil, mtu: Int = 1500) throws(NetworkTypeError) {
      self.members = members
      if let underlay { self.underlay = underlay } else { self.underlay = try CIDR(parsing: "10.200.0.0/24") }
      self.mtu = mtu
    }

    /// What is left out is as with ``init(members:underlay:mtu:)``.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      try self.init(
        members: container.decodeIfPresent(Int.self, forKey: .members) ?? 1,
        underlay: container.decodeIfPresent(CIDR.self, forKey: .underlay),
        mtu: container.decodeIfPresent(Int.self, forKey: .mtu) ?? 1500)
    }

    /// What is wrong with it for that many hosts.
    func problems(hosts: Int) -> [String] {
      var problems: [String] = []
      if !(1...7).contains(members) || members % 2 == 0 { problems.append("overlay.members is not 1, 3, 5 or 7") }
      if underlay.hostRange.count <= UInt128(hosts) {
        problems.append("overlay.underlay \(underlay) is too small for \(hosts) hosts and the central part")
      }
      if !(1280...65535).contains(mtu) { problems.append("overlay.mtu is not 1280 to 65535") }
      return problems
    }
  }

  /// The name of the machine that OVN's central part is on.
  public static let central = "central"

  /// A host's address in the underlay; nil without an overlay.
  public func underlayAddress(of host: String) -> InterfaceAddress? {
    guard let overlay, let index = hosts.firstIndex(where: { $0.name == host }) else { return nil }
    return overlay.underlay.hostRange.first.advanced(by: index).flatMap {
      InterfaceAddress("\($0)/\(overlay.underlay.prefixLength)")
    }
  }
}
