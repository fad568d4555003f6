import Glibc
import Lab
import Netlink
import Testing

extension EndToEndTests {
  /// `netloom demo virtual` as a person runs it.
  @Suite(.enabled(if: Lab.canRunOVN, "OVN is not installed"))
  struct VirtualDemoTests {
    /// The whole story is told in time, finds everything as it should be, and leaves the machine as it was.
    @Test func tellsTheWholeStory() async throws {
      let start = ContinuousClock.now
      let demo = try await NamespaceProcess.start(ProcessCommand(Executables.netloom, ["demo", "virtual"]))
      let outcome = await demo.wait()
      #expect(outcome.isSuccess, "\(outcome.text)\n\(outcome.errorText)")
      #expect(ContinuousClock.now - start < .seconds(90))
      #expect(outcome.errorText.isEmpty)
      for line in Self.lines { #expect(outcome.text.contains(line), "missing: \(line)\nin \(outcome.text)") }
      #expect(!outcome.text.contains("✗"))
      #expect(Leftovers.of(LabDirectory(name: "demo-\(demo.processID)")) == [])
    }

    /// What the story must have said and found.
    private static let lines = [
      // Who hears whom: pods of one network, whatever node they are on, and nobody else.
      "shop/client-1         .              yes            -              -              -               -",
      "rival/client-1        -              -              -              -              .               yes",
      // Through the router, and out.
      "shop/client-1 > 10.1.1.1 > 10.1.2.11", "shop/client-1 > 10.1.1.1 > 100.64.0.2 > 203.0.113.1",
      // Through the functions, both ways.
      "shop/client-1 > 10.1.1.1 > 10.1.3.10 > * > 10.1.4.10 > * > 10.1.2.11",
      "shop/server-2 > 10.1.2.1 > 10.1.4.10 > * > 10.1.3.10 > * > 10.1.1.10",
      "20 pings: shop/firewall forwarded 40 packets", "20 pings: shop/counter forwarded 40 packets",
      "telnet from client-1 to server-2: No route to host", "server-3 runs",
      "reaches archive-1 on the new network", "nothing came from outside for ",
      "the Router says that another node is the gateway",
      "everything as expected after",
    ]
  }
}
