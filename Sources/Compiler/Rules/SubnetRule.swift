import KubernetesModel
import NetloomAPI

/// A Subnet, read and checked.
struct SubnetView: Hashable, Sendable {
  /// What is wrong; a subnet with findings gives out no new address.
  var findings: [Finding]
  /// The addresses; nil when the manifest is wrong.
  var parsed: ParsedSubnet?
}

extension Reader {
  /// Reads and checks a Subnet.
  func computeSubnet(_ name: NamespacedName) -> SubnetView? {
    guard let subnet = subnet(name) else { return nil }
    do throws(InvalidFields) {
      return SubnetView(findings: [], parsed: try subnet.spec.parsed())
    } catch {
      return SubnetView(findings: error.errors.map(Finding.init), parsed: nil)
    }
  }
}
