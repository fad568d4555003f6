public import Logging
import NIOCore
import NIOPosix
import OVSDB
public import ServiceLifecycle

/// Tells which chassis has which port, as OVN's southbound database (ovn-sb(5), `Port_Binding`) says: of gateways' ports,
/// and of ports that ask for it (`LogicalSwitchPort.isFollowed`). It reads these rows alone, so that a network of many
/// pods costs nothing, and writes none.
public final class SouthboundObserver: Service, Sendable {
  private let client: OVSDBClient
  private let grace: Duration
  private let logger: Logger
  private let outbox = Outbox<SouthboundNews>()

  /// An observer; nothing happens until `run()`.
  public init(
    _ database: OVNDatabase, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
  ) {
    client = database.client(of: "OVN_Southbound", PortBindings.monitored, group: group, logger: logger)
    grace = database.grace
    self.logger = logger
  }

  /// What has changed since the last time; waits until something has. One reader. Nil: the task was cancelled.
  public func news() async -> SouthboundNews? { await outbox.next() }

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
          self.outbox.tell(bindings.take(event, self.client.replica, at: .now))
        }
        group.cancelAll()
      }
    }
  }
}

/// What has changed of where ports are.
public struct SouthboundNews: News, Hashable {
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
