import JSON
import Yams

/// The documents of a YAML text, as a foreign reader sees them.
func yamlDocuments(in text: String) throws -> [JSONValue] {
  try Yams.compose_all(yaml: text).map(json)
}

private func json(_ node: Yams.Node) -> JSONValue {
  switch node {
  case .mapping(let mapping):
    .object(Dictionary(uniqueKeysWithValues: mapping.map { ($0.key.string ?? "", json($0.value)) }))
  case .sequence(let sequence): .array(sequence.map(json))
  default:
    // Quoted text is never a number or truth value.
    if node.scalar?.style == .plain, let number = node.int {
      .integer(Int64(number))
    } else if node.scalar?.style == .plain, let truth = node.bool {
      .bool(truth)
    } else {
      .string(node.string ?? "")
    }
  }
}
