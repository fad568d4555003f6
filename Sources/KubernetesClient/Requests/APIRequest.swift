public import JSON
public import KubernetesModel

/// One HTTP request to the API server, as a value: building it does no I/O.
public struct APIRequest: Sendable, Hashable {
  /// One `name=value` of the query.
  public struct QueryItem: Sendable, Hashable {
    /// The parameter.
    public var name: String
    /// Its value, not yet percent-encoded.
    public var value: String

    /// A parameter and its value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The HTTP method.
  public var method: String
  /// The path, percent-encoded, below that of the server's URL.
  public var path: String
  /// The query, in order.
  public var query: [QueryItem]
  /// What is accepted; `application/json` when nothing else is said.
  public var accept: String
  /// The body and its media type.
  public var body: Body?
  /// What is attempted, for errors and logs: `get Pod test/a`.
  public var attempt: String

  /// A body and its media type.
  public struct Body: Sendable, Hashable {
    /// The media type.
    public var contentType: String
    /// The text.
    public var bytes: [UInt8]

    /// A body.
    public init(contentType: String = "application/json", _ json: JSONValue) {
      self.contentType = contentType
      self.bytes = json.serialized()
    }
  }

  /// A request of the parts.
  public init(
    method: String = "GET", path: String, query: [QueryItem] = [], accept: String = "application/json",
    body: Body? = nil, attempt: String? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.body = body
    self.attempt = attempt ?? "\(method) \(path)"
  }

  /// The path and the query, percent-encoded (RFC 3986 section 3.4).
  public var target: String {
    guard !query.isEmpty else { return path }
    return path + "?" + query.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
  }

  private static func encode(_ text: String) -> String {
    text.utf8.reduce(into: "") { encoded, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
  }
}

// MARK: - The requests of one kind

/// Builds the requests of one kind. Pure: what a client sends is tested without a server.
public struct ResourceRequests: Sendable, Hashable {
  /// The kind.
  public var definition: ResourceDefinition
  /// What answers are asked for, for example only metadata.
  public var accept: String

  /// Requests of a kind.
  public init(_ definition: ResourceDefinition, accept: String = "application/json") {
    self.definition = definition
    self.accept = accept
  }

  /// Reads one object or subresource.
  public func get(_ name: NamespacedName, subresource: String? = nil) -> APIRequest {
    one("GET", "get", name, subresource)
  }

  /// Reads one page of the collection; without a namespace, of all namespaces.
  public func list(namespace: String?, _ options: ListOptions) -> APIRequest {
    collection("GET", "list", namespace, options.query)
  }

  /// Watches the collection from a resource version on.
  public func watch(namespace: String?, from resourceVersion: String, _ options: WatchOptions) -> APIRequest {
    collection("GET", "watch", namespace, options.query(from: resourceVersion))
  }

  /// Creates an object in the namespace of its metadata.
  public func create(_ object: JSONValue, namespace: String?, _ options: WriteOptions) -> APIRequest {
    var request = collection("POST", "create", namespace, options.query)
    let name = object[path: "metadata", "name"]?.string ?? object[path: "metadata", "generateName"]?.string ?? ""
    request.attempt = "create \(definition.kind) \(NamespacedName(namespace: namespace, name: name))"
    request.body = .init(object)
    return request
  }

  /// Replaces an object or a subresource.
  public func replace(
    _ name: NamespacedName, with object: JSONValue, subresource: String? = nil, _ options: WriteOptions
  ) -> APIRequest {
    var request = one("PUT", "replace", name, subresource, options.query)
    request.body = .init(object)
    return request
  }

  /// Patches an object or a subresource.
  public func patch(
    _ name: NamespacedName, _ patch: Patch, subresource: String? = nil, _ options: WriteOptions
  ) -> APIRequest {
    var request = one("PATCH", patch.verb, name, subresource, options.query + patch.query)
    request.body = patch.body
    return request
  }

  /// Deletes an object.
  public func delete(_ name: NamespacedName, _ options: DeleteOptions) -> APIRequest {
    var request = one("DELETE", "delete", name, nil)
    request.body = options.body
    return request
  }

  /// Deletes every object of the collection that the list options choose.
  public func deleteCollection(namespace: String?, _ options: DeleteOptions, matching: ListOptions) -> APIRequest {
    var request = collection("DELETE", "delete every", namespace, matching.query)
    request.body = options.body
    return request
  }

  private func one(
    _ method: String, _ verb: String, _ name: NamespacedName, _ subresource: String?,
    _ query: [APIRequest.QueryItem] = []
  ) -> APIRequest {
    APIRequest(
      method: method, path: definition.path(namespace: name.namespace, name: name.name, subresource: subresource),
      query: query, accept: accept,
      attempt: "\(verb) \(subresource.map { "\($0) of " } ?? "")\(definition.kind) \(name)")
  }

  private func collection(
    _ method: String, _ verb: String, _ namespace: String?, _ query: [APIRequest.QueryItem]
  ) -> APIRequest {
    APIRequest(
      method: method, path: definition.path(namespace: namespace), query: query, accept: accept,
      attempt: "\(verb) \(definition.plural)\(namespace.map { " in \($0)" } ?? "")")
  }
}
