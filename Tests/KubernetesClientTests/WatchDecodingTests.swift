import JSON
import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite struct LineFramerTests {
  @Test func `gives the same lines for every split`() {
    let text = Array("{\"a\":1}\n\n{\"b\":\"é\"}\r\n{\"c\":[]}\nrest".utf8)
    let expected = ["{\"a\":1}", "{\"b\":\"é\"}\r", "{\"c\":[]}"]
    for first in 0...text.count {
      for second in first...text.count {
        var framer = LineFramer()
        var lines: [String] = []
        for chunk in [text[..<first], text[first..<second], text[second...]] {
          #expect(framer.append(chunk) == true)
          while let line = framer.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == expected)
        #expect(framer.hasPartialLine)
      }
    }
  }

  @Test func `refuses a line without end`() {
    var framer = LineFramer(limit: 10)
    #expect(framer.append(Array("123456789\n".utf8)) == true)
    #expect(framer.next() != nil)
    #expect(framer.next() == nil)
    #expect(framer.append(Array("1234567890".utf8)) == true)
    #expect(framer.next() == nil)
    #expect(framer.append(Array("1".utf8)) == false)
  }
}

@Suite struct WatchEventTests {
  private func read(_ line: String) throws -> WatchEvent<Pod> {
    try WatchEvent(line: Array(line.utf8), attempt: "watch pods") { try Pod(json: $0) }
  }

  @Test func `reads each type`() throws {
    guard case .added(let pod) = try read(#"{"type":"ADDED","object":{"metadata":{"name":"a"}}}"#) else {
      Issue.record("not added")
      return
    }
    #expect(pod.metadata.name == "a")
    guard
      case .bookmark("12") = try read(#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12"}}}"#)
    else {
      Issue.record("not a bookmark")
      return
    }
    guard case .deleted = try read(#"{"type":"DELETED","object":{"metadata":{"name":"a"}}}"#) else {
      Issue.record("not deleted")
      return
    }
  }

  @Test func `an object that cannot be read is an event, not an end`() throws {
    let line = #"{"type":"MODIFIED","object":{"metadata":{"name":"a","namespace":"n","resourceVersion":"9"},"spec":7}}"#
    guard case .undecodable(let object, deleted: false) = try read(line) else {
      Issue.record("not undecodable")
      return
    }
    #expect(object.name == NamespacedName(namespace: "n", name: "a"))
    #expect(object.resourceVersion == "9")
  }

  @Test func `an error event is the server's error`() {
    let line = #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"#
    let error = #expect(throws: KubernetesAPIError.self) { try read(line) }
    #expect(error?.isGone == true)
    #expect(throws: KubernetesAPIError.self) { try read("{") }
    #expect(throws: KubernetesAPIError.self) { try read(#"{"type":"WHAT","object":{}}"#) }
  }
}
