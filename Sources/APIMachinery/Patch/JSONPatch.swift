import JSON

struct JSONPatchFailure: Error {
  var message: String
}

/// One operation of RFC 6902.
enum JSONPatchOperation {
  case add(JSONPointer, JSONValue)
  case remove(JSONPointer)
  case replace(JSONPointer, JSONValue)
  case move(from: JSONPointer, to: JSONPointer)
  case copy(from: JSONPointer, to: JSONPointer)
  case test(JSONPointer, JSONValue)

  static func parse(_ patch: JSONValue) throws(JSONPatchFailure) -> [Self] {
    guard case .array(let elements) = patch else {
      throw JSONPatchFailure(message: "json: cannot unmarshal \(patch.goKind) into Go value of type jsonpatch.Patch")
    }
    var operations: [Self] = []
    for element in elements { operations.append(try Self(element)) }
    return operations
  }

  init(_ json: JSONValue) throws(JSONPatchFailure) {
    func pointer(_ key: String) throws(JSONPatchFailure) -> JSONPointer {
      guard let text = json[key]?.string else { throw JSONPatchFailure(message: "missing member '\(key)' in \(json)") }
      return try JSONPointer(text)
    }
    func value() throws(JSONPatchFailure) -> JSONValue {
      guard let value = json["value"] else { throw JSONPatchFailure(message: "missing member 'value' in \(json)") }
      return value
    }
    switch json["op"]?.string {
    case "add": self = .add(try pointer("path"), try value())
    case "remove": self = .remove(try pointer("path"))
    case "replace": self = .replace(try pointer("path"), try value())
    case "move": self = .move(from: try pointer("from"), to: try pointer("path"))
    case "copy": self = .copy(from: try pointer("from"), to: try pointer("path"))
    case "test": self = .test(try pointer("path"), try value())
    default: throw JSONPatchFailure(message: "Unexpected kind: \(json["op"]?.description ?? "unknown")")
    }
  }

  func apply(to document: inout JSONValue) throws(JSONPatchFailure) {
    switch self {
    case .add(let path, let value): try path.add(value, to: &document)
    case .remove(let path): _ = try path.remove(from: &document)
    case .replace(let path, let value):
      _ = try path.value(in: document)
      try path.replace(with: value, in: &document)
    case .move(let from, let to):
      guard !to.isInside(from) else {
        throw JSONPatchFailure(message: "move operation: \(from) cannot be moved into itself, \(to)")
      }
      try to.add(try from.remove(from: &document), to: &document)
    case .copy(let from, let to): try to.add(try from.value(in: document), to: &document)
    case .test(let path, let expected):
      let actual = (try? path.value(in: document)) ?? .null
      guard actual.isEqualJSON(expected) else { throw JSONPatchFailure(message: "testing value \(path) failed") }
    }
  }
}

/// A JSON pointer (RFC 6901).
struct JSONPointer: CustomStringConvertible {
  let tokens: [String]
  let description: String

  init(_ text: String) throws(JSONPatchFailure) {
    description = text
    guard !text.isEmpty else {
      tokens = []
      return
    }
    guard text.hasPrefix("/") else { throw JSONPatchFailure(message: "invalid JSON pointer \(goQuoted(text))") }
    tokens = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
      String($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }

  func isInside(_ other: JSONPointer) -> Bool {
    tokens.count > other.tokens.count && tokens.starts(with: other.tokens)
  }

  func value(in document: JSONValue) throws(JSONPatchFailure) -> JSONValue {
    var current = document
    for token in tokens {
      switch current {
      case .object(let members):
        guard let member = members[token] else { throw missing }
        current = member
      case .array(let elements):
        current = elements[try index(token, below: elements.count)]
      default: throw missing
      }
    }
    return current
  }

  func add(_ value: JSONValue, to document: inout JSONValue) throws(JSONPatchFailure) {
    try edit(&document, tokens[...]) { parent, token throws(JSONPatchFailure) in
      switch parent {
      case .object(var members):
        members[token] = value
        parent = .object(members)
      case .array(var elements):
        let position = token == "-" ? elements.count : try index(token, below: elements.count + 1)
        elements.insert(value, at: position)
        parent = .array(elements)
      default: throw missing
      }
    } whole: {
      $0 = value
    }
  }

  func replace(with value: JSONValue, in document: inout JSONValue) throws(JSONPatchFailure) {
    try edit(&document, tokens[...]) { parent, token throws(JSONPatchFailure) in
      switch parent {
      case .object(var members):
        members[token] = value
        parent = .object(members)
      case .array(var elements):
        elements[try index(token, below: elements.count)] = value
        parent = .array(elements)
      default: throw missing
      }
    } whole: {
      $0 = value
    }
  }

  func remove(from document: inout JSONValue) throws(JSONPatchFailure) -> JSONValue {
    let removed = try value(in: document)
    try edit(&document, tokens[...]) { parent, token throws(JSONPatchFailure) in
      switch parent {
      case .object(var members):
        members[token] = nil
        parent = .object(members)
      case .array(var elements):
        elements.remove(at: try index(token, below: elements.count))
        parent = .array(elements)
      default: throw missing
      }
    } whole: {
      $0 = .null
    }
    return removed
  }

  /// Runs `change` on the value that holds the pointer's target, or `whole` when the pointer names the document.
  private func edit(
    _ value: inout JSONValue, _ path: ArraySlice<String>,
    change: (inout JSONValue, String) throws(JSONPatchFailure) -> Void, whole: (inout JSONValue) -> Void
  ) throws(JSONPatchFailure) {
    guard let token = path.first else {
      whole(&value)
      return
    }
    guard path.count > 1 else {
      try change(&value, token)
      return
    }
    switch value {
    case .object(var members):
      guard var member = members[token] else { throw missing }
      members[token] = nil
      value = .null
      try edit(&member, path.dropFirst(), change: change, whole: whole)
      members[token] = member
      value = .object(members)
    case .array(var elements):
      let position = try index(token, below: elements.count)
      try edit(&elements[position], path.dropFirst(), change: change, whole: whole)
      value = .array(elements)
    default: throw missing
    }
  }

  private func index(_ token: String, below limit: Int) throws(JSONPatchFailure) -> Int {
    guard let index = Int(token), String(index) == token, (0..<limit).contains(index) else {
      throw JSONPatchFailure(message: "Unable to access invalid index: \(token): invalid index referenced")
    }
    return index
  }

  private var missing: JSONPatchFailure {
    JSONPatchFailure(message: "Unable to reach nonexistent key: \(tokens.last ?? ""): missing value")
  }
}
