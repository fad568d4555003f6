import AsyncHTTPClient
import NIOCore

/// Sends a body to a URL.
public protocol CallbackPoster: Sendable {
  /// Returns when the receiver has taken the body (status 2xx).
  ///
  /// - Throws: ``CallbackError`` when it has not.
  func post(_ body: [UInt8], to url: String) async throws
}

/// Why a callback was not taken.
public struct CallbackError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was attempted, where, and why it failed.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Sends over HTTP or HTTPS (verified against the system's authorities). Redirections are followed.
public struct HTTPCallbackPoster: CallbackPoster {
  private let client: HTTPClient
  private let timeout: Duration

  /// - Parameter timeout: how long a receiver may take for one state.
  public init(timeout: Duration = .seconds(10)) {
    client = HTTPClient.shared
    self.timeout = timeout
  }

  public func post(_ body: [UInt8], to url: String) async throws {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.headers.add(name: "User-Agent", value: "netloom")
    request.body = .bytes(ByteBuffer(bytes: body))
    let response: HTTPClientResponse
    do {
      response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
    } catch let error as CancellationError {
      throw error
    } catch {
      throw CallbackError("POST \(url): \(error)")
    }
    guard (200..<300).contains(response.status.code) else {
      throw CallbackError("POST \(url): the receiver answered \(response.status)")
    }
  }
}
