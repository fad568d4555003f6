import CNI
import KubernetesModel
import MultiNetwork
import NetloomAPI
import Testing

@testable import NodeAgent

@Suite("Parts")
struct UnitTests {
  @Test("host ends' names fit Linux, can be computed again, and differ")
  func hostEndNames() {
    var names: Set<String> = []
    for container in 0..<500 {
      for interface in ["net1", "net2"] {
        for variant in 0..<2 {
          let name = HostEnd.name(containerID: "container-\(container)", interface: interface, variant: variant)
          #expect(name.utf8.count == 15)
          #expect(name == HostEnd.name(containerID: "container-\(container)", interface: interface, variant: variant))
          names.insert(name)
        }
      }
    }
    #expect(names.count == 2000)
  }

  @Test("a network is short of addresses when all of its subnets of one family are full")
  func shortage() {
    func subnet(_ name: String, _ cidr: String, available: String?) -> Subnet {
      var metadata = ObjectMeta(name: name)
      metadata.namespace = "test"
      var subnet = Subnet(metadata: metadata, spec: .init(cidr: cidr))
      subnet.status = Subnet.Status()
      subnet.status?.available = available
      return subnet
    }
    let full = subnet("full", "10.0.0.0/24", available: "0")
    let (free, unknown) = (subnet("free", "10.0.1.0/24", available: "3"), subnet("new", "10.0.2.0/24", available: nil))
    let six = subnet("six", "fd00::/64", available: "18446744073709551614")
    #expect(Shortage([]) == nil && Shortage([full, free]) == nil && Shortage([full, unknown]) == nil)
    #expect(Shortage([full, six])?.description.contains("test/full") == true)
    #expect(Shortage([full, six])?.full == ["test/full"])
  }

  @Test("aliases of host ends name their attachment, and that of their network only, however long the names are")
  func aliases() {
    let key = AttachmentKey(containerID: "c1", interface: "net1")
    for network in ["n", String(repeating: "long.", count: 60)] {
      let alias = HostEnd.alias(key, network: network)
      #expect(alias.utf8.count <= 255)
      #expect(AttachmentKey(alias: alias, network: network) == key)
      #expect(AttachmentKey(alias: alias, network: "other") == nil)
    }
    for foreign in ["", "netloom", "netloom a", "somebody c1 net1 n"] {
      #expect(AttachmentKey(alias: foreign, network: "n") == nil)
    }
    let mac = HostEnd.macAddress(key)
    #expect(mac != nil && mac == HostEnd.macAddress(key))
    #expect(mac.map { $0.rawValue >> 40 & 3 } == 2)
  }

  @Test("one key's operations do not overlap, two keys' do")
  func keyedLock() async {
    let lock = KeyedLock<String>()
    let counter = Counter()
    await withTaskGroup { tasks in
      for _ in 0..<50 {
        tasks.addTask {
          await lock.withLock("a") {
            await counter.enter()
            await Task.yield()
            await counter.leave()
          }
        }
      }
    }
    #expect(await counter.highest == 1)
    await lock.withLock("a") { await lock.withLock("b") {} }
  }
}

private actor Counter {
  private var running = 0
  private(set) var highest = 0

  func enter() {
    running += 1
    highest = max(highest, running)
  }

  func leave() { running -= 1 }
}
