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
      return SubnetView(findings: [], parsed: excludingRouters(try subnet.spec.parsed(), of: name))
    } catch {
      return SubnetView(findings: error.errors.map(Finding.init), parsed: nil)
    }
  }

  /// What Routers have outside is for no pod.
  private func excludingRouters(_ parsed: ParsedSubnet, of name: NamespacedName) -> ParsedSubnet {
    var subnet = parsed
    for service in names(.servicesOnSubnet(name)) {
      for router in routers(on: service) where !router.joins(service) {
        // Whom a service is not open to takes nothing from it.
        guard l2Service(service)?.allows(namespace: router.metadata.namespace, in: self) == true else { continue }
        do throws(InvalidFields) {
          let addresses = try router.parsed().outsideAddresses
          subnet = subnet.excluding(addresses, role: "an address of Router \(router.metadata.namespacedName)")
        } catch {
          // The Router's status says what is wrong with it.
          continue
        }
      }
    }
    return subnet
  }
}
