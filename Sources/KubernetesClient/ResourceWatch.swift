import AsyncHTTPClient
import JSON
import NIOCore

/// The changes that the API server reports, as they come. For one reader.
///
/// Nothing is buffered beyond one chunk of the connection: a slow reader slows the server down. Ends when the server
/// ends the watch; throws the server's own error (`isGone` when the version is too old), `transport` when the
/// connection breaks or is silent for too long, `CancellationError` when the task is cancelled. Letting go of it closes
/// the connection.
public struct ResourceWatch<Object: Sendable>: AsyncSequence, Sendable {
  /// One change.
  public typealias Element = WatchEvent<Object>

  let body: HTTPClientResponse.Body
  let attempt: String
  let decode: @Sendable (JSONValue) throws -> Object

  /// Reads the changes; to be called once.
  public func makeAsyncIterator() -> Iterator {
    Iterator(body: body.makeAsyncIterator(), attempt: attempt, decode: decode)
  }

  /// Reads the changes one by one.
  public struct Iterator: AsyncIteratorProtocol {
    var body: HTTPClientResponse.Body.AsyncIterator
    let attempt: String
    let decode: @Sendable (JSONValue) throws -> Object
    private var framer = LineFramer()

    init(
      body: HTTPClientResponse.Body.AsyncIterator, attempt: String,
      decode: @escaping @Sendable (JSONValue) throws -> Object
    ) {
      self.body = body
      self.attempt = attempt
      self.decode = decode
    }

    /// The next change; nil when the server ended the watch.
    public mutating func next() async throws -> WatchEvent<Object>? {
      while true {
        if let line = framer.next() { return try WatchEvent(line: line, attempt: attempt, decode: decode) }
        guard let chunk = try await receive() else {
          guard framer.hasPartialLine else { return nil }
          throw failure("the connection ended within an event")
        }
        guard framer.append(chunk.readableBytesView) else {
          throw failure("an event is larger than \(framer.limit) bytes")
        }
      }
    }

    private mutating func receive() async throws -> ByteBuffer? {
      do {
        let chunk = try await body.next()
        if chunk == nil { try Task.checkCancellation() }
        return chunk
      } catch {
        if Task.isCancelled || error is CancellationError { throw CancellationError() }
        throw failure("the connection broke: \(error)")
      }
    }

    private func failure(_ message: String) -> KubernetesAPIError {
      KubernetesAPIError(attempt: attempt, reason: .transport, message: message)
    }
  }
}
