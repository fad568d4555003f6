public import KubernetesModel

/// A kind that is declared to the API server by a generated CustomResourceDefinition.
public protocol DeclaredResource: KubernetesResource {
  /// The kind's schema and columns.
  static var declaration: Declaration { get }
}

/// What a CustomResourceDefinition says beside names and scope.
public struct Declaration: Sendable {
  /// What the kind is for.
  let description: String
  /// The schema of `spec`.
  let spec: Schema
  /// Whether an object without `spec` is refused.
  var requiresSpec = true
  /// Versions that are served beside the stored one, with the same schema.
  var furtherVersions: [String] = []
  /// The schema of `status`; nil: the kind has none.
  let status: Schema?
  /// What `kubectl get` shows beside the name.
  let columns: [Column]

  /// The declaration of a kind with a status: phase, readiness, age and the reason are shown after the kind's own columns.
  init(_ description: String, spec: Schema, status: Schema, columns: [Column]) {
    self.description = description
    self.spec = spec
    self.status = status
    self.columns = columns.filter { !$0.isWide } + [.phase, .ready, .age] + columns.filter(\.isWide) + [.message]
  }

  /// The declaration of a kind of others, whose status has only the fields given.
  init(_ description: String, spec: Schema, plainStatus: Schema, columns: [Column]) {
    self.description = description
    self.spec = spec
    self.status = plainStatus
    self.columns = columns
  }

  /// The declaration of a kind that is only read, without status and columns of its own.
  init(_ description: String, optionalSpec: Schema, furtherVersions: [String] = []) {
    self.description = description
    self.spec = optionalSpec
    self.furtherVersions = furtherVersions
    self.requiresSpec = false
    self.status = nil
    self.columns = []
  }

  /// One column of `kubectl get`.
  struct Column: Sendable {
    let name: String
    let type: String
    let path: String
    let description: String
    /// Shown with `-o wide` only.
    var isWide = false

    /// A column of text.
    static func text(_ name: String, _ path: String, _ description: String) -> Column {
      Column(name: name, type: "string", path: path, description: description)
    }

    /// A column of numbers.
    static func number(_ name: String, _ path: String, _ description: String) -> Column {
      Column(name: name, type: "integer", path: path, description: description)
    }

    /// The same column, shown with `-o wide` only.
    var wide: Column {
      var column = self
      column.isWide = true
      return column
    }

    /// The phase.
    static var phase: Column { .text("Phase", ".status.phase", "pending, ready, error, terminating or deleted") }

    /// The status of the condition `Ready`.
    static var ready: Column {
      .text("Ready", #".status.conditions[?(@.type=="Ready")].status"#, "Whether everything works")
    }

    /// Time since creation.
    static var age: Column {
      Column(name: "Age", type: "date", path: ".metadata.creationTimestamp", description: "Time since creation")
    }

    /// Why the object is ready or not.
    static var message: Column {
      Column.text("Message", #".status.conditions[?(@.type=="Ready")].message"#, "Why it is ready or not").wide
    }
  }
}
