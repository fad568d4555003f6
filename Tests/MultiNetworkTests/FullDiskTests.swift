import CNI
import Files
import Glibc
import Testing

@testable import MultiNetwork

@Suite("A full disk", .enabled(if: geteuid() == 0, "needs root"))
struct FullDiskTests {
  @Test("fails an ADD whole before anything is made, keeps no DEL from succeeding, and is over when room is made")
  func fullDisk() async throws {
    try await TestHost.with { host in
      host.define("a", ["cniVersion": "1.0.0", "type": "record"])
      host.ask(for: "a")
      let (early, late) = (host.sandbox("early"), host.sandbox("late"))
      let state = "\(host.folder)/state"
      try Files.makeFolder(state)
      // A page for the file of the sandbox, one for its successor.
      #expect(mount("tmpfs", state, "tmpfs", 0, "size=8k") == 0)
      defer { umount2(state, 2) }
      _ = try await host.multiplexer.add(early, host.network())
      try Files.write([UInt8](repeating: 0, count: 4096), to: "\(state)/filler")
      try host.forgetCalls()

      let error = await #expect(throws: CNIError.self) { try await host.multiplexer.add(late, host.network()) }
      #expect(error?.code == .ioFailure && error?.message == "cannot write down what is attached")
      #expect(error?.details.contains("No space left on device") == true)
      #expect(try host.calls.isEmpty)
      let status = await #expect(throws: CNIError.self) { try await host.multiplexer.status(host.network()) }
      #expect(status?.code == .notAvailable)

      // What cannot be shortened for lack of room is tried again whole.
      try host.failAt("DEL", "net1")
      await #expect(throws: CNIError.self) { try await host.multiplexer.delete(early, host.network()) }
      try host.succeedAt("DEL", "net1")
      try await host.multiplexer.delete(early, host.network())
      #expect(try host.calls.suffix(2) == ["DEL net1", "DEL eth0"])
      #expect(host.multiplexer.parts.state.all().sandboxes.isEmpty)

      try Files.remove("\(state)/filler")
      try await host.multiplexer.status(host.network())
      _ = try await host.multiplexer.add(late, host.network())
      try await host.multiplexer.delete(late, host.network())
      #expect(host.multiplexer.parts.state.all().sandboxes.isEmpty)
    }
  }
}
