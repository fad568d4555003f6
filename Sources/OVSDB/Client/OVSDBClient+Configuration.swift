import NIOCore

extension OVSDBClient {
  /// What a client connects to, what it copies, and its limits.
  public struct Configuration: Sendable {
    /// Where the server listens.
    public var endpoint: Endpoint
    /// Where the other servers of a cluster listen. One at a time is connected to, the next one when it is lost.
    public var alternatives: [Endpoint] = []
    /// Whether only the leader of a cluster will do: its copy is never behind what it has acknowledged. A server that is
    /// not clustered leads itself. The client leaves a server as soon as it leads no more, or has lost the majority.
    public var followsLeader = false
    /// Needed for a `.tls` endpoint, unused otherwise.
    public var credentials: TLSCredentials?
    /// The database's name, "Open_vSwitch" or "OVN_Northbound".
    public var database: String
    /// The tables to copy; none makes a client that only transacts.
    public var tables: [MonitoredTable]
    /// How many requests may be unanswered at a time; more wait on this side.
    public var maximumInFlight = 128
    /// After how long a silence the server is asked for an echo; after another it is given up.
    public var inactivityProbe: Duration = .seconds(5)
    /// How long connecting may take.
    public var connectTimeout: Duration = .seconds(5)
    /// The pauses between attempts to connect.
    public var backoff = Backoff()
    /// What the server may send.
    public var limits = Limits()
    /// How many events a reader of changes may lag behind before it gets `overflowed` instead.
    public var maximumBufferedEvents = 4096

    /// The usual limits for a database.
    public init(
      endpoint: Endpoint, credentials: TLSCredentials? = nil, database: String, tables: [MonitoredTable] = []
    ) {
      self.endpoint = endpoint
      self.credentials = credentials
      self.database = database
      self.tables = tables
    }

    /// What the server may send before the connection is closed.
    public struct Limits: Sendable {
      /// The most bytes of one message.
      public var messageBytes = 256 << 20
      /// The deepest nesting of one message. OVSDB needs about ten.
      public var messageDepth = 64

      /// The usual limits.
      public init() {}
    }

    /// All endpoints, for messages.
    var place: String { ([endpoint] + alternatives).map(\.description).joined(separator: ",") }

    func makeSecurity(for endpoint: Endpoint) throws(OVSDBError) -> ConnectionSecurity? {
      guard case .tls(let host, _) = endpoint else { return nil }
      guard let credentials else {
        throw OVSDBError(
          .invalidCredentials, attempt: "connecting to \(endpoint)",
          reason: "an ssl: endpoint needs a certificate, a private key and an authority")
      }
      return try ConnectionSecurity(credentials, host: host, endpoint: endpoint)
    }
  }
}

/// Which of several endpoints is tried next.
struct EndpointRotation: Sendable {
  private let endpoints: [Endpoint]
  private var position = 0
  private var failures = 0

  /// Begins with the first.
  init(_ endpoints: [Endpoint]) { self.endpoints = endpoints }

  /// The one whose turn it is.
  var current: Endpoint { endpoints[position] }

  /// It did not do, or was lost.
  ///
  /// - Returns: whether all were tried in vain, so that a pause is due.
  mutating func failed() -> Bool {
    position = (position + 1) % endpoints.count
    failures += 1
    guard failures >= endpoints.count else { return false }
    failures = 0
    return true
  }

  /// It does.
  mutating func succeeded() { failures = 0 }
}

/// Growing pauses between attempts, with jitter so that many clients do not come back at the same moment.
public struct Backoff: Sendable, Hashable {
  /// The first pause.
  public var initial: Duration
  /// The longest pause.
  public var maximum: Duration
  private var failures = 0

  /// Doubles from `initial` to `maximum`.
  public init(initial: Duration = .milliseconds(50), maximum: Duration = .seconds(5)) {
    self.initial = initial
    self.maximum = maximum
  }

  /// The next pause. `random` (0 to 1) chooses within the upper half of it.
  public mutating func next(random: Double) -> Duration {
    let pause = min(initial * (1 << min(failures, 20)), maximum)
    failures += 1
    return pause * (0.5 + random / 2)
  }

  /// An attempt was a success: the next pause is the first again.
  public mutating func reset() { failures = 0 }
}
