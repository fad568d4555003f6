import JSON
import KubernetesClient
import KubernetesModel
import Testing

@Suite struct RequestTests {
  let pods = ResourceRequests(Pod.definition)
  let name = NamespacedName(namespace: "test", name: "a")

  @Test func `lists with selectors, pages and versions`() {
    let selector = LabelSelector(matchLabels: ["app": "x y"])
    let first = pods.list(
      namespace: nil, ListOptions(labelSelector: selector, fieldSelector: "spec.nodeName=w1", limit: 500))
    #expect(first.target == "/api/v1/pods?labelSelector=app%3Dx%20y&fieldSelector=spec.nodeName%3Dw1&limit=500")
    let next = pods.list(
      namespace: "test", ListOptions(limit: 500, continueToken: "a+b/=", resourceVersion: "5"))
    #expect(next.target == "/api/v1/namespaces/test/pods?limit=500&continue=a%2Bb%2F%3D")
  }

  @Test func `watches carry the version in the query`() {
    let watch = pods.watch(namespace: "test", from: "17", WatchOptions(timeout: .seconds(290)))
    #expect(
      watch.target
        == "/api/v1/namespaces/test/pods?watch=true&resourceVersion=17&timeoutSeconds=290&allowWatchBookmarks=true")
  }

  @Test(arguments: [
    (
      Patch.json([["op": "remove", "path": "/x"]]), "application/json-patch+json", #"[{"op":"remove","path":"/x"}]"#, ""
    ),
    (.merge(["a": nil]), "application/merge-patch+json", #"{"a":null}"#, ""),
    (.strategic(["a": 1]), "application/strategic-merge-patch+json", #"{"a":1}"#, ""),
    (
      .apply(["a": 1], manager: "me", force: true), "application/apply-patch+yaml", #"{"a":1}"#,
      "?fieldManager=me&force=true"
    ),
  ])
  func `patches have their media type`(patch: Patch, type: String, body: String, query: String) {
    let request = pods.patch(name, patch, subresource: "status", WriteOptions())
    #expect(request.method == "PATCH")
    #expect(request.target == "/api/v1/namespaces/test/pods/a/status" + query)
    #expect(request.body?.contentType == type)
    #expect(request.body.map { String(decoding: $0.bytes, as: UTF8.self) } == body)
  }

  @Test func `writes and deletions`() throws {
    let object: JSONValue = ["metadata": ["name": "a"]]
    let create = pods.create(
      object, namespace: "test", WriteOptions(dryRun: true, fieldManager: "me", fieldValidation: .strict))
    #expect(create.target == "/api/v1/namespaces/test/pods?dryRun=All&fieldManager=me&fieldValidation=Strict")
    #expect(create.attempt == "create Pod test/a")
    #expect(pods.replace(name, with: object, subresource: "status", WriteOptions()).method == "PUT")
    let delete = pods.delete(
      name, DeleteOptions(propagation: .foreground, gracePeriod: .zero, uid: "u", resourceVersion: "3", dryRun: true))
    #expect(delete.method == "DELETE")
    #expect(
      try JSONValue(parsing: try #require(delete.body).bytes) == [
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground", "gracePeriodSeconds": 0,
        "preconditions": ["uid": "u", "resourceVersion": "3"], "dryRun": ["All"],
      ])
    let collection = pods.deleteCollection(
      namespace: "test", DeleteOptions(), matching: ListOptions(labelSelector: LabelSelector(matchLabels: ["a": "b"])))
    #expect(collection.target == "/api/v1/namespaces/test/pods?labelSelector=a%3Db")
  }

  @Test func `errors are read from Status, and from what is none`() {
    let invalid = KubernetesAPIError(
      attempt: "create L2Service test/x", code: 422,
      body: [
        "kind": "Status", "reason": "Invalid", "code": 422, "message": "L2Service \"x\" is invalid",
        "details": [
          "causes": [["reason": "FieldValueInvalid", "field": "spec.segmentationID", "message": "must be less"]],
          "retryAfterSeconds": 3,
        ],
      ])
    #expect(invalid.reason == .invalid)
    #expect(
      invalid.causes == [.init(reason: "FieldValueInvalid", field: "spec.segmentationID", message: "must be less")])
    #expect(invalid.retryAfter == .seconds(3))
    #expect("\(invalid)" == "cannot create L2Service test/x: L2Service \"x\" is invalid (Invalid, 422)")
    let proxy = KubernetesAPIError(attempt: "get", code: 503, body: nil, text: "<html>busy")
    #expect(proxy.reason == .serviceUnavailable)
    #expect(proxy.message == "<html>busy")
    #expect(KubernetesAPIError(attempt: "", code: 410, body: nil).isGone)
  }
}
