import Glibc
import KubernetesModel
import NetloomAPI
import NetworkTypes
import OVSTestSupport
import OpenVSwitchEngine
import Testing

@testable import NodeAgent

@Suite("The node's bridges", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct NodeReconcilerTests {
  @Test("bridges and their VLANs come, change and go; the status says what is carried")
  func lifecycle() async throws {
    try await withReconciler { ovs, cluster, reconciler in
      try await ovs.addDevice("eth1")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [11, 10])])
      _ = try await reconciler.reconcile("worker1")
      var status = try #require(cluster.status)
      #expect(status.phase == .ready && status.observedGeneration == 1, "\(status)")
      #expect(status.bridges == [.init(name: "br-data", vlans: [10, 11])])
      #expect(try await ovs.vsctl("get", "port", "eth1", "trunks") == "[10, 11]")

      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [12])])
      try await ovs.vsctl("set", "port", "eth1", "trunks=99")
      _ = try await reconciler.reconcile("worker1")
      status = try #require(cluster.status)
      #expect(status.bridges == [.init(name: "br-data", vlans: [12])])
      #expect(status.observedGeneration == 2)
      #expect(status.conditions?[type: "Ready"]?.lastTransitionTime == "2026-01-01T00:00:01Z")

      cluster.set([])
      _ = try await reconciler.reconcile("worker1")
      #expect(cluster.status?.phase == .ready && cluster.status?.bridges == [])
      #expect(try await ovs.vsctl("list-br") == "")
    }
  }

  @Test("a VLAN that is to go stays, and is told, until the pods that use it have moved", arguments: [true, false])
  func vlanInUse(isOurUplink: Bool) async throws {
    try await withReconciler { ovs, cluster, reconciler in
      for device in ["eth1", "pod1"] { try await ovs.addDevice(device) }
      if !isOurUplink {
        try await ovs.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")
        try await ovs.vsctl("add-port", "br-ex", "eth1")
      }
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [10])])
      _ = try await reconciler.reconcile("worker1")
      var port = PodPort(name: "pod1", bridge: "br-data", vlans: .access(try VLANID(10)))
      try await reconciler.openVSwitch.addPodPort(port)

      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [20])])
      for _ in 0..<2 {
        _ = try await reconciler.reconcile("worker1")
        #expect(cluster.status?.phase == .ready && cluster.status?.observedGeneration == 2)
        #expect(cluster.status?.bridges == [.init(name: "br-data", vlans: [10, 20])])
      }
      port.vlans = .access(try VLANID(20))
      try await reconciler.openVSwitch.addPodPort(port)
      _ = try await reconciler.reconcile("worker1")
      #expect(cluster.status?.bridges == [.init(name: "br-data", vlans: [20])])
      let trunk = isOurUplink ? "eth1" : "br-data-to-br-ex"
      #expect(try await ovs.vsctl("get", "port", trunk, "trunks") == "[20]")
    }
  }

  @Test("an uplink that does not exist is an error with its name, and nothing is called carried")
  func missingUplink() async throws {
    try await withReconciler { ovs, cluster, reconciler in
      cluster.set([
        NodeNetwork.Bridge(name: "br-data", uplink: "eth9", vlans: [10]),
        NodeNetwork.Bridge(name: "br-inside", vlans: [20]),
      ])
      let result = try await reconciler.reconcile("worker1")
      #expect(result != .done)
      let status = try #require(cluster.status)
      #expect(status.phase == .error)
      #expect(status.bridges?[0].vlans == [] && status.bridges?[0].message?.contains("eth9") == true, "\(status)")
      #expect(status.bridges?[1] == .init(name: "br-inside", vlans: [20]))
      #expect(status.conditions?[type: "Ready"]?.message.contains("bridge br-data: uplink eth9: ") == true, "\(status)")
      async let ready: Void = reconciler.follow { cluster.status?.phase == .ready }
      try await ovs.addDevice("eth9")
      try await ready
      #expect(cluster.status?.bridges?[0] == .init(name: "br-data", vlans: [10]))
    }
  }

  @Test("what ovs-vswitchd has not taken over is pending, and ready by itself once it has", arguments: [true, false])
  func absentSwitchDaemon(isKilled: Bool) async throws {
    try await withReconciler { ovs, cluster, reconciler in
      try await ovs.addDevice("eth1")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [10])])
      _ = try await reconciler.reconcile("worker1")
      #expect(cluster.status?.phase == .ready)
      if isKilled { try await ovs.killSwitch() } else { try await ovs.signalSwitch(SIGSTOP) }
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [10, 11])])
      var impatient = reconciler
      impatient.patience = .milliseconds(200)
      for _ in 0..<2 {
        let error = await #expect(throws: OpenVSwitchError.self) { try await impatient.reconcile("worker1") }
        #expect(error?.code == .notRealized)
        let status = try #require(cluster.status)
        #expect(status.phase == .pending && status.observedGeneration == 2, "\(status)")
        #expect(status.bridges == [.init(name: "br-data", vlans: [10])], "what is carried is what was")
        let message = status.conditions?[type: "Ready"]?.message
        #expect(message?.contains("does ovs-vswitchd run?") == true && message?.contains(ovs.socket) == true)
      }
      async let ready: Void = reconciler.follow { cluster.status?.phase == .ready }
      if isKilled { try await ovs.restartSwitch() } else { try await ovs.signalSwitch(SIGCONT) }
      try await ready
      #expect(cluster.status?.bridges == [.init(name: "br-data", vlans: [10, 11])])
    }
  }

  @Test("the MTU is set on an uplink that is ours, and asked for where it is not")
  func mtu() async throws {
    try await withReconciler { ovs, cluster, reconciler in
      try await ovs.addDevice("eth1")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [10], mtu: 9000)])
      try await reconciler.follow { cluster.status?.bridges == [.init(name: "br-data", vlans: [10])] }
      #expect(cluster.status?.phase == .ready)
      #expect(try await ovs.vsctl("get", "Interface", "eth1", "mtu_request") == "9000")
      #expect(try await Command.run(["ip", "-n", ovs.namespace, "link", "show", "eth1"]).contains("mtu 9000"))

      try await ovs.addDevice("eth2")
      try await ovs.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")
      try await ovs.vsctl("add-port", "br-ex", "eth2")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth2", vlans: [10], mtu: 9000)])
      let hasRemark: @Sendable () -> Bool = {
        cluster.status?.bridges?[0].message?.contains("uplink eth2 takes packets of 1500 bytes at most, not 9000")
          == true
      }
      try await reconciler.follow(until: hasRemark)
      #expect(cluster.status?.phase == .ready && cluster.status?.bridges?[0].vlans == [10])
      #expect(try await ovs.vsctl("get", "Interface", "eth2", "mtu_request") == "[]")
      async let gone: Void = reconciler.follow { !hasRemark() }
      try await ovs.vsctl("set", "Interface", "eth2", "mtu_request=9000")
      try await gone
    }
  }

  @Test("an uplink on somebody else's bridge that keeps VLANs out is an error that names them")
  func blockedVLANs() async throws {
    try await withReconciler { ovs, cluster, reconciler in
      try await ovs.addDevice("eth1")
      try await ovs.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")
      try await ovs.vsctl("add-port", "br-ex", "eth1", "trunks=10,20")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [10, 11, 12])])
      _ = try await reconciler.reconcile("worker1")
      let status = try #require(cluster.status)
      #expect(status.phase == .error && status.bridges?[0].vlans == [10], "\(status)")
      let message = try #require(status.bridges?[0].message)
      for word in ["eth1", "br-ex", "trunks 10,20", "VLANs 11, 12"] { #expect(message.contains(word), "\(message)") }

      async let ready: Void = reconciler.follow { cluster.status?.phase == .ready }
      try await ovs.vsctl("clear", "Port", "eth1", "trunks")
      try await ready
      #expect(cluster.status?.bridges == [.init(name: "br-data", vlans: [10, 11, 12])])
    }
  }

  @Test("frames without a tag pass the uplink when they are wanted, and are told to be kept out")
  func untagged() async throws {
    try await withReconciler { ovs, cluster, reconciler in
      try await ovs.addDevice("eth1")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [0, 10])])
      _ = try await reconciler.reconcile("worker1")
      #expect(cluster.status?.phase == .ready)
      #expect(cluster.status?.bridges == [.init(name: "br-data", vlans: [0, 10])])
      #expect(try await ovs.vsctl("get", "Port", "eth1", "trunks") == "[0, 10]")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth1", vlans: [10])])
      _ = try await reconciler.reconcile("worker1")
      #expect(cluster.status?.bridges == [.init(name: "br-data", vlans: [10])])

      try await ovs.addDevice("eth2")
      try await ovs.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")
      try await ovs.vsctl("add-port", "br-ex", "eth2", "tag=10", "vlan_mode=native-untagged")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth2", vlans: [0, 11])])
      _ = try await reconciler.reconcile("worker1")
      let bridge = try #require(cluster.status?.bridges?.first)
      #expect(bridge.vlans == [11], "\(bridge)")
      #expect(bridge.message?.contains("keep out untagged frames;") == true, "\(bridge)")
    }
  }

  @Test("without an object none of our bridges stays, and others' do")
  func noObject() async throws {
    try await withReconciler { ovs, cluster, reconciler in
      try await ovs.vsctl("add-br", "br-foreign")
      cluster.set([NodeNetwork.Bridge(name: "br-data", vlans: [10])])
      _ = try await reconciler.reconcile("worker1")
      cluster.remove()
      _ = try await reconciler.reconcile("worker1")
      #expect(try await ovs.vsctl("list-br") == "br-foreign")
    }
  }

  @Test("a status that is the same is not written again")
  func quiet() async throws {
    try await withReconciler { _, cluster, reconciler in
      cluster.set([NodeNetwork.Bridge(name: "br-data", vlans: [10])])
      for _ in 0..<3 { _ = try await reconciler.reconcile("worker1") }
      #expect(cluster.writes == 1)
    }
  }

  @Test("an uplink on somebody else's bridge that does not exist is an error as well")
  func missingForeignUplink() async throws {
    try await withReconciler { ovs, cluster, reconciler in
      try await ovs.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")
      try await ovs.vsctl("add-port", "br-ex", "eth9")
      cluster.set([NodeNetwork.Bridge(name: "br-data", uplink: "eth9", vlans: [10])])
      _ = try await reconciler.reconcile("worker1")
      let status = try #require(cluster.status)
      #expect(status.phase == .error && status.bridges?[0].vlans == [], "\(status)")
      #expect(status.bridges?[0].message?.contains("uplink eth9: ") == true, "\(status)")
    }
  }

  private func withReconciler(
    _ body: (SwitchInstance, FakeCluster, NodeReconciler) async throws -> Void
  ) async throws {
    try await SwitchInstance.with { ovs in
      let cluster = FakeCluster()
      let engine = try SwitchPlace(ovs).engine()
      let running = Task { try await engine.run() }
      for await event in engine.events() { if case .synchronized = event { break } }
      let reconciler = NodeReconciler(
        openVSwitch: engine, current: { cluster.network }, report: { cluster.report($0) }, now: { cluster.tick() })
      let result = await Result(catching: { try await body(ovs, cluster, reconciler) })
      running.cancel()
      _ = await running.result
      try result.get()
    }
  }
}

extension NodeReconciler {
  /// Reconciles whenever something happens to the switch, as the agent does, until all is as wanted.
  fileprivate func follow(until isDone: @Sendable () -> Bool) async throws {
    for await _ in openVSwitch.events() {
      do {
        _ = try await reconcile("worker1")
      } catch let error as OpenVSwitchError where error.code == .notRealized {
        // The next event is the next attempt.
      }
      if isDone() { return }
    }
  }
}
