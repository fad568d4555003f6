import Netlink
import NetworkTypes

/// The way that packets take, hop by hop.
struct TraceRoute: Sendable, Hashable {
  /// Who answered at each hop; nil: nobody.
  var hops: [IPAddress?]

  /// Asks for the way from a namespace to an address.
  static func run(to address: IPAddress, from namespace: NetworkNamespace) async throws -> TraceRoute {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand("traceroute", ["-n", "-q", "1", "-w", "2", "-m", "12", "\(address)"]), in: namespace)
    guard outcome.isSuccess else {
      throw LabError("trace the route to \(address)", reason: outcome.errorText)
    }
    return TraceRoute(parsing: outcome.text)
  }

  /// Reads what traceroute(8) said with `-n -q 1`: a line a hop, after a heading.
  init(parsing text: String) {
    hops = text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: " ")
      return fields.count > 1 ? IPAddress(String(fields[1])) : nil
    }
  }

  init(hops: [IPAddress?]) { self.hops = hops }
}
