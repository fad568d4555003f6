import Dispatch
import Glibc
import Netlink
import Testing

@testable import Lab

extension EndToEndTests {
  /// `netloom demo` as a person runs it.
  @Suite struct DemoTests {
    /// A demo that is killed leaves its data centre; the next one takes it down, tells the whole story, and leaves the
    /// machine as it was.
    @Test func tellsTheWholeStoryAndSweepsWhatAKilledOneLeft() async throws {
      let killed = try await RunningDemo(stopAt: "[3]")
      _ = await killed.end(by: SIGKILL)
      #expect(!Leftovers.of(killed.directory).isEmpty)

      let picture = "/tmp/netloom-demo-\(getpid()).svg"
      defer { unlink(picture) }
      let start = ContinuousClock.now
      let demo = try await NamespaceProcess.start(ProcessCommand(Executables.netloom, ["demo", "--picture", picture]))
      let outcome = await demo.wait()
      #expect(outcome.isSuccess, "\(outcome.text)\n\(outcome.errorText)")
      #expect(ContinuousClock.now - start < .seconds(60))
      #expect(outcome.errorText.isEmpty)

      for line in DemoTranscript.lines { #expect(outcome.text.contains(line), "missing in \(outcome.text)") }
      #expect(!outcome.text.contains("✗"))
      let checked = try await NamespaceProcess.run(
        ProcessCommand("python3", ["-c", "import sys, xml.dom.minidom as x; x.parse(sys.argv[1])", picture]))
      #expect(checked.isSuccess, "\(checked.errorText)")

      #expect(Leftovers.of(killed.directory) == [])
      #expect(Leftovers.of(LabDirectory(name: "demo-\(demo.processID)")) == [])
    }

    /// Ctrl-C in the middle: the demo cleans up before it ends.
    @Test(arguments: ["building", "starting", "[3]", "[4]"])
    func cleansUpWhenInterrupted(at place: String) async throws {
      let demo = try await RunningDemo(stopAt: place)
      let (status, output) = await demo.end(by: SIGINT)
      #expect(output.contains(place))
      #expect(status == .exited(130), "\(output)")
      #expect(output.hasSuffix("interrupted; everything was cleaned up\n"), "\(output)")
      #expect(Leftovers.of(demo.directory) == [])
    }

    /// What a killed demo left can also be taken down by hand.
    @Test func whatAKilledOneLeftCanBeTakenDownByHand() async throws {
      let killed = try await RunningDemo(stopAt: "[2]")
      _ = await killed.end(by: SIGKILL)
      let name = "demo-\(killed.process.processID)"
      let outcome = try await NamespaceProcess.run(
        ProcessCommand(Executables.netloom, ["lab", "down", "--name", name]))
      #expect(outcome.isSuccess, "\(outcome.errorText)")
      #expect(Leftovers.of(killed.directory) == [])
    }
  }
}

/// A demo that has come to a certain place in its story.
private struct RunningDemo {
  let process: NamespaceProcess
  /// Everything that it prints, once it has ended.
  private let output: Task<String, Never>

  var directory: LabDirectory { LabDirectory(name: "demo-\(process.processID)") }

  /// Starts a demo and returns once it has printed a text.
  ///
  /// Its output goes to a pipe with a name: reading waits until there is more, and ends with the demo.
  init(stopAt text: String) async throws {
    let pipe = "/tmp/netloom-demo-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    guard mkfifo(pipe, 0o600) == 0 else { throw LabError("make the pipe \(pipe)", reason: "\(errno)") }
    defer { unlink(pipe) }
    let reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    process = try await NamespaceProcess.start(
      ProcessCommand(Executables.netloom, ["demo", "--picture", "/dev/null"], output: .append(toFile: pipe)))
    _ = fcntl(reader, F_SETFL, 0)
    let (texts, continuation) = AsyncStream.makeStream(of: String.self)
    DispatchQueue(label: "demo output").async {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while case let count = read(reader, &buffer, buffer.count), count > 0 {
        continuation.yield(String(decoding: buffer[..<count], as: UTF8.self))
      }
      close(reader)
      continuation.finish()
    }
    let (places, hasCome) = AsyncStream.makeStream(of: Void.self)
    output = Task {
      var seen = ""
      for await part in texts {
        seen += part
        if seen.contains(text) { hasCome.finish() }
      }
      hasCome.finish()
      return seen
    }
    for await _ in places {}
  }

  /// Sends a signal and waits for the end.
  func end(by signal: Int32) async -> (status: ProcessOutcome.Status, output: String) {
    process.signal(signal)
    return (await process.wait().status, await output.value)
  }
}

/// What the demo must have said and found.
private enum DemoTranscript {
  static let lines = [
    // Who received whose frames, and by which VLANs: pods on one VLAN, on a few, on a trunk, and the gateway.
    "access-1         .         13        -       -       13           13           13       13       13        -",
    "trunk-1          13        13        -       -       13-14        13-14        .        13-16    13        -",
    "cells, all as expected", "vlan13 is terminating: in use by L2ServiceAttachment test/ovs-access",
    "no object, VLAN, bridge, port or interface of ours is left", "L2Service vlan13: ",
    " -> ready -> terminating -> deleted",
    "everything as expected after",
  ]
}
