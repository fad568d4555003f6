extension NetworkReference {
  /// Reads the annotation `k8s.v1.cni.cncf.io/policy-for` of a MultiNetworkPolicy in `namespace`: `name, other/name`. A name
  /// alone is of the policy's own namespace; an annotation without text selects nothing.
  public static func list(
    policyFor text: String, namespace: String
  ) throws(NetworkAnnotationError) -> [NetworkReference] {
    guard text.contains(where: { !$0.isWhitespace }) else { return [] }
    var references: [NetworkReference] = []
    for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
      let item = String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      guard let reference = NetworkReference(item.contains("/") ? item : "\(namespace)/\(item)") else {
        throw NetworkAnnotationError(
          annotation: PodAnnotation.policyFor, field: "[\(index)]", value: item,
          reason: "it is no name of a NetworkAttachmentDefinition", remedy: "write name or namespace/name")
      }
      references.append(reference)
    }
    return references
  }
}
