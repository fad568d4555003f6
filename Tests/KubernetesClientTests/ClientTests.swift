import JSON
import KubernetesClient
import KubernetesModel
import NIOSSL
import Synchronization
import Testing

private let pod = #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"n","resourceVersion":"1"}}"#

@Suite(.timeLimit(.minutes(1))) struct ClientTests {
  @Test func `reads an object and typed errors`() async throws {
    try await ScriptedServer.run { request in
      request.path.hasSuffix("/a") ? ScriptedServer.json(pod) : ScriptedServer.status(404, "NotFound")
    } _: { server, configuration in
      try await withClient(configuration) { client in
        let found = try await client.get(Pod.self, name: "a", namespace: "n")
        #expect(found.metadata.resourceVersion == "1")
        let error = await #expect(throws: KubernetesAPIError.self) {
          try await client.get(Pod.self, name: "b", namespace: "n")
        }
        #expect(error?.attempt == "get Pod n/b")
        #expect(error?.isNotFound == true)
        #expect(try await client.find(Pod.self, name: "b", namespace: "n") == nil)
        #expect(
          try await client.resource(Pod.definition).get(NamespacedName(namespace: "n", name: "a"))["kind"] == "Pod")
      }
      #expect(server.requests[0].uri == "/api/v1/namespaces/n/pods/a")
    }
  }

  @Test func `lists in pages, past objects that cannot be read`() async throws {
    try await ScriptedServer.run { request in
      request.uri.contains("continue=next")
        ? ScriptedServer.json(#"{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"c"}}]}"#)
        : ScriptedServer.json(
          #"{"metadata":{"resourceVersion":"7","continue":"next"},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"},"spec":1}]}"#
        )
    } _: { server, configuration in
      try await withClient(configuration) { client in
        let list = try await client.list(Pod.self)
        #expect(list.items.map(\.metadata.name) == ["a", "c"])
        #expect(list.undecodable.map(\.name.name) == ["b"])
        #expect(list.resourceVersion == "7")
      }
      #expect(server.requests.count == 2)
    }
  }

  @Test func `a watch reads events cut anywhere`() async throws {
    let events = (0..<20).map { #"{"type":"ADDED","object":{"metadata":{"name":"p\#($0)é"}}}"# + "\n" }.joined()
    let bytes = Array(events.utf8)
    let size = Int.random(in: 1...40)
    try await ScriptedServer.run { _ in
      [.head(200)]
        + stride(from: 0, to: bytes.count, by: size).map {
          .chunkBytes(Array(bytes[$0..<min($0 + size, bytes.count)]))
        }
    } _: { _, configuration in
      try await withClient(configuration) { client in
        var names: [String] = []
        for try await event in try await client.watch(Pod.self, from: "1") {
          if case .added(let pod) = event { names.append(pod.metadata.name) }
        }
        #expect(names == (0..<20).map { "p\($0)é" }, "chunks of \(size)")
      }
    }
  }

  @Test func `a watch that breaks within an event says so`() async throws {
    try await ScriptedServer.run { _ in
      [.head(200), .chunk(#"{"type":"ADDED","object":{"metadata":{"name":"a"}}}"# + "\n{\"type"), .drop]
    } _: { _, configuration in
      try await withClient(configuration) { client in
        var iterator = try await client.watch(Pod.self, from: "1").makeAsyncIterator()
        #expect(try await iterator.next() != nil)
        let error = await #expect(throws: KubernetesAPIError.self) { try await iterator.next() }
        #expect(error?.reason == .transport)
      }
    }
  }

  @Test func `410 at the opening of a watch and within it`() async throws {
    try await ScriptedServer.run { request in
      request.uri.contains("resourceVersion=1&")
        ? ScriptedServer.status(410, "Expired")
        : [
          .head(200), .chunk(#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"# + "\n"),
          .hold,
        ]
    } _: { _, configuration in
      try await withClient(configuration) { client in
        for version in ["1", "2"] {
          let error = await #expect(throws: KubernetesAPIError.self) {
            for try await _ in try await client.watch(Pod.self, from: version) {}
          }
          #expect(error?.isGone == true)
        }
      }
    }
  }

  @Test func `many watches starve no other request`() async throws {
    try await ScriptedServer.run { request in
      request.uri.contains("watch=true") ? [.head(200), .hold] : ScriptedServer.json(pod)
    } _: { _, configuration in
      try await withClient(configuration) { client in
        try await withThrowingTaskGroup(of: Void.self) { group in
          let open = AsyncStream<Void>.makeStream()
          for _ in 0..<40 {
            group.addTask {
              let watch = try await client.watch(Pod.self, from: "1")
              open.continuation.yield()
              for try await _ in watch {}
            }
          }
          var count = 0
          for await _ in open.stream {
            count += 1
            if count == 40 { break }
          }
          let read = try await client.get(Pod.self, name: "a", namespace: "n")
          #expect(read.metadata.name == "a")
          group.cancelAll()
          while let result = await group.nextResult() {
            #expect(throws: CancellationError.self) { try result.get() }
          }
        }
      }
    }
  }

  @Test func `a silent watch is taken to be dead`() async throws {
    try await ScriptedServer.run { _ in
      [.head(200), .hold]
    } _: { server, configuration in
      var options = KubernetesClient.Options()
      options.watchTimeout = .milliseconds(1000)
      options.watchIdleMargin = .milliseconds(100)
      try await withClient(configuration, options) { client in
        let error = await #expect(throws: KubernetesAPIError.self) {
          for try await _ in try await client.watch(Pod.self, from: "1") {}
        }
        #expect(error?.reason == .transport)
        #expect(server.requests[0].uri.contains("timeoutSeconds=1&"))
      }
    }
  }

  @Test func `slow headers end at the limit, and cancelling ends at once`() async throws {
    try await ScriptedServer.run { _ in
      [.hold]
    } _: { _, configuration in
      var options = KubernetesClient.Options()
      options.requestTimeout = .milliseconds(200)
      try await withClient(configuration, options) { client in
        let error = await #expect(throws: KubernetesAPIError.self) {
          try await client.get(Pod.self, name: "a", namespace: "n")
        }
        #expect(error?.reason == .transport)
      }
      try await withClient(configuration) { client in
        let task = Task { try await client.get(Pod.self, name: "a", namespace: "n") }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
      }
    }
  }

  @Test func `a token that rotated is read again when it is refused`() async throws {
    try await withTemporaryFolder { folder in
      try write("old", to: "\(folder)/token")
      try await ScriptedServer.run { request in
        request.headers.first(name: "authorization") == "Bearer new"
          ? ScriptedServer.json(pod) : ScriptedServer.status(401, "Unauthorized")
      } _: { server, configuration in
        var configuration = configuration
        configuration.credentials = .tokenFile("\(folder)/token")
        try await withClient(configuration) { client in
          await #expect(throws: KubernetesAPIError.self) { try await client.get(Pod.self, name: "a", namespace: "n") }
          #expect(server.requests.count == 2)
          try write("new", to: "\(folder)/token")
          _ = try await client.get(Pod.self, name: "a", namespace: "n")
        }
      }
    }
  }

  @Test func `waits when the server asks for it`() async throws {
    let count = Mutex(0)
    try await ScriptedServer.run { _ in
      let first = count.withLock { count in
        count += 1
        return count == 1
      }
      return first
        ? ScriptedServer.status(429, "TooManyRequests", headers: [("retry-after", "0")]) : ScriptedServer.json(pod)
    } _: { _, configuration in
      try await withClient(configuration) { client in
        let found = try await client.get(Pod.self, name: "a", namespace: "n")
        #expect(found.metadata.name == "a")
      }
      #expect(count.withLock { $0 } == 2)
    }
  }

  @Test func `a GET is repeated when the connection broke, a write is not`() async throws {
    try await ScriptedServer.run { _ in
      [.drop]
    } _: { server, configuration in
      try await withClient(configuration) { client in
        await #expect(throws: KubernetesAPIError.self) { try await client.get(Pod.self, name: "a", namespace: "n") }
        #expect(server.requests.count == 2)
        await #expect(throws: KubernetesAPIError.self) {
          try await client.create(Pod(metadata: ObjectMeta(name: "a", namespace: "n")))
        }
        #expect(server.requests.count == 3)
      }
    }
  }

  @Test func `nobody listens`() async throws {
    try await withClient(ClusterConfiguration(server: "http://127.0.0.1:1")) { client in
      let error = await #expect(throws: KubernetesAPIError.self) { try await client.get(Node.self, name: "a") }
      #expect(error?.reason == .transport)
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
  private func server(_ certificate: String, _ key: String, asksClient: Bool) throws -> TLSConfiguration {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
    if asksClient {
      tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8)))
      tls.certificateVerification = .noHostnameVerification
    }
    return tls
  }

  private func get(_ configuration: ClusterConfiguration) async throws {
    try await withClient(configuration) { _ = try await $0.get(Pod.self, name: "a", namespace: "n") }
  }

  @Test func `shows its certificate, and is refused without`() async throws {
    let tls = try server(TestCertificates.server, TestCertificates.serverKey, asksClient: true)
    try await ScriptedServer.run(tls: tls) { _ in
      ScriptedServer.json(pod)
    } _: { _, configuration in
      var configuration = configuration
      configuration.certificateAuthority = Array(TestCertificates.authority.utf8)
      await #expect(throws: KubernetesAPIError.self) { try await get(configuration) }
      configuration.clientCertificate = ClientCertificate(
        certificate: Array(TestCertificates.client.utf8), key: Array(TestCertificates.clientKey.utf8))
      try await get(configuration)
    }
  }

  @Test func `trusts only what it was told to`() async throws {
    let tls = try server(TestCertificates.server, TestCertificates.serverKey, asksClient: false)
    try await ScriptedServer.run(tls: tls) { _ in
      ScriptedServer.json(pod)
    } _: { _, configuration in
      await #expect(throws: KubernetesAPIError.self) { try await get(configuration) }
      var insecure = configuration
      insecure.insecureSkipTLSVerify = true
      try await get(insecure)
    }
  }

  @Test func `checks the name that tls-server-name says`() async throws {
    let tls = try server(TestCertificates.named, TestCertificates.namedKey, asksClient: false)
    try await ScriptedServer.run(tls: tls) { _ in
      ScriptedServer.json(pod)
    } _: { server, configuration in
      var configuration = configuration
      configuration.certificateAuthority = Array(TestCertificates.authority.utf8)
      await #expect(throws: KubernetesAPIError.self) { try await get(configuration) }
      configuration.tlsServerName = "kubernetes.test"
      try await get(configuration)
      #expect(server.requests.last?.headers["host"] == [String(configuration.server.dropFirst("https://".count))])
    }
  }
}
