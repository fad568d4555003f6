import Files
import GRPC
import JSON
import KubernetesModel
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// A real container runtime: containerd and runc over CRI, with Netloom as the first CNI configuration.
  @Suite(
    .serialized,
    .enabled(if: ContainerRuntime.missing == nil, "needs \(ContainerRuntime.missing ?? "nothing")"))
  struct ContainerRuntimeTests {
    private static let host = "worker1"

    /// Runs `body` as the kubelet of `worker1`, with a pod on an access network, and one on `worker2` to reach.
    private func asKubelet(
      _ namespace: String,
      _ body: (Tenant, ContainerRuntime, CRI.SandboxConfig, _ neighbour: IPAddress) async throws -> Void
    ) async throws {
      try await Tenant.with(namespace) { tenant in
        let cluster = tenant.cluster.cluster
        try await tenant.apply(Life.networks)
        try await tenant.waitUntilReady()
        try await tenant.apply(Manifest.pod("neighbour", on: "worker2", networks: "access"))
        try await tenant.waitUntilPodsReady()
        let neighbour = try #require(try await address(of: "neighbour", in: tenant))
        // The node of this host no longer looks after pods: the test does.
        await cluster.kill(.node(Self.host))
        let result: Result<Void, any Error>
        do {
          try await tenant.apply(Manifest.pod("real", on: Self.host, networks: "access"))
          let pod = try await tenant.wait(for: Pod.definition, "real", "has its addresses") {
            $0[path: "metadata", "annotations", PodAnnotation.allocations] != nil
          }
          try await ContainerRuntime.with(tenant.cluster, on: Self.host) { runtime in
            let config = CRI.SandboxConfig(
              name: "real", namespace: namespace, uid: pod[path: "metadata", "uid"]?.string ?? "",
              logFolder: runtime.logs)
            try await body(tenant, runtime, config, neighbour)
          }
          result = .success(())
        } catch {
          result = .failure(error)
        }
        try await tenant.cluster.kubectl(
          "delete", "pod", "-n", namespace, "real", "--force", "--grace-period=0", "--ignore-not-found"
        ).succeeded()
        try await cluster.start(.node(Self.host))
        try result.get()
      }
    }

    private func address(of pod: String, in tenant: Tenant) async throws -> IPAddress? {
      let text = try await tenant.get(Pod.definition, pod)[path: "metadata", "annotations", PodAnnotation.allocations]
      return try Allocation.list(parsing: text?.string ?? "[]").first?.ips.first?.address
    }

    private func expectNothing(
      of runtime: ContainerRuntime, in tenant: Tenant, since before: NetworkState,
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      #expect(try await runtime.sandboxes() == [], sourceLocation: sourceLocation)
      #expect(runtime.namespaces == [], sourceLocation: sourceLocation)
      try await NetworkState.expect(before, on: tenant.cluster, sourceLocation: sourceLocation)
      let leases = "\(tenant.cluster.lab.directory.path)/\(Self.host)/host-local/cluster"
      let addresses = Files.entries(of: leases).filter { $0 != "lock" && !$0.hasPrefix("last_reserved") }
      #expect(addresses == [], "of the cluster's network", sourceLocation: sourceLocation)
    }

    @Test("a pod sandbox from its start to its end: its interfaces, a ping out of the container, nothing left")
    func sandbox() async throws {
      try await asKubelet("real-life") { tenant, runtime, config, neighbour in
        let before = try await NetworkState.take(tenant.cluster)
        let status = try await runtime.status()
        #expect(status.conditions["NetworkReady"] == true, "\(status.reasons)")
        let sandbox = try await runtime.runSandbox(config)
        let container = try await runtime.startContainer(in: sandbox, config)
        let ping = try await runtime.exec(container, "/bin/ping", "-c", "3", "-W", "5", "\(neighbour)")
        #expect(ping.exitCode == 0, "\(ping.text)\(ping.errorText)")
        let interfaces = try await runtime.exec(container, "/bin/ip", "-o", "addr").text
        let own = try #require(try await address(of: "real", in: tenant))
        #expect(interfaces.contains("net1") && interfaces.contains("\(own)/"), "\(interfaces)")
        #expect(interfaces.contains("eth0"))
        let pod = try await tenant.get(Pod.definition, "real")
        let networks = try NetworkStatus.list(
          parsing: pod[path: "metadata", "annotations", PodAnnotation.networkStatus]?.string ?? "[]")
        #expect(networks.map(\.interface) == ["eth0", "net1"])
        #expect(networks.last?.ips == [own])
        try await runtime.stopSandbox(sandbox)
        // Twice, as kubelet does.
        try await runtime.stopSandbox(sandbox)
        try await runtime.removeSandbox(sandbox)
        try await expectNothing(of: runtime, in: tenant, since: before)
      }
    }

    @Test("an agent that is killed while sandboxes are made: the next attempt succeeds, and nothing is left of any")
    func agentKilled() async throws {
      try await asKubelet("real-crash") { tenant, runtime, config, neighbour in
        let before = try await NetworkState.take(tenant.cluster)
        var attempt = config
        for delay in [0, 30, 60, 120] {
          attempt.attempt += 1
          let config = attempt
          let call = Task { try await runtime.runSandbox(config) }
          try await Task.sleep(for: .milliseconds(delay))
          await tenant.cluster.cluster.kill(.agent(Self.host))
          _ = await call.result  // It may have been in time.
          try await tenant.cluster.cluster.start(.agent(Self.host))
          try await runtime.removeAll()
        }
        attempt.attempt += 1
        let sandbox = try await runtime.runSandbox(attempt)
        let container = try await runtime.startContainer(in: sandbox, attempt)
        let ping = try await runtime.exec(container, "/bin/ping", "-c", "3", "-W", "5", "\(neighbour)")
        #expect(ping.exitCode == 0, "\(ping.text)\(ping.errorText)")
        try await runtime.removeAll()
        // What the runtime gave up is collected when the agent starts.
        try await tenant.cluster.crash(.agent(Self.host))
        try await expectNothing(of: runtime, in: tenant, since: before)
      }
    }
  }
}
