import KubernetesModel
import NetworkTypes
import OVNModel
import Testing

@testable import Compiler

/// Names on virtual networks.
struct NameRowsTests {
  private let network = NamespacedName(namespace: "test", name: "blue")

  @Test func bothFamiliesAndTheWayBack() throws {
    let addresses = ["fd00::a:1", "10.1.0.10"].map { try! IPAddress(parsing: $0) }
    let fragment = try #require(NetworkNames.records(["One", "one.test"], on: network, addresses))
    #expect(!fragment.defines)
    #expect(fragment.key == DNSTable.key("test/blue"))
    #expect(
      fragment.columns == [
        "records": .map([
          "one.blue": "10.1.0.10 fd00::a:1", "one.test.blue": "10.1.0.10 fd00::a:1",
          "10.0.1.10.in-addr.arpa": "one.blue",
          "1.0.0.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa": "one.blue",
        ])
      ])
  }

  @Test func noAddressesAndNamesThatAreTooLongAddNothing() {
    let address = try! IPAddress(parsing: "10.1.0.10")
    #expect(NetworkNames.records(["one"], on: network, []) == nil)
    #expect(NetworkNames.records([String(repeating: "a", count: 250)], on: network, [address]) == nil)
    #expect(NetworkNames.records([String(repeating: "a", count: 248)], on: network, [address]) != nil)
  }
}
