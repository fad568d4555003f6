import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.VirtualTests {
  /// Copies of pods' traffic, asked for through kubectl.
  @Suite(.serialized) struct MirrorTests {
    /// Of pods on two nodes, whichever a selector chooses is copied to a pod on one of them, both ways; then nothing is.
    @Test func aPodGetsCopiesOfWhatOthersSendAndReceive() async throws {
      try await Tenant.with("mirror") { tenant in
        try await tenant.declareOverlay(
          pods: ["a": "worker1", "b": "worker2", "tap": "worker2"], networks: "net")
        try await tenant.waitUntilPodsReady()
        let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
        try await tenant.cluster.kubectl("label", "pod", "-n", "mirror", "a", "watched=yes").succeeded()
        try await tenant.apply(
          Manifest.netloom(
            "TrafficMirror", "watch",
            spec: [
              "source": ["podSelector": ["matchLabels": ["watched": "yes"]]],
              "destination": ["pod": "tap", "interface": "net1"],
            ]))
        try await tenant.wait(for: TrafficMirror.definition, "watch", "is ready, and copies a") {
          $0.isReady && $0[path: "status", "pods"] == ["mirror/a"]
        }

        let expected: Set = ["\(a) > \(b)", "\(b) > \(a)"]
        let copies = try await tenant.echoes(at: "tap", until: expected) { try await tenant.ping(b, from: "a") }
        #expect(copies.isSuperset(of: expected), "\(copies)")

        // The one on the other node is copied instead, and the copies need no tunnel any more.
        try await tenant.cluster.kubectl("label", "pod", "-n", "mirror", "a", "watched-").succeeded()
        try await tenant.cluster.kubectl("label", "pod", "-n", "mirror", "b", "watched=yes").succeeded()
        try await tenant.wait(for: TrafficMirror.definition, "watch", "copies b") {
          $0.isReady && $0[path: "status", "pods"] == ["mirror/b"]
        }
        let others = try await tenant.echoes(at: "tap", until: expected) { try await tenant.ping(b, from: "a") }
        #expect(others.isSuperset(of: expected), "\(others)")

        try await tenant.delete("trafficmirror", "watch")
        try await tenant.waitUntilGone(TrafficMirror.definition)
        try await tenant.eventually("nothing is copied") {
          try await tenant.echoes(at: "tap", until: []) { try await tenant.ping(b, from: "a") }.isEmpty
        }
      }
    }

    /// A virtual machine gets copies of what the pods of its network send; when a pod does, the machine is copied too.
    @Test func aMachineGetsCopiesAndIsCopied() async throws {
      try await Tenant.with("machines") { tenant in
        try await tenant.declareOverlay(
          pods: ["a": "worker1", "b": "worker2", "tap": "worker2"], networks: "net")
        try await tenant.apply(Manifest.netloom("NetworkPort", "vm", spec: ["l2Service": "net", "type": "VM"]))
        try await tenant.waitUntilPodsReady()
        let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
        let port = try await tenant.port("vm")
        try await tenant.apply(Self.watch(["networkPort": "vm"]))
        try await tenant.wait(for: TrafficMirror.definition, "watch", "waits for the machine") {
          $0.condition(ConditionType.programmed)?["message"]?.string?.contains("vm is not bound to a node yet") ?? false
        }
        try await VirtualMachine.with("vm", on: "worker1", of: tenant, port: port) {
          try await tenant.switchOn("vm")
          try await tenant.wait(for: TrafficMirror.definition, "watch", "copies pods") {
            $0.isReady && $0[path: "status", "interfaceCount"]?.integer == 3
          }
          let expected: Set = ["\(a) > \(b)", "\(b) > \(a)"]
          let copies = try await tenant.echoes(at: "vm", "eth0", until: expected) {
            try await tenant.ping(b, from: "a")
          }
          #expect(copies.isSuperset(of: expected), "\(copies)")

          try await tenant.apply(Self.watch(["pod": "tap", "interface": "net1"]))
          try await tenant.wait(for: TrafficMirror.definition, "watch", "copies the machine") {
            $0.isReady && $0[path: "status", "networkPorts"] == ["machines/vm"]
          }
          // To nobody, so that it is nobody else's traffic that is seen.
          let own = try #require(port.addresses?.first.flatMap(InterfaceAddress.init(_:)))
          try await tenant.run("ip", ["address", "add", own.description, "dev", "eth0"], in: "vm").succeeded()
          let neighbour = ["neighbour", "add", "10.91.0.250", "lladdr", "02:00:00:00:02:50", "dev", "eth0"]
          try await tenant.run("ip", neighbour, in: "vm").succeeded()
          let sent: Set = ["\(own.address) > 10.91.0.250"]
          let seen = try await tenant.echoes(at: "tap", until: sent) {
            try await !tenant.ping("10.91.0.250", from: "vm", seconds: 1)
          }
          #expect(seen == sent)
        }
      }
    }

    private static func watch(_ destination: JSONValue) -> JSONValue {
      Manifest.netloom(
        "TrafficMirror", "watch", spec: ["source": ["l2Service": "net"], "destination": destination])
    }
  }
}

extension Tenant {
  /// The ICMP echoes, `from > to`, that come to an interface of a pod or machine while something happens: again and again
  /// until these are there, for at most five seconds. What is in the datapath of Open vSwitch already can pass a new mirror
  /// by, and nobody tells when it does no more.
  fileprivate func echoes(
    at pod: String, _ interface: String = "net1", until expected: Set<String>, while work: () async throws -> Bool
  ) async throws -> Set<String> {
    let socket = try PacketSocket(on: interface, in: namespace(of: pod))
    var echoes: Set<String> = []
    let end = ContinuousClock.now + .seconds(5)
    repeat {
      #expect(try await work())
      PacketSocket.wait(for: [socket], milliseconds: 100)
      echoes.formUnion(socket.receive().compactMap { Self.echo(in: Array($0.bytes)) })
    } while !echoes.isSuperset(of: expected) && ContinuousClock.now < end
    return echoes
  }

  /// Reads an Ethernet frame with an IPv4 packet without options (RFC 791) with an ICMP echo (RFC 792).
  private static func echo(in frame: [UInt8]) -> String? {
    guard frame.count > 34, frame[12...13] == [8, 0], frame[23] == 1, [0, 8].contains(frame[34]) else { return nil }
    func address(_ start: Int) -> String { frame[start..<start + 4].map(String.init).joined(separator: ".") }
    return "\(address(26)) > \(address(30))"
  }
}
