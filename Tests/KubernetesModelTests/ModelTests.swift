import JSON
import KubernetesModel
import Testing

@Suite struct ResourceTests {
  @Test func `paths of the core group, other groups, scopes and subresources`() {
    #expect(Pod.definition.path(namespace: "a", name: "b") == "/api/v1/namespaces/a/pods/b")
    #expect(Pod.definition.path() == "/api/v1/pods")
    #expect(Node.definition.path(namespace: "ignored", name: "n") == "/api/v1/nodes/n")
    #expect(
      Lease.definition.path(namespace: "a", name: "b", subresource: "status")
        == "/apis/coordination.k8s.io/v1/namespaces/a/leases/b/status")
    #expect(Node.definition.path(name: "a/b?c%") == "/api/v1/nodes/a%2Fb%3Fc%25")
  }

  @Test func `decoding ignores unknown fields and encoding adds the type`() throws {
    let json = try JSONValue(
      parsing: #"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"d","managedFields":[{"manager":"x"}],
        "labels":{"a":"b"}},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i","ports":[1]}],"x":{}},
        "status":{"phase":"Running","podIPs":[{"ip":"10.0.0.2"}],
        "conditions":[{"type":"Ready","status":"True","lastProbeTime":null}]}}
        """#)
    let pod = try Pod(json: json)
    #expect(pod.key.description == "Pod d/p")
    #expect(pod.spec?.containers == [.init(name: "c", image: "i")])
    #expect(pod.status?.conditions?[type: "Ready"]?.status == .true)
    let again = try pod.json()
    #expect(again["apiVersion"] == "v1")
    #expect(again["kind"] == "Pod")
    #expect(try Pod(json: again) == pod)
  }

  @Test func `metadata of a dynamic resource is changed without losing fields that are not declared`() throws {
    var resource = DynamicResource(
      definition: Node.definition,
      json: ["metadata": ["name": "n", "selfLink": "s", "finalizers": ["x"]], "spec": ["podCIDR": "10.0.0.0/8"]])
    try resource.updateMetadata {
      $0.finalizers = nil
      $0.labels = ["a": "b"]
    }
    #expect(
      resource.json == [
        "apiVersion": "v1", "kind": "Node", "metadata": ["name": "n", "selfLink": "s", "labels": ["a": "b"]],
        "spec": ["podCIDR": "10.0.0.0/8"],
      ])
    #expect(resource.key.description == "Node n")
  }

  @Test func `the time of a condition's transition is kept while its status is`() {
    let first = [Condition]().setting("Ready", .false, reason: "Waiting", message: "for a", now: "1")
    let second = first.setting("Ready", .false, reason: "Waiting", message: "for b", now: "2")
    #expect(second[type: "Ready"]?.lastTransitionTime == "1")
    #expect(second[type: "Ready"]?.message == "for b")
    #expect(second.setting("Ready", .true, reason: "Done", message: "", now: "3")[0].lastTransitionTime == "3")
    #expect(second.setting("Blocked", .true, reason: "X", message: "", now: "3").map(\.type) == ["Ready", "Blocked"])
  }

  @Test func `base64 both ways and refusals`() {
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    #expect(Base64.encode(Array("hello".utf8)) == "aGVsbG8=")
    #expect(Base64.decode("aGVs\nbG8") == Array("hello".utf8))
    for malformed in ["a", "a===", "aGVsbG8=x", "aGVs*G8="] { #expect(Base64.decode(malformed) == nil) }
  }
}

@Suite struct LabelSelectorTests {
  @Test func `matches and prints`() {
    let selector = LabelSelector(
      matchLabels: ["b": "2", "a": "1"],
      matchExpressions: [
        .init(key: "c", operator: .in, values: ["x", "y"]), .init(key: "d", operator: .notIn, values: ["z"]),
        .init(key: "e", operator: .exists), .init(key: "f", operator: .doesNotExist),
      ])
    #expect(selector.queryString == "a=1,b=2,c in (x,y),d notin (z),e,!f")
    let labels = ["a": "1", "b": "2", "c": "y", "e": ""]
    #expect(selector.matches(labels))
    #expect(!selector.matches(labels.merging(["f": ""]) { $1 }))
    #expect(!selector.matches(labels.merging(["d": "z"]) { $1 }))
    #expect(!selector.matches(nil))
    #expect(LabelSelector().matches(nil))
  }
}
