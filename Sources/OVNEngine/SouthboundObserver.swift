public import Logging
import NIOCore
import NIOPosix
public import OVSDB
public import ServiceLifecycle
import Synchronization

/// Tells which chassis has which port, as OVN's southbound database (ovn-sb(5), `Port_Binding`) says: of gateways' ports,
/// and of ports that ask for it (`LogicalSwitchPort.isFollowed`). It reads these rows alone, so that a network of many
/// pods costs nothing, and writes none.
public final class SouthboundObserver: Service, Sendable {
  /// How the database is reached.
  public struct Configuration: Sendable {
    /// The servers of the database: one, or all of a cluster. The leader is read, whose copy is never behind.
    public var endpoints: [Endpoint]
    /// Needed for `.tls` endpoints.
    public var credentials: TLSCredentials?
    /// After how long a silence a server is asked for an echo; after another the next one is tried.
    public var inactivityProbe: Duration = .seconds(5)
    /// For how long the database may be away before that is told, with the next attempt to reach it that fails.
    public var grace: Duration = .seconds(2)

    /// The usual settings. At least one endpoint.
    public init(endpoints: [Endpoint], credentials: TLSCredentials? = nil) {
      self.endpoints = endpoints
      self.credentials = credentials
    }
  }

  private let client: OVSDBClient
  private let grace: Duration
  private let logger: Logger
  private let outbox = Mutex(SouthboundNews())
  private let (tellings, teller) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// An observer; nothing happens until `run()`.
  public init(
    _ configuration: Configuration, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
  ) {
    precondition(!configuration.endpoints.isEmpty, "a southbound database has at least one endpoint")
    var settings = OVSDBClient.Configuration(
      endpoint: configuration.endpoints[0], credentials: configuration.credentials, database: "OVN_Southbound",
      tables: PortBindings.monitored)
    settings.alternatives = Array(configuration.endpoints.dropFirst())
    settings.followsLeader = true
    settings.inactivityProbe = configuration.inactivityProbe
    client = OVSDBClient(settings, group: group, logger: logger)
    grace = configuration.grace
    self.logger = logger
  }

  /// What has changed since the last time; waits until something has. One reader. Nil: the task was cancelled.
  public func news() async -> SouthboundNews? {
    for await _ in tellings {
      let news = outbox.withLock { outbox in
        defer { outbox = SouthboundNews() }
        return outbox
      }
      if !news.isEmpty { return news }
    }
    return nil
  }

  /// Works until the task is cancelled or a graceful shutdown begins.
  public func run() async throws {
    let events = client.events()
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask {
          // It ends by cancellation alone.
          do { try await self.client.run() } catch { self.logger.error("\(error)") }
        }
        var bindings = PortBindings(grace: self.grace)
        for await event in events {
          let news = bindings.take(event, self.client.replica, at: .now)
          guard !news.isEmpty else { continue }
          self.outbox.withLock { $0.merge(news) }
          self.teller.yield()
        }
        group.cancelAll()
      }
    }
  }
}

/// What has changed of where ports are.
public struct SouthboundNews: Sendable, Hashable {
  /// How it stands with the database.
  public enum Standing: Sendable, Hashable {
    /// It is followed: what was told is how it is.
    case followed
    /// It does not answer, or refuses: why. What was told is how it was.
    case lost(String)
  }

  /// By the ports' names (`Port_Binding` `logical_port`): the name of the chassis that has the port now; nil: none has.
  public var chassis: [String: String?] = [:]
  /// How it stands with the database, if that has changed.
  public var standing: Standing?

  /// Nothing.
  public init() {}

  /// Whether nothing has changed.
  var isEmpty: Bool { chassis.isEmpty && standing == nil }

  /// Adds what is newer.
  mutating func merge(_ newer: Self) {
    chassis.merge(newer.chassis) { $1 }
    standing = newer.standing ?? standing
  }
}
