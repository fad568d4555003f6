import NetworkTypes
import OpenFlow

/// To what a pod's port is held by flows: nothing when both are nil.
struct PortPolicy: Sendable, Hashable {
  var egress: PortRate.Limit?
  var security: PortSecurity?

  init(rate: PortRate?, security: PortSecurity?) {
    egress = rate?.egress
    self.security = security
  }

  var isEmpty: Bool { egress == nil && security == nil }
}

/// The flows and the meter that hold a pod's port to its policy.
///
/// They stand in table 0 above everything that a person writes by habit, and match the port alone: what comes in anywhere
/// else is not touched. What passes goes on as in a switch without flows.
struct PortFlows: Sendable, Hashable {
  /// The upper half of the cookie of each flow of ours ("Netl"); the lower half is the number of the port.
  static let cookie: UInt64 = 0x4e65_746c_0000_0000
  static let cookieMask: UInt64 = 0xffff_ffff_0000_0000
  /// The first number of our meters; those of people start with 1, and Open vSwitch has some 60,000.
  static let firstMeter: UInt32 = 32768

  private(set) var flows: Set<Flow> = []
  private(set) var meter: Meter?

  /// - Parameter number: the OpenFlow port.
  init(_ policy: PortPolicy, number: Int) {
    guard !policy.isEmpty else { return }
    let port = UInt32(truncatingIfNeeded: number)
    meter = policy.egress.map { Meter(id: Self.firstMeter &+ port, $0) }
    for rule in policy.security?.rules ?? [PortSecurity.Rule(.rest, [], passes: true)] {
      flows.insert(
        Flow(
          priority: Self.priority + rule.rank.rawValue, cookie: Self.cookie(number),
          match: rule.match.union([.inPort(port)]), treatment: rule.passes ? .normal(meter: meter?.id) : .drop))
    }
  }

  static func cookie(_ number: Int) -> UInt64 { cookie | UInt64(UInt32(truncatingIfNeeded: number)) }

  static func number(_ cookie: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: cookie)) }

  private static let priority: UInt16 = 61440
}

extension Meter {
  fileprivate init(id: UInt32, _ limit: PortRate.Limit) {
    // In whole kilobits, rounded up. Without a burst a meter passes nothing longer than what it earns between two packets.
    let kilobits = { (bits: Int) in UInt32(clamping: bits / 1000 + (bits % 1000 == 0 ? 0 : 1)) }
    self.init(id: id, rate: kilobits(limit.rate), burst: kilobits(limit.burst ?? max(limit.rate / 10, 128_000)))
  }
}

extension PortSecurity {
  /// One rule of a port; a rule of a higher rank goes before those of lower ones.
  struct Rule: Sendable, Hashable {
    enum Rank: UInt16 {
      case rest, ownFrames, protocols, packets, neighbours, neighbourMessages
    }

    var rank: Rank
    var match: Set<MatchField>
    var passes: Bool

    init(_ rank: Rank, _ match: Set<MatchField>, passes: Bool) {
      self.rank = rank
      self.match = match
      self.passes = passes
    }
  }

  /// The rules, tags or not: Open vSwitch looks for these fields behind a VLAN tag.
  var rules: [Rule] {
    var rules = [Rule(.rest, [], passes: false), Rule(.ownFrames, [own], passes: true)]
    rules += addresses.isEmpty ? hardwareRules : addressRules
    return rules
  }

  private var own: MatchField { .ethernetSource(macAddress) }

  private static let neighbourSolicitation: UInt8 = 135
  private static let neighbourAdvertisement: UInt8 = 136

  private static func icmpv6(_ type: UInt8) -> Set<MatchField> {
    [.etherType(.ipv6), .ipProtocol(58), .icmpv6Type(type)]
  }

  /// Any address, but from the pod's hardware: what ARP and neighbour discovery say of hardware has to be true.
  private var hardwareRules: [Rule] {
    let (solicitation, advertisement) = (
      Self.icmpv6(Self.neighbourSolicitation), Self.icmpv6(Self.neighbourAdvertisement)
    )
    return [
      Rule(.protocols, [.etherType(.arp)], passes: false), Rule(.protocols, [.etherType(.rarp)], passes: false),
      Rule(.packets, [own, .etherType(.arp), .arpSenderHardware(macAddress)], passes: true),
      Rule(.packets, [own, .etherType(.rarp), .arpSenderHardware(macAddress)], passes: true),
      Rule(.neighbours, solicitation, passes: false), Rule(.neighbours, advertisement, passes: false),
    ]
      + [macAddress, nil].flatMap { hardware in
        [
          Rule(.neighbourMessages, solicitation.union([own, .ndSourceHardware(hardware)]), passes: true),
          Rule(.neighbourMessages, advertisement.union([own, .ndTargetHardware(hardware)]), passes: true),
        ]
      }
  }

  private var addressRules: [Rule] {
    // Nested tags would hide the addresses.
    let guarded: [MatchField.EtherType] = [.ipv4, .arp, .rarp, .ipv6, .vlan, .serviceVLAN]
    return guarded.map { Rule(.protocols, [.etherType($0)], passes: false) } + ipv4Rules + ipv6Rules
  }

  private var ipv4Rules: [Rule] {
    let addresses = addresses.compactMap { if case .v4(let address) = $0 { address } else { nil } }
    let nobody = IPv4Address(rawValue: 0)
    // A probe for an address that is to be taken asks as nobody (RFC 5227 section 2.1.1).
    return (addresses + [nobody]).map {
      Rule(
        .packets, [own, .etherType(.arp), .arpSenderHardware(macAddress), .arpSenderAddress($0)],
        passes: true)
    } + addresses.map { Rule(.packets, [own, .etherType(.ipv4), .ipSource(.v4($0))], passes: true) } + [
      // A client of DHCP that has no address yet (RFC 2131 section 4.1).
      Rule(
        .packets,
        [
          own, .etherType(.ipv4), .ipSource(.v4(nobody)), .ipDestination(.v4(IPv4Address(rawValue: .max))),
          .ipProtocol(17), .udpSource(68), .udpDestination(67),
        ], passes: true)
    ]
  }

  private var ipv6Rules: [Rule] {
    let linkLocal = IPv6Address(linkLocalOf: macAddress)
    let addresses = addresses.compactMap { if case .v6(let address) = $0 { address } else { nil } } + [linkLocal]
    let nobody = IPv6Address(rawValue: 0)
    let (solicitation, advertisement) = (
      Self.icmpv6(Self.neighbourSolicitation), Self.icmpv6(Self.neighbourAdvertisement)
    )
    var rules = [
      Rule(.neighbours, solicitation, passes: false), Rule(.neighbours, advertisement, passes: false),
    ]
    // Router solicitations (RFC 4861 section 4.1) and multicast reports (RFC 3810 section 5.2.13) before there is an address.
    for type: UInt8 in [133, 143] {
      rules.append(Rule(.packets, Self.icmpv6(type).union([own, .ipSource(.v6(nobody))]), passes: true))
    }
    for address in addresses {
      let source = MatchField.ipSource(.v6(address))
      rules.append(Rule(.packets, [own, .etherType(.ipv6), source], passes: true))
      // Duplicate address detection (RFC 4862 section 5.4.2).
      let probe: Set = [own, .ipSource(.v6(nobody)), .ndTarget(address), .ndSourceHardware(nil)]
      rules.append(Rule(.neighbourMessages, solicitation.union(probe), passes: true))
      for hardware in [macAddress, nil] {
        rules.append(
          Rule(.neighbourMessages, solicitation.union([own, source, .ndSourceHardware(hardware)]), passes: true))
        for sender in Set([address, linkLocal]) {
          rules.append(
            Rule(
              .neighbourMessages,
              advertisement.union([own, .ipSource(.v6(sender)), .ndTarget(address), .ndTargetHardware(hardware)]),
              passes: true))
        }
      }
    }
    return rules
  }
}
