import JSON

/// A column of the table in which an object is shown.
struct TableColumn: Sendable {
  var name: String
  var type: String
  var format: String
  var priority: Int64
  var description: String
  /// The cell of an object at a time.
  var value: @Sendable (_ object: JSONValue, _ now: Timestamp) -> JSONValue

  init(
    _ name: String, type: String = "string", format: String = "", priority: Int64 = 0, description: String = "",
    value: @escaping @Sendable (JSONValue, Timestamp) -> JSONValue
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.priority = priority
    self.description = description
    self.value = value
  }

  static let name = TableColumn(
    "Name", format: "name",
    description: "Name must be unique within a namespace. Is required when creating resources, although some resources "
      + "may allow a client to request the generation of an appropriate name automatically."
  ) { object, _ in object[path: "metadata", "name"] ?? "" }

  static let age = TableColumn(
    "Age",
    description: "CreationTimestamp is a timestamp representing the server time when this object was created."
  ) { object, now in .string(BuiltInKind.age(object[path: "metadata", "creationTimestamp"]?.string, now)) }

  var json: JSONValue {
    [
      "name": .string(name), "type": .string(type), "format": .string(format), "description": .string(description),
      "priority": .integer(priority),
    ]
  }
}

/// Objects as `kubectl get` shows them (`meta.k8s.io` Table).
public enum Table {
  /// What each row carries of its object.
  public enum RowObject: String, Sendable {
    case none = "None"
    case metadata = "Metadata"
    case object = "Object"

    /// The value of the query parameter `includeObject`; absent means the metadata.
    public static func parse(_ text: String?) throws(StatusError) -> RowObject {
      guard let text, !text.isEmpty else { return .metadata }
      guard let value = RowObject(rawValue: text) else {
        throw .invalid(
          ResourceName(group: "meta.k8s.io", name: "TableOptions"), name: "",
          [.notSupported("includeObject", .string(text), supported: ["Metadata", "None", "Object", ""])])
      }
      return value
    }
  }

  /// A Table of objects; its metadata (resourceVersion, continue) is the caller's to set.
  /// - Parameters:
  ///   - now: the time of the request, for ages.
  ///   - includeColumns: false for the events of a watch after the first.
  ///   - version: `v1` or `v1beta1`.
  public static func render(
    type: ResourceType, items: [JSONValue], now: String, includeObject: RowObject = .metadata,
    includeColumns: Bool = true,
    version: String = "v1"
  ) -> JSONValue {
    let columns = type.behavior.columns
    let time = Timestamp(now) ?? Timestamp(seconds: 0)
    let apiVersion = "meta.k8s.io/\(version)"
    let rows = items.map { item -> JSONValue in
      var row: [String: JSONValue] = ["cells": .array(columns.map { $0.value(item, time) })]
      switch includeObject {
      case .none: break
      case .metadata: row["object"] = PartialObjectMetadata.render(item, apiVersion: apiVersion)
      case .object: row["object"] = item
      }
      return .object(row)
    }
    return [
      "kind": "Table", "apiVersion": .string(apiVersion), "metadata": .object([:]),
      "columnDefinitions": includeColumns ? .array(columns.map(\.json)) : .null, "rows": .array(rows),
    ]
  }
}

/// Objects reduced to their metadata (`meta.k8s.io` PartialObjectMetadata).
public enum PartialObjectMetadata {
  /// The metadata of one object.
  public static func render(_ object: JSONValue, apiVersion: String = "meta.k8s.io/v1") -> JSONValue {
    [
      "kind": "PartialObjectMetadata", "apiVersion": .string(apiVersion),
      "metadata": object["metadata"] ?? .object([:]),
    ]
  }
}
