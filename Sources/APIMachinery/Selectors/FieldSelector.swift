import JSON

/// A field selector as the query parameter `fieldSelector` gives it: `metadata.name=a,status.phase!=Running`.
public struct FieldSelector: Sendable, Hashable {
  struct Term: Sendable, Hashable {
    var field: String
    var value: String
    var isEqual: Bool
  }

  var terms: [Term] = []

  /// Whether every object fits.
  public var isEverything: Bool { terms.isEmpty }

  /// The selector that every object fits.
  public static let everything = FieldSelector()

  /// The one name that can fit, when the selector asks for one.
  public var exactName: String? { terms.first { $0.field == "metadata.name" && $0.isEqual }?.value }

  /// Whether an object of `type` fits all terms.
  public func matches(_ object: JSONValue, of type: ResourceType) -> Bool {
    terms.allSatisfy { (type.selectableValue($0.field, of: object) == $0.value) == $0.isEqual }
  }

  /// Reads a selector over the fields that `type` supports; 400 otherwise.
  public static func parse(_ text: String, for type: ResourceType) throws(StatusError) -> FieldSelector {
    var selector = FieldSelector()
    for part in text.split(separator: ",") {
      let term = try parseTerm(part)
      guard type.selectableFields.contains(term.field) else {
        throw .badRequest(type.unsupportedFieldMessage(term.field))
      }
      selector.terms.append(term)
    }
    return selector
  }

  private static func parseTerm(_ text: Substring) throws(StatusError) -> Term {
    for operation in ["!=", "==", "="] {
      guard let range = text.firstRange(of: operation) else { continue }
      return Term(
        field: String(text[..<range.lowerBound]), value: unescaped(text[range.upperBound...]),
        isEqual: operation != "!=")
    }
    throw .badRequest("invalid selector: '\(text)'; can't understand '\(text)'")
  }

  /// Takes the backslashes off `\,`, `\=` and `\\`.
  private static func unescaped(_ text: Substring) -> String {
    var result = ""
    var escaped = false
    for character in text {
      if !escaped, character == "\\" {
        escaped = true
      } else {
        result.append(character)
        escaped = false
      }
    }
    return result
  }
}
