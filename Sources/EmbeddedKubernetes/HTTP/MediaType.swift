/// A media type with its parameters, as Accept and Content-Type have them.
struct MediaType: Sendable, Hashable {
  var name: String
  var parameters: [String: String]

  init(_ text: some StringProtocol) {
    let parts = text.split(separator: ";").map { $0.trimmingSpaces() }
    name = parts.first?.lowercased() ?? ""
    parameters = [:]
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      if pair.count == 2 { parameters[String(pair[0])] = String(pair[1]) }
    }
  }

  static func list(_ header: String) -> [MediaType] { header.split(separator: ",").map { MediaType($0) } }
}

extension StringProtocol {
  fileprivate func trimmingSpaces() -> String {
    String(Substring(self).drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

/// The form in which a client wants an answer.
struct Representation: Sendable, Hashable {
  enum Shape: Sendable, Hashable {
    case whole
    /// A Table of `meta.k8s.io/VERSION`.
    case table(version: String)
    case metadata
    case discovery(version: String)
  }

  var shape = Shape.whole
  var isYAML = false
  var isPretty = false

  /// The first form of an Accept header that this server can give, nil when there is none.
  static func negotiate(_ accept: String?) -> Representation? {
    guard let accept, !accept.isEmpty else { return Representation() }
    for type in MediaType.list(accept) {
      var chosen = Representation()
      switch type.name {
      case "application/json", "application/*", "*/*": break
      case "application/yaml": chosen.isYAML = true
      default: continue
      }
      let version = type.parameters["v"] ?? ""
      switch type.parameters["as"] {
      case nil: return chosen
      case "Table" where version == "v1" || version == "v1beta1": chosen.shape = .table(version: version)
      case "PartialObjectMetadata", "PartialObjectMetadataList": chosen.shape = .metadata
      case "APIGroupDiscoveryList" where version == "v2": chosen.shape = .discovery(version: version)
      default: continue
      }
      return chosen
    }
    return nil
  }

  var contentType: String {
    if case .discovery(let version) = shape {
      return "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
    }
    return isYAML ? "application/yaml" : "application/json"
  }
}
