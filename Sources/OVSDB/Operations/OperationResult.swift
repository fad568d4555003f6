import JSON

/// The server's answer to one operation of a transaction that was committed (RFC 7047 section 5.2).
public struct OperationResult: Sendable, Hashable {
  /// The id of the row that an `insert` made.
  public let insertedID: RowID?
  /// How many rows an `update`, `mutate` or `delete` found.
  public let count: Int?
  /// What a `select` found.
  public let rows: [Row]?

  /// Reads the answer of a whole transaction.
  ///
  /// The array has one element an operation, in order; at the first that failed an error object, then nulls. When
  /// only the commit failed, one more element tells why.
  static func parse(
    _ reply: JSONValue, to operations: [Operation], attempt: String
  ) throws(OVSDBError) -> [OperationResult] {
    guard let elements = reply.array, elements.count >= operations.count else {
      throw OVSDBError(.protocolViolation, attempt: attempt, reason: "the answer has fewer results than operations")
    }
    for (index, element) in elements.enumerated() {
      guard let word = element["error"]?.string else { continue }
      throw failure(word, element, index: index < operations.count ? index : nil, operations, attempt)
    }
    var results: [OperationResult] = []
    results.reserveCapacity(operations.count)
    for (index, element) in elements.prefix(operations.count).enumerated() {
      guard let result = OperationResult(json: element) else {
        throw OVSDBError(
          .protocolViolation, attempt: attempt, reason: "the result is not one of RFC 7047: \(element)",
          operationIndex: index)
      }
      results.append(result)
    }
    return results
  }

  private init?(json: JSONValue) {
    guard case .object(let object) = json else { return nil }
    count = object["count"]?.integer.map { Int($0) }
    switch object["uuid"].map(Atom.init(json:)) {
    case nil: insertedID = nil
    case .uuid(let id): insertedID = id
    default: return nil
    }
    guard let found = object["rows"] else {
      rows = nil
      return
    }
    var rows: [Row] = []
    for element in found.array ?? [] {
      guard let row = Row(selected: element) else { return nil }
      rows.append(row)
    }
    self.rows = rows
  }

  private static func failure(
    _ word: String, _ element: JSONValue, index: Int?, _ operations: [Operation], _ attempt: String
  ) -> OVSDBError {
    let operation = index.map { "\(operations[$0].summary): " } ?? ""
    let details = element["details"]?.string.map { ": \($0)" } ?? ""
    return OVSDBError(
      OVSDBError.Code(word: word), attempt: attempt, reason: "\(operation)\(word)\(details)", operationIndex: index)
  }
}
