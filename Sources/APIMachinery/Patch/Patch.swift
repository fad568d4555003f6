import JSON

/// The patch formats of PATCH requests.
public enum Patch {
  /// JSON Merge Patch (RFC 7386): members of `patch` replace those of `value`, null removes, everything but objects is replaced.
  public static func merge(_ patch: JSONValue, to value: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var result = value.object ?? [:]
    for (key, change) in changes {
      if change.isNull {
        result[key] = nil
      } else {
        result[key] = merge(change, to: result[key] ?? .null)
      }
    }
    return .object(result)
  }

  /// The merge patch that makes `new` of `old` (both objects without nulls): what changed, null for what is gone.
  public static func mergeDifference(from old: JSONValue, to new: JSONValue) -> JSONValue {
    guard case .object(let before) = old, case .object(let after) = new else { return new }
    var patch: [String: JSONValue] = [:]
    for key in before.keys where after[key] == nil { patch[key] = .null }
    for (key, value) in after where before[key] != value {
      guard let former = before[key], former.object != nil, value.object != nil else {
        patch[key] = value
        continue
      }
      patch[key] = mergeDifference(from: former, to: value)
    }
    return .object(patch)
  }

  /// JSON Patch (RFC 6902): all operations, or none. 400 when `patch` is no list of operations, 422 when one cannot be applied.
  public static func json(_ patch: JSONValue, to value: JSONValue) throws(StatusError) -> JSONValue {
    let operations: [JSONPatchOperation]
    do {
      operations = try JSONPatchOperation.parse(patch)
    } catch {
      throw .badRequest("error decoding patch: \(error.message)")
    }
    guard operations.count <= 10_000 else {
      throw .badRequest("The allowed maximum operations in a JSON patch is 10000, got \(operations.count)")
    }
    do {
      var result = value
      for operation in operations { try operation.apply(to: &result) }
      return result
    } catch {
      throw .unprocessable(error.message)
    }
  }
}
