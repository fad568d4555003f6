import JSON
import Testing

@testable import EmbeddedKubernetes

@Suite("Requests")
struct RequestTests {
  @Test("A path names a resource, an object or a subresource")
  func paths() throws {
    func path(_ text: String) -> ResourcePath? { ResourcePath(text.split(separator: "/").map(String.init)) }
    let pod = try #require(path("/api/v1/namespaces/ns/pods/p/status"))
    #expect(pod.group == "" && pod.version == "v1" && pod.namespace == "ns")
    #expect(pod.plural == "pods" && pod.name == "p" && pod.subresource == "status")
    let namespace = try #require(path("/api/v1/namespaces/ns"))
    #expect(namespace.plural == "namespaces" && namespace.name == "ns" && namespace.namespace == nil)
    let finalize = try #require(path("/api/v1/namespaces/ns/finalize"))
    #expect(finalize.plural == "namespaces" && finalize.name == "ns" && finalize.subresource == "finalize")
    let custom = try #require(path("/apis/netloom.dev/v1alpha1/l2services"))
    #expect(custom.group == "netloom.dev" && custom.version == "v1alpha1" && custom.name == nil)
    #expect(path("/apis/netloom.dev/v1alpha1") == nil)
    #expect(path("/version") == nil)
  }

  @Test("A query is percent-decoded")
  func queries() {
    let query = Query("labelSelector=a%3Db%2Cc+in+(d)&watch=true&limit=&x=%zz&x=2")
    #expect(query["labelSelector"] == "a=b,c in (d)")
    #expect(query.flag("watch"))
    #expect(query["limit"] == "")
    #expect(query.values["x"] == ["%zz", "2"])
    #expect(!query.flag("absent"))
  }

  @Test(
    "The first form of an Accept header that the server can give is chosen",
    arguments: [
      (nil, Representation()),
      ("*/*", Representation()),
      ("application/vnd.kubernetes.protobuf,application/json", Representation()),
      ("application/yaml", Representation(isYAML: true)),
      ("application/json;as=Table;v=v1;g=meta.k8s.io, application/json", Representation(shape: .table(version: "v1"))),
      ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", Representation(shape: .metadata)),
      (
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
        Representation(shape: .discovery(version: "v2"))
      ),
      ("text/html", nil), ("application/vnd.kubernetes.protobuf", nil),
    ] as [(String?, Representation?)])
  func accept(header: String?, expected: Representation?) {
    #expect(Representation.negotiate(header) == expected)
  }

  @Test("A continue token comes back as it was; a broken one is refused")
  func continueTokens() throws {
    let token = ContinueToken(revision: 4711, namespace: "ns", name: "a-ü")
    #expect(try ContinueToken(parsing: token.text) == token)
    for broken in ["rubbish", "", "e30", "!!", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ"] {
      #expect(throws: (any Error).self) { try ContinueToken(parsing: broken) }
    }
  }

  @Test("Tokens of a file belong to their owners")
  func tokens() {
    let tokens = Authenticator.parse("abc,jane,7,\"a,b\"\n\n,nobody,1\nxyz, robot ,8\n")
    #expect(tokens["abc"]?.user == "jane")
    #expect(tokens["abc"]?.groups == ["a", "b", "system:authenticated"])
    #expect(tokens["xyz"]?.uid == "8")
    #expect(tokens.count == 2)
  }

  @Test("A ServiceAccount's token is good until it expires, and only as it was signed")
  func signedTokens() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let signer = try TokenSigner(directory: folder.path)
    let claims = TokenSigner.Claims(namespace: "ns", name: "robot", uid: "1", expires: 1000)
    let token = try signer.sign(claims, now: 10)
    #expect(signer.verify(token, now: 999) == claims)
    #expect(signer.verify(token, now: 1000) == nil)
    #expect(signer.verify(token.dropLast(4) + "AAAA", now: 999) == nil)
    #expect(try TokenSigner(directory: folder.path).verify(token, now: 999) == claims)
  }
}
