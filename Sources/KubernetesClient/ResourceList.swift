import JSON
public import KubernetesModel

/// An object that the server sent and that could not be read as its kind.
public struct UndecodableObject: Sendable, Hashable, CustomStringConvertible {
  /// Its namespace and name.
  public var name: NamespacedName
  /// Its version.
  public var resourceVersion: String?
  /// What is wrong with it.
  public var problem: String

  /// An object of this name with a problem.
  public init(name: NamespacedName, resourceVersion: String?, problem: String) {
    self.name = name
    self.resourceVersion = resourceVersion
    self.problem = problem
  }

  init(_ json: JSONValue, _ error: any Error) {
    let metadata = json["metadata"]
    self.init(
      name: NamespacedName(namespace: metadata?["namespace"]?.string, name: metadata?["name"]?.string ?? ""),
      resourceVersion: metadata?["resourceVersion"]?.string, problem: "\(error)")
  }

  /// `test/a: ...`.
  public var description: String { "\(name): \(problem)" }
}

/// A page of a collection, or the whole of it.
public struct ResourceList<Object: Sendable>: Sendable {
  /// The objects.
  public var items: [Object]
  /// Those that could not be read; they exist nevertheless.
  public var undecodable: [UndecodableObject]
  /// The version of the collection: where a watch begins.
  public var resourceVersion: String
  /// Where the next page begins; nil at the end.
  public var continueToken: String?

  /// A list of the parts.
  public init(
    items: [Object], undecodable: [UndecodableObject] = [], resourceVersion: String, continueToken: String? = nil
  ) {
    self.items = items
    self.undecodable = undecodable
    self.resourceVersion = resourceVersion
    self.continueToken = continueToken
  }

  /// Reads a list object; an item that cannot be read does not break the others.
  ///
  /// - Throws: `KubernetesAPIError` (`undecodable`) when it is not a list at all.
  init(_ json: JSONValue, attempt: String, decode: (JSONValue) throws -> Object) throws(KubernetesAPIError) {
    guard let metadata = json["metadata"], let elements = json["items"] else {
      throw KubernetesAPIError(attempt: attempt, reason: .undecodable, message: "the answer is not a list")
    }
    let token = metadata["continue"]?.string
    self.init(
      items: [], resourceVersion: metadata["resourceVersion"]?.string ?? "",
      continueToken: token?.isEmpty == false ? token : nil)
    for element in elements.array ?? [] {
      do { items.append(try decode(element)) } catch { undecodable.append(UndecodableObject(element, error)) }
    }
  }
}
