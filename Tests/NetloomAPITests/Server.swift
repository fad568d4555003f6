import JSON
import KubernetesModel
import NetloomAPI
import Testing

@testable import APIMachinery

/// What an API server answers to a new object, by the project's own implementation of one.
enum Server {
  /// The errors for a new object of a declared kind, as kubectl prints them: `field: message`.
  static func refusals(of object: JSONValue, as kind: any DeclaredResource.Type) throws -> [String] {
    let types = try ResourceType.custom(crd: CRDGenerator.manifest(for: kind))
    return try refusals(of: object, as: #require(types.first))
  }

  /// The errors for a CustomResourceDefinition.
  static func refusals(ofDefinition manifest: JSONValue) -> [String] {
    CustomResourceDefinitions.validate(manifest).map { "\($0.field): \($0.body)" }
  }

  private static func refusals(of object: JSONValue, as type: ResourceType) throws -> [String] {
    let context = RequestContext(
      namespace: type.namespaced ? object[path: "metadata", "namespace"]?.string : nil, now: "2026-01-01T00:00:00Z")
    do {
      let decoded = try type.decode(object, fieldValidation: .strict, isPatch: false)
      _ = try type.prepareForCreate(decoded.object, context: context)
      return []
    } catch {
      let causes = error.details?.causes ?? []
      return causes.isEmpty ? [error.message] : causes.map { "\($0.field): \($0.message)" }
    }
  }
}
