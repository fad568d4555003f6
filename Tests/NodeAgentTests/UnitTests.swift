import MultiNetwork
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
