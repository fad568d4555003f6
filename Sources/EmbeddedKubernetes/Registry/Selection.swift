import APIMachinery
import JSON

/// The label and field selector of a request.
struct Selection: Sendable {
  let type: ResourceType
  let labels: LabelSelector
  let fields: FieldSelector

  init(_ options: ListOptions, type: ResourceType) throws {
    self.type = type
    labels = try LabelSelector.parse(options.labelSelector)
    fields = try FieldSelector.parse(options.fieldSelector, for: type)
  }

  var isEverything: Bool { labels.isEverything && fields.isEverything }

  /// Nothing but one name is asked for.
  var onlyName: String? { labels.isEverything ? fields.exactName : nil }

  func matches(_ object: JSONValue) -> Bool {
    (labels.isEverything || labels.matches(EmbeddedKubernetes.labels(of: object)))
      && (fields.isEverything || fields.matches(object, of: type))
  }

  func matches(_ object: StoredObject, as served: Served) throws -> Bool {
    try isEverything || matches(served.represent(object))
  }
}
