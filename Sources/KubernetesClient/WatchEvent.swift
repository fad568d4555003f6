import JSON
import KubernetesModel

/// One change that a watch reports.
public enum WatchEvent<Object: Sendable>: Sendable {
  /// The object is new (or, at the beginning of a watch from `0`, exists).
  case added(Object)
  /// The object changed.
  case modified(Object)
  /// The object is gone; this was its last state.
  case deleted(Object)
  /// Nothing up to this version concerns the watch: resume from here.
  case bookmark(resourceVersion: String)
  /// The object is new, changed or gone, and could not be read.
  case undecodable(UndecodableObject, deleted: Bool)
}

extension WatchEvent {
  /// Reads one line of a watch.
  ///
  /// - Throws: `KubernetesAPIError`: the server's own for an `ERROR` event (410 as `isGone`), `undecodable` for what is
  ///   not an event.
  init(line: [UInt8], attempt: String, decode: (JSONValue) throws -> Object) throws(KubernetesAPIError) {
    let event: JSONValue
    do { event = try JSONValue(parsing: line) } catch {
      throw KubernetesAPIError(attempt: attempt, reason: .undecodable, message: "not a watch event: \(error)")
    }
    guard let type = event["type"]?.string, let object = event["object"] else {
      throw KubernetesAPIError(
        attempt: attempt, reason: .undecodable, message: "not a watch event: no type or no object")
    }
    func read(_ wrap: (Object) -> Self) -> Self {
      do { return wrap(try decode(object)) } catch {
        return .undecodable(UndecodableObject(object, error), deleted: type == "DELETED")
      }
    }
    switch type {
    case "ADDED": self = read(WatchEvent.added)
    case "MODIFIED": self = read(WatchEvent.modified)
    case "DELETED": self = read(WatchEvent.deleted)
    case "BOOKMARK":
      self = .bookmark(resourceVersion: object[path: "metadata", "resourceVersion"]?.string ?? "")
    case "ERROR": throw KubernetesAPIError(attempt: attempt, code: 500, body: object)
    default:
      throw KubernetesAPIError(attempt: attempt, reason: .undecodable, message: "unknown watch event \(type)")
    }
  }
}

/// Cuts a stream of bytes into lines, whatever the sizes of its chunks.
///
/// Bytes of a finished line are given back at once; only a line that has begun is kept.
struct LineFramer: Sendable {
  /// The longest line; an object in etcd has at most 1.5 MB, and a list page is no line.
  let limit: Int
  private var buffer: [UInt8] = []
  private var searched = 0
  private var start = 0

  init(limit: Int = 64 << 20) { self.limit = limit }

  /// Whether a line has begun that has no end yet.
  var hasPartialLine: Bool { start < buffer.count }

  /// Adds a chunk. False when the line that has begun is longer than the limit.
  mutating func append(_ bytes: some Collection<UInt8>) -> Bool {
    if start > 0 {
      buffer.removeFirst(start)
      searched -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
    return buffer.count <= limit
  }

  /// The next complete line without its end; empty lines are skipped.
  mutating func next() -> [UInt8]? {
    while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = buffer[start..<end]
      start = end + 1
      searched = start
      if line.contains(where: { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: " ") }) { return Array(line) }
    }
    searched = buffer.count
    if start == buffer.count {
      // One large event must not keep its memory for the life of the watch.
      buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 16)
      start = 0
      searched = 0
    }
    return nil
  }
}
