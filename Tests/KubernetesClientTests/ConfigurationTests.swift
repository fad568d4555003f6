import FoundationEssentials
import KubernetesModel
import Testing

@testable import KubernetesClient

/// A folder that is removed at the end.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/kubernetes-client-tests-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer {
    do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(error)") }
  }
  return try await body(folder)
}

func write(_ text: String, to path: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }

@Suite struct ConfigurationTests {
  private func kubeconfig(_ cluster: String, _ user: String) -> String {
    """
    apiVersion: v1
    kind: Config
    preferences: {}
    current-context: one
    clusters:
    - name: c
      cluster:
    \(cluster.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
    users:
    - name: u
      user:
    \(user.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
    contexts:
    - name: one
      context: {cluster: c, user: u, namespace: test}
    - name: broken
      context: {cluster: nowhere, user: u}
    """
  }

  @Test func `inline data, names and namespace`() throws {
    let data = Base64.encode(Array("PEM".utf8))
    let text = kubeconfig(
      """
      server: https://10.0.0.1:6443/
      certificate-authority-data: \(data)
      tls-server-name: kubernetes
      """,
      """
      client-certificate-data: \(data)
      client-key-data: \(data)
      token: abc
      """)
    let configuration = try ClusterConfiguration(Kubeconfig(yaml: text, folder: "/x"))
    #expect(configuration.server == "https://10.0.0.1:6443")
    #expect(configuration.certificateAuthority == Array("PEM".utf8))
    #expect(configuration.clientCertificate?.key == Array("PEM".utf8))
    #expect(configuration.credentials == .token("abc"))
    #expect(configuration.namespace == "test")
    let url = try ServerURL(configuration)
    #expect(url.url == "https://kubernetes:6443")
    #expect(url.dnsOverride == ["kubernetes": "10.0.0.1"])
    #expect(url.hostHeader == "10.0.0.1:6443")
  }

  @Test func `files are relative to the kubeconfig's folder`() async throws {
    try await withTemporaryFolder { folder in
      try write("CA", to: "\(folder)/ca.crt")
      try write(
        kubeconfig(
          "server: https://h\ncertificate-authority: ca.crt",
          "tokenFile: token\ntoken: old\nexec: {apiVersion: client.authentication.k8s.io/v1, command: ./get-token}"),
        to: "\(folder)/config")
      let configuration = try ClusterConfiguration.resolve(path: "\(folder)/config", environment: [:])
      #expect(configuration.certificateAuthority == Array("CA".utf8))
      #expect(configuration.credentials == .tokenFile("\(folder)/token"))
    }
  }

  @Test func `several files are merged, the first says most`() async throws {
    try await withTemporaryFolder { folder in
      try write("current-context: x\ncontexts: [{name: x, context: {cluster: y}}]", to: "\(folder)/a")
      try write(
        "current-context: z\nclusters: [{name: y, cluster: {server: 'http://h:1'}}]\nusers: null", to: "\(folder)/b")
      let configuration = try ClusterConfiguration.resolve(
        environment: ["KUBECONFIG": "\(folder)/a:\(folder)/missing:\(folder)/b"])
      #expect(configuration.server == "http://h:1")
    }
  }

  @Test func `in a cluster the service account is used`() async throws {
    try await withTemporaryFolder { folder in
      let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
      #expect(throws: KubernetesAPIError.self) {
        try ClusterConfiguration.resolve(environment: environment, serviceAccountFolder: folder)
      }
      for (name, text) in [("token", "t"), ("ca.crt", "CA"), ("namespace", "netloom-system")] {
        try write(text, to: "\(folder)/\(name)")
      }
      let configuration = try ClusterConfiguration.resolve(environment: environment, serviceAccountFolder: folder)
      #expect(configuration.server == "https://[fd00::1]:443")
      #expect(configuration.credentials == .tokenFile("\(folder)/token"))
      #expect(configuration.namespace == "netloom-system")
    }
  }

  @Test(arguments: [
    ("context", "server: https://h", "token: t", "broken", "nowhere"),
    ("server", "server: h:6443", "token: t", nil, "h:6443"),
    ("key", "server: https://h", "client-certificate-data: QQ==", nil, "only one of"),
    ("file", "server: https://h\ncertificate-authority: /does/not/exist", "token: t", nil, "/does/not/exist"),
    ("base64", "server: https://h\ncertificate-authority-data: '*'", "token: t", nil, "Base64"),
  ])
  func `says what is wrong`(what: String, cluster: String, user: String, context: String?, expected: String) throws {
    let file = try Kubeconfig(yaml: kubeconfig(cluster, user), folder: "/x")
    let error = #expect(throws: KubernetesAPIError.self) { try ClusterConfiguration(file, context: context) }
    #expect(error?.reason == .configuration)
    #expect(error?.message.contains(expected) == true, "\(what): \(String(describing: error))")
  }

  @Test func `nothing to be found names the places`() {
    let error = #expect(throws: KubernetesAPIError.self) { try ClusterConfiguration.resolve(environment: [:]) }
    #expect(error?.message.contains("KUBECONFIG") == true)
    #expect(throws: KubernetesAPIError.self) { try Kubeconfig(yaml: "clusters: 7", folder: "/") }
  }
}

@Suite struct CredentialTests {
  @Test func `a token file is read again after a minute, or when it is refused`() async throws {
    try await withTemporaryFolder { folder in
      let clock = TestTime()
      try write("one\n", to: "\(folder)/token")
      var configuration = ClusterConfiguration(server: "https://h")
      configuration.credentials = .tokenFile("\(folder)/token")
      let provider = CredentialProvider(configuration, now: { clock.now })
      let first = try await provider.current()
      #expect(first.authorization == "Bearer one")
      try write("two", to: "\(folder)/token")
      #expect(try await provider.current() == first)
      clock.advance(by: .seconds(61))
      #expect(try await provider.current().authorization == "Bearer two")
      try write("three", to: "\(folder)/token")
      #expect(await provider.refused(IssuedCredentials(authorization: "Bearer two")))
      #expect(try await provider.current().authorization == "Bearer three")
    }
  }

  @Test func `a program runs once for all who wait, and again when its token expires`() async throws {
    try await withTemporaryFolder { folder in
      let clock = TestTime()
      let script = """
        echo run >> \(folder)/runs
        echo "$KUBERNETES_EXEC_INFO" > \(folder)/information
        echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$TOKEN'","expirationTimestamp":"2026-01-01T01:00:00Z"}}'
        """
      var configuration = ClusterConfiguration(server: "https://h")
      configuration.credentials = .exec(
        ExecConfiguration(
          command: "/bin/sh", args: ["-c", script], env: [.init(name: "TOKEN", value: "abc")], provideClusterInfo: true)
      )
      let provider = CredentialProvider(configuration, now: { clock.now })
      func runs() throws -> Int {
        try String(contentsOfFile: "\(folder)/runs", encoding: .utf8).split(separator: "\n").count
      }
      try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<8 { group.addTask { try await provider.current().authorization } }
        for try await authorization in group { #expect(authorization == "Bearer abc") }
      }
      #expect(try runs() == 1)
      #expect(try String(contentsOfFile: "\(folder)/information", encoding: .utf8).contains(#""server":"https://h""#))
      clock.advance(by: .seconds(3591))
      _ = try await provider.current()
      #expect(try runs() == 2)
    }
  }

  @Test(arguments: [
    ("exit 3", "status 3"), ("echo nonsense", "not JSON"), ("echo '{}'", "ExecCredential"),
    (
      #"echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"a"}}'"#,
      "v1beta1"
    ),
    (#"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'"#, "neither"),
  ])
  func `a program's failure says why`(script: String, expected: String) async {
    var configuration = ClusterConfiguration(server: "https://h")
    configuration.credentials = .exec(ExecConfiguration(command: "/bin/sh", args: ["-c", script]))
    let provider = CredentialProvider(configuration)
    let error = await #expect(throws: KubernetesAPIError.self) { try await provider.current() }
    #expect(error?.reason == .credentials)
    #expect(error?.message.contains(expected) == true, "\(String(describing: error))")
  }

  @Test func `a program that hangs is ended`() async {
    let plugin = ExecPlugin(
      configuration: ExecConfiguration(command: "sleep", args: ["60"]),
      cluster: ClusterConfiguration(server: "https://h"),
      limit: .milliseconds(50))
    let error = await #expect(throws: KubernetesAPIError.self) { try await plugin.run() }
    #expect(error?.message.contains("timed out") == true)
  }

  @Test func `a missing program gives the hint`() async {
    var configuration = ClusterConfiguration(server: "https://h")
    configuration.credentials = .exec(ExecConfiguration(command: "no-such-program-here", installHint: "install it"))
    let provider = CredentialProvider(configuration)
    let error = await #expect(throws: KubernetesAPIError.self) { try await provider.current() }
    #expect(error?.message.contains("install it") == true)
  }
}
