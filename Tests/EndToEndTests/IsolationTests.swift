import Glibc
import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests {
  /// What is tried on one cluster with OVN that all these tests share.
  @Suite(.serialized, .sharedVirtualCluster(), .enabled(if: Prerequisites.hasOVN, "needs ovn-central and ovn-host"))
  enum VirtualTests {}
}

extension Prerequisites {
  static let hasOVN = ["ovn-northd", "ovn-controller"].allSatisfy { access("/usr/bin/\($0)", X_OK) == 0 }
}

extension EndToEndTests.VirtualTests {
  /// Virtual networks are isolated by construction: the same addresses in two of them, and attackers in one.
  @Suite(.serialized) struct IsolationTests {
    @Test func networksOfTheSameAddressesAreStrangers() async throws {
      try await Tenant.with("red") { red in
        try await red.declareOverlay(pods: ["a": "worker1", "b": "worker2"])
        try await red.waitUntilPodsReady()
        try await Tenant.with("blue") { blue in
          try await blue.declareOverlay(pods: ["a": "worker1", "b": "worker2"])
          try await blue.waitUntilPodsReady()
          let matrix = try IsolationMatrix([red, blue], pods: ["a", "b"])
          let mistakes = try matrix.mistakes()
          #expect(mistakes == [])
          for tenant in [red, blue] {
            let address = try #require(try await tenant.addresses(of: "b")["net1"]?.first)
            #expect(try await tenant.ping("\(address)", from: "a"), "\(tenant.namespace)")
          }
          try await attack(from: red, on: blue, matrix)
        }
      }
    }

    /// What a pod can try that its owner has given to an attacker: nothing of it reaches anybody.
    private func attack(from red: Tenant, on blue: Tenant, _ matrix: IsolationMatrix) async throws {
      // Frames with another pod's MAC address.
      #expect(try await matrix.receivers(ofFramesFrom: "red/a", as: "red/b") == [])
      #expect(try await matrix.receivers(ofFramesFrom: "red/a", as: "blue/b") == [])
      // Packets with another address.
      let target = try #require(try await red.addresses(of: "b")["net1"]?.first)
      let namespace = try red.namespace(of: "a")
      let netlink = try NetlinkSocket(in: namespace)
      let link = try netlink.link(.name("net1")).index
      try netlink.perform(.addAddress(InterfaceAddress(parsing: "10.91.0.250/24"), to: link))
      #expect(try await !red.ping("\(target)", from: "a", as: "10.91.0.250", seconds: 1))
      #expect(try await red.ping("\(target)", from: "a"))
      // Another tenant's network by its name, and an annotation that claims to have an address of it.
      var thief = Manifest.pod("thief", on: "worker1", networks: "blue/net")
      let stolen = try #require(try await blue.allocationsText(of: "a"))
      thief["metadata"]?["annotations"]?[PodAnnotation.allocations] = .string(stolen)
      try await red.apply(thief)
      try await red.waitForEvent("ReferenceNotPermitted", on: "thief", "may not be used from namespace red")
      // A forged annotation on a network of its own.
      var forger = Manifest.pod("forger", on: "worker1", networks: "net")
      let other = try #require(try await red.allocationsText(of: "b"))
      forger["metadata"]?["annotations"]?[PodAnnotation.allocations] = .string(other)
      try await red.apply(forger)
      try await red.wait(for: Pod.definition, "forger", "is ready") { $0.isReady }
      let own = try #require(try await red.addresses(of: "forger")["net1"]?.first)
      #expect(own != target)
      #expect(try await red.ping("\(own)", from: "b"))
      // Tunnel packets that a pod makes itself: they reach the other node, and nobody on it.
      let underlay = try #require(red.cluster.lab.topology.underlayAddress(of: "worker2")).address
      let wire = try PacketSocket(on: "underlay0", in: red.cluster.lab.namespace(of: "worker2"))
      let mac = try #require(try netlink.link(.name("net1")).macAddress)
      let packets = TunnelPackets.around((0..<4).map { ProbeFrame(token: 7_000 + $0).encoded(from: mac) })
      let got = try await matrix.receivers(ofTokens: 7_000..<7_004) {
        try await red.sendDatagrams(packets, from: "a", to: "\(underlay)")
      }
      #expect(got == [])
      try await red.delete("pod", "thief", "forger")
      try await red.wait(for: Pod.definition, "the attackers are gone") { $0.count == 2 }
      #expect(wire.receive().contains { TunnelPackets.isGeneve($0.bytes) }, "no packet reached the node")
    }
  }
}
