import Logging
import NIOCore
import OpenFlow
import Synchronization

/// Holds the bridges of one switch to the flows of pods' ports, over one connection a bridge.
///
/// Flows live in ovs-vswitchd alone: they are gone when it ends, and others can remove them. What is wanted stands in the
/// database (marks of the ports), so what is there is read, compared and put right. A bridge that was put right, and of
/// which nothing was heard since, is not read again.
actor FlowKeeper {
  /// What ports of a bridge are held to, by OpenFlow port number.
  typealias Wanted = [Int: PortPolicy]

  private struct Line {
    var id: Int
    var connection: Task<OpenFlowConnection, any Error>
    /// What the bridge has, once all of its ports were put right.
    var settled: Wanted?
  }

  /// Where ovs-vswitchd has the management sockets of its bridges.
  private let directory: String
  let group: any EventLoopGroup
  private let logger: Logger
  private var lines: [String: Line] = [:]
  private var lastID = 0
  private var queues: [String: Task<Void, Never>] = [:]
  private let disturbed = Mutex<Set<String>>([])
  private let bell: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

  init(directory: String, group: any EventLoopGroup, logger: Logger) {
    self.directory = directory
    self.group = group
    self.logger = logger
    bell = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Brings ports of a bridge to what is wanted by then; nil: all ports, also those that are gone. One at a time for each
  /// bridge.
  ///
  /// - Parameter wanted: what all ports of the bridge are held to; read when it is this one's turn.
  /// - Throws: `OpenFlowError`, or what `wanted` throws.
  func synchronize(
    _ bridge: String, ports: Set<Int>? = nil, wanted: @escaping @Sendable () throws -> Wanted
  ) async throws {
    let predecessor = queues[bridge]
    let work = Task {
      await predecessor?.value
      do {
        try await self.perform(bridge, ports, wanted)
      } catch let error as OpenFlowError where error.code == .connectionLost {
        // The connection of an ovs-vswitchd that has ended since; another one may be there.
        try await self.perform(bridge, ports, wanted)
      }
    }
    queues[bridge] = Task { _ = await work.result }
    try await work.value
  }

  /// Has ports of a bridge, which are gone, brought to what is wanted by then, some time soon: what fails is done again. Their
  /// numbers may be other ports' by then.
  nonisolated func retire(_ ports: Set<Int>, of bridge: String, wanted: @escaping @Sendable () throws -> Wanted) {
    Task {
      do { try await synchronize(bridge, ports: ports, wanted: wanted) } catch { disturb(bridge) }
    }
  }

  private func perform(_ bridge: String, _ ports: Set<Int>?, _ wanted: @Sendable () throws -> Wanted) async throws {
    let line = line(to: bridge)
    if ports == nil, line.settled != nil, line.settled == (try wanted()) { return }
    do {
      let connection = try await line.connection.value
      let questions = ports.map { $0.sorted().map { OpenFlowRequest.flows(cookie: PortFlows.cookie($0), mask: .max) } }
      let all = [OpenFlowRequest.flows(cookie: PortFlows.cookie, mask: PortFlows.cookieMask)]
      let observed = try await connection.perform((questions ?? all) + [.meters])
      var wanted = try wanted()
      if let ports { wanted = wanted.filter { ports.contains($0.key) } }
      let plan = FlowPlan(wanted: wanted, observed: observed)
      // Flows that we remove ourselves are no news.
      for port in ports ?? [] where wanted[port] == nil { lines[bridge]?.settled?[port] = nil }
      _ = try await connection.perform(plan.requests)
      if !plan.requests.isEmpty {
        logger.debug("flows are changed", metadata: ["bridge": "\(bridge)", "steps": "\(plan.requests.count)"])
      }
      guard lines[bridge]?.id == line.id else { return }
      if let ports {
        for port in ports { lines[bridge]?.settled?[port] = wanted[port] }
      } else {
        lines[bridge]?.settled = wanted
      }
    } catch {
      forget(bridge, line.id)
      if case .success(let connection) = await line.connection.result { connection.close() }
      throw error
    }
  }

  nonisolated func managementSocket(of bridge: String) -> String { "\(directory)/\(bridge).mgmt" }

  private func line(to bridge: String) -> Line {
    if let line = lines[bridge] { return line }
    lastID += 1
    let id = lastID
    let connection = Task { [path = managementSocket(of: bridge), group] in
      try await OpenFlowConnection.open(path: path, group: group) { [weak self] news in
        Task { await self?.hear(news, of: bridge, id) }
      }
    }
    let line = Line(id: id, connection: connection)
    lines[bridge] = line
    return line
  }

  private func forget(_ bridge: String, _ id: Int) {
    if lines[bridge]?.id == id { lines[bridge] = nil }
  }

  // MARK: - What others do

  private func hear(_ news: OpenFlowConnection.News, of bridge: String, _ id: Int) {
    guard lines[bridge]?.id == id else { return }
    switch news {
    case .ended: lines[bridge] = nil
    case .flowRemoved(let cookie):
      if let settled = lines[bridge]?.settled, settled[PortFlows.number(cookie)] == nil { return }
      lines[bridge]?.settled = nil
    }
    disturb(bridge)
  }

  /// Has a bridge looked at by `keep`.
  nonisolated func disturb(_ bridge: String) {
    disturbed.withLock { _ = $0.insert(bridge) }
    bell.continuation.yield()
  }

  /// Puts bridges right of which flows were removed, or whose switch went away and came back, until it is cancelled.
  ///
  /// - Parameter repair: puts all of a bridge right.
  func keep(_ repair: @Sendable (String) async throws -> Void) async {
    var delay = Duration.milliseconds(50)
    for await _ in bell.stream {
      let bridges = disturbed.withLock { bridges in
        defer { bridges = [] }
        return bridges
      }
      var isRight = true
      for bridge in bridges.sorted() {
        do {
          try await repair(bridge)
        } catch {
          isRight = false
          logger.warning("flows could not be put right", metadata: ["bridge": "\(bridge)", "error": "\(error)"])
          disturb(bridge)
        }
      }
      delay = isRight ? .milliseconds(50) : min(delay * 2, .seconds(2))
      // Nothing tells when ovs-vswitchd is back.
      do {
        if !isRight { try await Task.sleep(for: delay) }
      } catch {
        break  // cancelled
      }
    }
    for line in lines.values {
      if case .success(let connection) = await line.connection.result { connection.close() }
    }
    lines = [:]
  }
}
