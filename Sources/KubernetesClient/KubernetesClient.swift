import AsyncHTTPClient
public import JSON
import KubernetesModel
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Talks to one Kubernetes API server over HTTP/1.1.
///
/// Watches have connections of their own, so that they never hold up other requests. Safe to share between tasks;
/// cancelling a task ends its request. `shutdown()` must be called at the end, or use `withClient`.
///
/// Requests are tried again only where that is safe: a refused rotating token once, a `GET` once when the connection
/// broke, and whatever the server itself asks for by status 429 with `Retry-After`.
public final class KubernetesClient: Sendable {
  /// Limits in time and number.
  public struct Options: Sendable, Hashable {
    /// The longest that a request other than a watch may take, waiting for a connection included.
    public var requestTimeout: Duration = .seconds(60)
    /// The longest that setting up a connection may take.
    public var connectTimeout: Duration = .seconds(10)
    /// How long the server keeps a watch open; below the five minutes after which many proxies cut a connection.
    public var watchTimeout: Duration = .seconds(290)
    /// A watch that is silent for `watchTimeout` and this is taken to be dead.
    public var watchIdleMargin: Duration = .seconds(5)
    /// The most connections for requests other than watches.
    public var connectionLimit = 32
    /// The largest answer in bytes, but for watches.
    public var responseLimit = 256 << 20
    /// The `User-Agent`.
    public var userAgent = "swift-kubernetes-client"

    /// The defaults.
    public init() {}
  }

  /// What the client was made with.
  public let configuration: ClusterConfiguration
  let options: Options
  let logger: Logger
  private let requests: HTTPClient
  private let watches: HTTPClient
  private let tls: TLSConfiguration?
  private let credentials: CredentialProvider
  private let base: ServerURL

  /// A client; no connection is made yet.
  ///
  /// - Throws: `KubernetesAPIError` (`configuration`) when the server's URL or a certificate cannot be used.
  public init(configuration: ClusterConfiguration, options: Options = .init(), logger: Logger) throws {
    self.configuration = configuration
    self.options = options
    self.logger = logger
    base = try ServerURL(configuration)
    tls = base.isSecure ? try TLSConfiguration.client(for: configuration) : nil
    credentials = CredentialProvider(configuration)
    var http = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .init(options.connectTimeout)))
    http.httpVersion = .http1Only
    http.dnsOverride = base.dnsOverride
    http.proxy = try configuration.proxyURL.map { try HTTPClient.Configuration.Proxy(url: $0) }
    // Whoever asked knows better whether and when to try again.
    http.connectionPool.retryConnectionEstablishment = false
    http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionLimit
    requests = HTTPClient(eventLoopGroupProvider: .singleton, configuration: http)
    http.timeout.read = .init(options.watchTimeout + options.watchIdleMargin)
    http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = .max
    watches = HTTPClient(eventLoopGroupProvider: .singleton, configuration: http)
  }

  /// Makes a client, lends it, and shuts it down however `body` ends.
  nonisolated(nonsending) public static func withClient<Result: Sendable>(
    configuration: ClusterConfiguration, options: Options = .init(), logger: Logger,
    _ body: nonisolated(nonsending) (KubernetesClient) async throws -> Result
  ) async throws -> Result {
    let client = try KubernetesClient(configuration: configuration, options: options, logger: logger)
    let result: Result
    do { result = try await body(client) } catch {
      // The first error is what matters.
      do { try await client.shutdown() } catch { logger.debug("shutdown failed", metadata: ["error": "\(error)"]) }
      throw error
    }
    try await client.shutdown()
    return result
  }

  /// Ends every request and watch and closes the connections. The client cannot be used afterwards.
  public func shutdown() async throws {
    async let first: Void = requests.shutdown()
    async let second: Void = watches.shutdown()
    _ = try await (first, second)
  }

  /// Sends one request and reads the whole answer.
  ///
  /// - Throws: `KubernetesAPIError`, or `CancellationError`.
  public func send(_ request: APIRequest) async throws -> JSONValue {
    let deadline = NIODeadline.now() + TimeAmount(options.requestTimeout)
    var retries = Retries()
    while true {
      let (response, shown) = try await transmitting(request) {
        try await self.execute(request, on: self.requests, deadline: deadline)
      } recovering: {
        retries.mayRepeatBrokenConnection(request)
      }
      let body = try await transmitting(request) {
        try await response.body.collect(upTo: self.options.responseLimit)
      }
      if (200..<300).contains(Int(response.status.code)) {
        do {
          return try body.json()
        } catch {
          throw KubernetesAPIError(
            attempt: request.attempt, reason: .undecodable, message: "the answer is not JSON: \(error)")
        }
      }
      let error = Self.error(of: response, body, request)
      if let pause = await retries.pause(before: error, refused: { await self.credentials.refused(shown) }),
        NIODeadline.now() + TimeAmount(pause) < deadline
      {
        logger.debug("trying again", metadata: ["request": "\(request.attempt)", "error": "\(error)"])
        try await Task.sleep(for: pause)
      } else {
        throw error
      }
    }
  }

  /// Opens a watch: sends the request and gives the answer's body as it comes.
  func open(_ request: APIRequest) async throws -> HTTPClientResponse.Body {
    var retries = Retries()
    while true {
      let (response, shown) = try await transmitting(request) {
        try await self.execute(request, on: self.watches, deadline: .distantFuture)
      }
      if response.status == .ok { return response.body }
      let body = try await transmitting(request) { try await response.body.collect(upTo: 1 << 20) }
      let error = Self.error(of: response, body, request)
      // A watch is begun again by whoever watches, but for a token that rotated.
      guard error.code == 401,
        await retries.pause(before: error, refused: { await self.credentials.refused(shown) }) != nil
      else { throw error }
    }
  }

  private func execute(
    _ request: APIRequest, on client: HTTPClient, deadline: NIODeadline
  ) async throws -> (HTTPClientResponse, IssuedCredentials) {
    let shown = try await credentials.current()
    var message = HTTPClientRequest(url: base.url + request.target)
    message.method = HTTPMethod(rawValue: request.method)
    message.headers.add(name: "accept", value: request.accept)
    message.headers.add(name: "user-agent", value: options.userAgent)
    if let host = base.hostHeader { message.headers.add(name: "host", value: host) }
    if let authorization = shown.authorization { message.headers.add(name: "authorization", value: authorization) }
    if let user = configuration.impersonate { message.headers.add(name: "impersonate-user", value: user) }
    for group in configuration.impersonateGroups { message.headers.add(name: "impersonate-group", value: group) }
    if let certificate = shown.certificate, var tls {
      try tls.show(certificate)
      message.tlsConfiguration = tls
    }
    if let body = request.body {
      message.headers.add(name: "content-type", value: body.contentType)
      message.body = .bytes(ByteBuffer(bytes: body.bytes))
    }
    return (try await client.execute(message, deadline: deadline), shown)
  }

  /// Does a part of a request and puts transport errors in words.
  private func transmitting<Result>(
    _ request: APIRequest, _ body: () async throws -> Result, recovering: () -> Bool = { false }
  ) async throws -> Result {
    while true {
      do {
        return try await body()
      } catch let error as KubernetesAPIError {
        throw error
      } catch {
        if Task.isCancelled || error is CancellationError { throw CancellationError() }
        if recovering() { continue }
        throw KubernetesAPIError(
          attempt: request.attempt, reason: .transport, message: "no answer from \(configuration.server): \(error)")
      }
    }
  }

  private static func error(
    of response: HTTPClientResponse, _ body: ByteBuffer, _ request: APIRequest
  ) -> KubernetesAPIError {
    let seconds = response.headers.first(name: "retry-after").flatMap { Int64($0) }
    var json: JSONValue?
    // Proxies answer in HTML or plain text: then the text is the message.
    do { json = try body.json() } catch { json = nil }
    return KubernetesAPIError(
      attempt: request.attempt, code: Int(response.status.code), body: json, text: String(buffer: body),
      retryAfter: seconds.map { .seconds($0) })
  }
}

/// What one request may still repeat.
private struct Retries {
  private var brokenConnections = 1
  private var refusedCredentials = 1
  private var tooMany = 5

  /// A kept connection may be closed by the server in the moment of its use.
  mutating func mayRepeatBrokenConnection(_ request: APIRequest) -> Bool {
    guard request.method == "GET", brokenConnections > 0 else { return false }
    brokenConnections -= 1
    return true
  }

  /// How long to wait before the request is sent again; nil when it is not.
  mutating func pause(before error: KubernetesAPIError, refused: () async -> Bool) async -> Duration? {
    if error.code == 401, refusedCredentials > 0, await refused() {
      refusedCredentials -= 1
      return .zero
    }
    if error.code == 429, tooMany > 0, let pause = error.retryAfter {
      tooMany -= 1
      return pause
    }
    return nil
  }
}

extension ByteBuffer {
  func json() throws -> JSONValue {
    try withUnsafeReadableBytes { try JSONValue(parsing: $0.bindMemory(to: UInt8.self)) }
  }
}
