import JSON

extension BuiltInKind {
  static let event = BuiltInKind(
    kind: "Event", plural: "events", shortNames: ["ev"],
    selectable: ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map {
      SelectableField("involvedObject.\($0)")
    } + [
      SelectableField("reason"), SelectableField("reportingComponent"), SelectableField("type"),
      SelectableField("source") { event in
        event[path: "source", "component"]?.string ?? event["reportingComponent"]?.string ?? ""
      },
    ],
    prepareForUpdate: { _, _, _ in },
    validate: { event in
      validateEventNamespace(event, "involvedObject")
        + (event["eventTime"]?.string == nil ? [] : validateNewEvent(event, controller: "reportingComponent"))
    },
    columns: eventColumns)

  /// The same events as the group events.k8s.io names their fields.
  static let newEvent = BuiltInKind(
    group: "events.k8s.io", kind: "Event", plural: "events", shortNames: ["ev"], package: "io.k8s.api.events.v1",
    storageKey: "events", errorGroup: "",
    selectable: ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map {
      SelectableField("regarding.\($0)")
    } + [SelectableField("reason"), SelectableField("reportingController"), SelectableField("type")],
    prepareForUpdate: { _, _, _ in },
    validate: { event in
      guard event["eventTime"]?.string != nil else { return [.required("eventTime")] }
      return validateEventNamespace(event, "regarding") + validateNewEvent(event, controller: "reportingController")
    },
    validateUpdate: { event, old, _ in [] },
    toStored: { converted($0, from: \.new, to: \.core, apiVersion: "v1", type: "\(corePackage).Event") },
    fromStored: {
      converted($0, from: \.core, to: \.new, apiVersion: "events.k8s.io/v1", type: "io.k8s.api.events.v1.Event")
    },
    columns: eventColumns.map { column in
      TableColumn(
        column.name, type: column.type, format: column.format, priority: column.priority,
        description: column.description
      ) {
        event, now in
        column.value(converted(event, from: \.new, to: \.core, apiVersion: "v1", type: "\(corePackage).Event"), now)
      }
    })

  private static let fieldNames: [(core: String, new: String)] = [
    ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
  ]

  private static func converted(
    _ event: JSONValue, from: KeyPath<(core: String, new: String), String>,
    to: KeyPath<(core: String, new: String), String>,
    apiVersion: String, type: String
  ) -> JSONValue {
    var result = event
    for names in fieldNames {
      result[names[keyPath: to]] = event[names[keyPath: from]]
      result[names[keyPath: from]] = nil
    }
    result["apiVersion"] = .string(apiVersion)
    var decoder = TypedDecoder()
    // An event that was decoded once has the right types: only the form of empty fields differs.
    return (try? decoder.decode(result, as: TypeLibrary.builtIn[type])) ?? result
  }

  private static func validateEventNamespace(_ event: JSONValue, _ field: String) -> [FieldError] {
    let namespace = event[path: "metadata", "namespace"]?.string ?? ""
    let involved = event[path: field, "namespace"]?.string ?? ""
    guard involved != namespace, !(involved.isEmpty && namespace == "default") else { return [] }
    return [.invalid("involvedObject.namespace", .string(involved), "does not match event.namespace")]
  }

  private static func validateNewEvent(_ event: JSONValue, controller: String) -> [FieldError] {
    var errors: [FieldError] = []
    let reporter = event[controller]?.string ?? ""
    if reporter.isEmpty {
      errors.append(.required("reportingController"))
    } else {
      errors += Names.qualifiedName(reporter).map { .invalid("reportingController", .string(reporter), $0) }
    }
    for key in ["reportingInstance", "action", "reason"] {
      let text = event[key]?.string ?? ""
      if text.isEmpty { errors.append(.required(key)) }
      if text.utf8.count > 128 { errors.append(.invalid(key, .string(text), "can have at most 128 characters")) }
    }
    if !["Normal", "Warning"].contains(event["type"]?.string) {
      errors.append(.invalid("type", event["type"] ?? "", "has invalid value: \(event["type"]?.string ?? "")"))
    }
    return errors
  }

  private static let eventColumns: [TableColumn] = [
    TableColumn("Last Seen", description: "Time of the most recent occurrence of this event.") { event, now in
      .string(age(lastSeen(event), now))
    },
    TableColumn("Type", description: "Type of this event (Normal, Warning).") { event, _ in event["type"] ?? "" },
    TableColumn("Reason", description: "Why the object came into its current status.") { event, _ in
      event["reason"] ?? ""
    },
    TableColumn("Object", description: "The object that this event is about.") { event, _ in
      let kind = (event[path: "involvedObject", "kind"]?.string ?? "").lowercased()
      let name = event[path: "involvedObject", "name"]?.string ?? ""
      return .string(name.isEmpty ? kind : "\(kind)/\(name)")
    },
    TableColumn("Subobject", priority: 1, description: "The part of the object that this event is about.") { event, _ in
      event[path: "involvedObject", "fieldPath"] ?? ""
    },
    TableColumn("Source", priority: 1, description: "The component reporting this event.") { event, _ in
      let component = event[path: "source", "component"]?.string ?? event["reportingComponent"]?.string ?? ""
      let host = event[path: "source", "host"]?.string ?? event["reportingInstance"]?.string ?? ""
      return .string([component, host].filter { !$0.isEmpty }.joined(separator: ", "))
    },
    TableColumn("Message", description: "A human-readable description of the status of this operation.") { event, _ in
      let message = event["message"]?.string ?? ""
      return .string(message.trimmingSuffix { $0.isWhitespace })
    },
    TableColumn("First Seen", priority: 1, description: "The time at which the event was first recorded.") {
      event, now in
      .string(age(firstSeen(event), now))
    },
    TableColumn("Count", priority: 1, description: "The number of times this event has occurred.") { event, _ in
      let count = event["count"]?.integer ?? event[path: "series", "count"]?.integer ?? 1
      return .string("\(count)")
    },
    TableColumn("Name", format: "name", priority: 1, description: "Name of the event.") { event, _ in
      event[path: "metadata", "name"] ?? ""
    },
  ]

  private static func firstSeen(_ event: JSONValue) -> String? {
    event["firstTimestamp"]?.string ?? event["eventTime"]?.string
      ?? event[path: "metadata", "creationTimestamp"]?.string
  }

  private static func lastSeen(_ event: JSONValue) -> String? {
    event[path: "series", "lastObservedTime"]?.string ?? event["lastTimestamp"]?.string ?? firstSeen(event)
  }

  /// How long ago a time was; `<unknown>` without one.
  static func age(_ time: String?, _ now: Timestamp) -> String {
    time.flatMap { Timestamp($0) }.map { humanDuration(seconds: now.seconds - $0.seconds) } ?? "<unknown>"
  }
}

extension String {
  func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, predicate(last) { text.removeLast() }
    return String(text)
  }
}
