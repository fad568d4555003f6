import Glibc
import JSON
import KubernetesModel
import Logging
import Netlink
import NetloomAPI
import Testing

@testable import Lab

/// A data centre with everything running and the platform admin's objects declared, shared by the tests of a suite.
struct TestCluster: Sendable {
  let lab: Lab
  let cluster: LabCluster
  let objects: ClusterObjects

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @TaskLocal private static var shared: TestCluster?

  /// The cluster of the suite that is running.
  static func current() throws -> TestCluster { try #require(shared) }

  /// Builds a cluster, runs the tests with it, takes it down whatever they did, and looks whether anything is left.
  ///
  /// - Parameter platform: the platform admin's objects for the lab.
  static func provide(
    _ topology: LabTopology, _ platform: @Sendable (Lab) throws -> [JSONValue],
    to tests: @Sendable () async throws -> Void
  ) async throws {
    Lab.sweep("e2e")
    let directory = LabDirectory(name: "e2e-\(getpid())-\(UInt16.random(in: 0...UInt16.max))")
    do {
      let lab = try await Lab.up(topology, in: directory, logger: logger)
      let cluster = try await LabCluster.start(on: lab, executable: Executables.netloom, logger: logger)
      try await cluster.stopping {
        try await cluster.withClient { client in
          let shared = TestCluster(lab: lab, cluster: cluster, objects: ClusterObjects(client: client))
          try await shared.declare(platform(lab))
          try await $shared.withValue(shared) { try await tests() }
        }
      }
    } catch {
      Lab.down(directory)
      throw error
    }
    Lab.down(directory)
    #expect(Leftovers.of(directory) == [])
  }

  private func declare(_ platform: [JSONValue]) async throws {
    try await kubectl("apply", "-f", "-", input: platform.asText).succeeded()
    let count = lab.topology.hosts.count
    try await objects.wait(for: Node.definition, "the nodes are ready") {
      $0.count == count && $0.allSatisfy(\.isReady)
    }
    for kind in [ConnectionPoint.definition, Fabric.definition] {
      try await objects.wait(for: kind, "every \(kind.kind) is ready") { !$0.isEmpty && $0.allSatisfy(\.isReady) }
    }
  }

  /// Runs kubectl.
  func kubectl(_ arguments: String..., input: String = "") async throws -> ProcessOutcome {
    try await kubectl(arguments, input: input)
  }

  /// Runs kubectl.
  func kubectl(_ arguments: [String], input: String = "") async throws -> ProcessOutcome {
    var environment = ProcessEnvironment.current
    environment["KUBECONFIG"] = cluster.kubeconfig
    return try await NamespaceProcess.run(
      ProcessCommand("kubectl", arguments, environment: environment, standardInput: Array(input.utf8)))
  }

  /// Ends a part as a crash would, and starts it again.
  func crash(_ part: LabCluster.Part) async throws {
    await cluster.kill(part)
    try await cluster.start(part)
  }
}

/// Gives a suite its cluster: built before its first test, taken down after its last.
struct ClusterTrait: SuiteTrait, TestScoping {
  /// The data centre.
  var topology: @Sendable () throws -> LabTopology
  /// The platform admin's objects for it.
  var platform: @Sendable (Lab) throws -> [JSONValue]

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await TestCluster.provide(topology(), platform, to: function)
  }
}

extension Trait where Self == ClusterTrait {
  /// The suite's tests share one cluster, see ``TestCluster/current()``.
  static var sharedCluster: Self { demo(overlay: { nil }) }

  /// The same with OVN, of which each database has so many servers.
  static func sharedVirtualCluster(members: Int = 1) -> Self { demo { try .init(members: members) } }

  /// The demo's data centre and its platform.
  private static func demo(overlay: @escaping @Sendable () throws -> LabTopology.Overlay?) -> Self {
    ClusterTrait {
      var topology = try LabTopology.demo()
      topology.overlay = try overlay()
      return topology
    } platform: { lab in
      let examples = try DemoManifests.find(nil, executable: Executables.netloom)
      let manifests = try DemoManifests.fabric(
        examples: examples, writingTo: "\(lab.directory.path)/manifests", directory: lab.directory,
        callbackURL: "http://127.0.0.1:1/")
      return manifests["platform"].flatMap(\.documents)
    }
  }
}

extension ProcessOutcome {
  /// The standard output of a program that must succeed.
  @discardableResult
  func succeeded(sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try #require(isSuccess, "\(errorText)", sourceLocation: sourceLocation)
    return text
  }
}
