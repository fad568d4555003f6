import NetworkTypes
import OVNModel

@testable import Compiler

/// A packet as rules see it.
struct TestPacket: CustomStringConvertible {
  var source: IPAddress
  var destination: IPAddress
  var transport: PolicyPlan.Transport?
  var port: Int

  var description: String { "\(source) to \(destination) \(transport?.rawValue ?? "icmp") \(port)" }
}

/// The part of OVN's match language (ovn-sb(5), Logical_Flow) that policies use, evaluated from its text.
struct MatchLanguage {
  var rows: WantedRows

  /// Whether what the rules of a port's groups do with a packet is to let it pass.
  func passes(_ packet: TestPacket, port: NorthboundKey, towardsPort: Bool) -> Bool {
    let direction = NorthboundValue.one(.string(towardsPort ? "to-lport" : "from-lport"))
    let groups = rows.keys.filter { $0.table == .portGroup && rows[$0]?.columns["ports"]?.refers(to: port) == true }
    let rules = rows.keys.filter { $0.table == .accessList }.compactMap { rows[$0] }.filter { rule in
      rule.columns["direction"] == direction && groups.contains { rule.parents.contains(.init($0, "acls")) }
    }
    let matching = rules.filter { rule in
      guard case .one(.string(let match)) = rule.columns["match"] else { return false }
      return holds(match, packet, port)
    }
    guard let highest = matching.map({ $0.columns["priority"]?.number ?? 0 }).max() else { return true }
    return matching.contains {
      $0.columns["priority"]?.number == highest && $0.columns["action"] == .one(.string("allow-related"))
    }
  }

  private func holds(_ match: String, _ packet: TestPacket, _ port: NorthboundKey) -> Bool {
    split(match, " || ").contains { alternative in
      split(alternative, " && ").allSatisfy { term in
        term.hasPrefix("(") ? holds(String(term.dropFirst().dropLast()), packet, port) : test(term, packet, port)
      }
    }
  }

  /// Splits outside of parentheses.
  private func split(_ text: String, _ separator: String) -> [String] {
    var parts = [""]
    var depth = 0
    var rest = text[...]
    while let first = rest.first {
      if first == "(" { depth += 1 } else if first == ")" { depth -= 1 }
      if depth == 0, rest.hasPrefix(separator) {
        parts.append("")
        rest = rest.dropFirst(separator.count)
      } else {
        parts[parts.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return parts
  }

  private func test(_ term: String, _ packet: TestPacket, _ port: NorthboundKey) -> Bool {
    let words = term.split(separator: " ").map(String.init)
    switch (words.count, words[0]) {
    case (1, "arp"), (1, "nd"), (1, "nd_rs"), (1, "nd_ra"), (1, "mldv1"), (1, "mldv2"): return false
    case (1, "ip4"): return packet.source.family == .v4
    case (1, "ip6"): return packet.source.family == .v6
    case (1, let transport): return packet.transport?.rawValue == transport
    case (3, "inport"), (3, "outport"):
      return rows[PortGroup.key(String(words[2].dropFirst()))]?.columns["ports"]?.refers(to: port) == true
    case (3, "ip4.src"), (3, "ip6.src"), (3, "ip4.dst"), (3, "ip6.dst"):
      let address = words[0].hasSuffix("src") ? packet.source : packet.destination
      guard address.family == (words[0].hasPrefix("ip4") ? .v4 : .v6) else { return false }
      guard case .set(let entries)? = rows[AddressSetRow.key(String(words[2].dropFirst()))]?.columns["addresses"] else {
        return false
      }
      return entries.contains { entry in
        guard case .string(let text) = entry else { return false }
        let prefix = try? CIDR(parsing: text.contains("/") ? text : "\(text)/\(address.family.bits)")
        return prefix?.contains(address) == true
      }
    case (3, "udp.src"): return false
    case (3, let field): return packet.is(field) && packet.port == Int(words[2])
    case (5, let first):
      guard let low = Int(first), let high = Int(words[4]) else { return false }
      return packet.is(words[2]) && low...high ~= packet.port
    default: preconditionFailure("not in the language: \(term)")
    }
  }
}

extension TestPacket {
  fileprivate func `is`(_ field: String) -> Bool { transport.map { field == "\($0).dst" } ?? false }
}

extension NorthboundValue {
  fileprivate func refers(to key: NorthboundKey) -> Bool {
    if case .references(let keys) = self { keys.contains(key) } else { false }
  }

  fileprivate var number: Int? { if case .one(.integer(let number)) = self { number } else { nil } }
}
