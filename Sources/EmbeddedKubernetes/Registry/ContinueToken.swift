import APIMachinery
import FoundationEssentials
import JSON

/// Where the next page of a list begins, and of which state of the store it is: as Kubernetes writes it, base64 of
/// `{"v":"meta.k8s.io/v1","rv":12,"start":"default/a\u0000"}`.
struct ContinueToken: Sendable, Hashable {
  var revision: Revision
  /// The last object of the page before.
  var namespace: String
  var name: String

  init(revision: Revision, namespace: String, name: String) {
    (self.revision, self.namespace, self.name) = (revision, namespace, name)
  }

  init(parsing text: String) throws {
    var standard = text.replacing("-", with: "+").replacing("_", with: "/")
    standard += String(repeating: "=", count: (4 - standard.count % 4) % 4)
    guard let data = Data(base64Encoded: standard) else {
      throw Self.failure("illegal base64 data at input byte \(text.utf8.count / 4 * 4)")
    }
    guard data.first == UInt8(ascii: "{") else {
      let first = data.first.map { String(Unicode.Scalar($0)) } ?? ""
      throw Self.failure(
        data.isEmpty
          ? "unexpected end of JSON input" : "invalid character '\(first)' looking for beginning of value")
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: [UInt8](data))
    } catch {
      throw Self.failure("unexpected end of JSON input")
    }
    guard value["v"]?.string == "meta.k8s.io/v1" else {
      throw StatusError.badRequest(
        "continue key is not valid: server does not recognize this encoded version \"\(value["v"]?.string ?? "")\"")
    }
    guard let revision = value["rv"]?.integer, revision > 0 else {
      throw StatusError.badRequest(
        "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    }
    guard let start = value["start"]?.string, start.hasSuffix("\0"),
      let separator = start.firstIndex(of: "/")
    else { throw StatusError.badRequest("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)") }
    self.revision = revision
    namespace = String(start[..<separator])
    name = String(start[start.index(after: separator)...].dropLast())
  }

  var text: String {
    let value: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": .integer(revision), "start": .string("\(namespace)/\(name)\0"),
    ]
    return Data(value.serialized()).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  private static func failure(_ why: String) -> StatusError {
    .badRequest("invalid continue token: continue key is not valid: \(why)")
  }
}
