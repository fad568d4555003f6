import APIMachinery
import Hummingbird
import JSON
import NIOCore

extension APIResponder {
  /// GET of a collection: a list, or a watch.
  func list(_ target: Target, _ call: Call, _ representation: Representation) async throws -> Response {
    let options = try ListOptions.parse(call.query.values)
    if !options.watch {
      return try encode(try await registry.list(target, options: options), target, call, representation)
    }
    var encoder = AnswerEncoder(served: target.served, representation: representation)
    encoder.includeObject = try Table.RowObject.parse(call.query["includeObject"])
    let session: WatchSession
    do {
      session = try await registry.watch(target, options: options)
    } catch let error as StatusError where error.code == 410 {
      // The stream begins all right, and its one event is the error.
      let line = WatchWriter.line("ERROR", error.status.serialized())
      return Self.json(line)
    }
    let writer = WatchWriter(session: session, encoder: encoder)
    let body = call.request.body
    return Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache, private"],
      body: .init { output in
        // A client that goes away ends the subscription; the loop over it then ends by itself.
        try await body.consumeWithInboundCloseHandler { _ in
          try await writer.run { try await output.write($0) }
        } onInboundClosed: {
          session.subscription.finish()
        }
        try await output.finish(nil)
      })
  }
}

/// Writes the events of one watch, one JSON object a line.
struct WatchWriter: Sendable {
  let session: WatchSession
  let encoder: AnswerEncoder
  /// How often a watcher that asked for bookmarks is told how far it is.
  var bookmarkInterval = Duration.seconds(60)

  /// Runs until the client goes, the time is up, or the watcher falls too far behind.
  func run(_ write: (ByteBuffer) async throws -> Void) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await keepTime() }
      defer { session.subscription.finish() }
      try await send(write)
      group.cancelAll()
    }
  }

  /// Asks for bookmarks, and ends the watch when its time is up.
  private func keepTime() async throws {
    do {
      var left = session.timeout
      while session.bookmarks && left > bookmarkInterval {
        try await Task.sleep(for: bookmarkInterval)
        left -= bookmarkInterval
        session.subscription.askForProgress()
      }
      try await Task.sleep(for: left)
      if session.bookmarks { session.subscription.askForProgress() }
      session.subscription.finish()
    } catch is CancellationError {}  // the watch ended first
  }

  private func send(_ write: (ByteBuffer) async throws -> Void) async throws {
    var isFirst = true
    var seen = session.start
    // Headers go out at once, so that the client knows that the watch stands.
    var output = ByteBuffer()
    for object in session.initial {
      output.writeBytes(Self.line("ADDED", try encoder.encode(event: object, includeColumns: isFirst)))
      isFirst = false
    }
    if session.marksInitialEnd { output.writeBytes(bookmark(at: session.start, endsInitial: true)) }
    try await write(output)
    for event in session.missed {
      if let line = try line(event, includeColumns: isFirst) {
        isFirst = false
        try await write(ByteBuffer(bytes: line))
      }
    }
    for await signal in session.subscription.signals {
      switch signal {
      case .progress(let revision):
        seen = max(seen, revision)
        try await write(ByteBuffer(bytes: bookmark(at: seen, endsInitial: false)))
      case .event(let event):
        if event.revision <= seen { continue }
        seen = event.revision
        guard let line = try line(event, includeColumns: isFirst) else { continue }
        isFirst = false
        try await write(ByteBuffer(bytes: line))
      }
    }
  }

  private func line(_ event: StoreEvent, includeColumns: Bool) throws -> [UInt8]? {
    guard let (name, object, isWhole) = try session.seen(event) else { return nil }
    guard isWhole, encoder.representation.shape == .whole else {
      return Self.line(name, try encoder.encode(event: object, includeColumns: includeColumns))
    }
    let type = session.target.type
    return try event.line("\(type.apiVersion) \(session.target.served.schema)") {
      Self.line(name, try encoder.encode(event: object, includeColumns: false))
    }
  }

  private func bookmark(at revision: Revision, endsInitial: Bool) -> [UInt8] {
    let type = session.target.type
    var object: JSONValue = [
      "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
      "metadata": ["resourceVersion": .string(String(revision))],
    ]
    if endsInitial { object[path: "metadata", "annotations", "k8s.io/initial-events-end"] = "true" }
    return Self.line("BOOKMARK", object.serialized())
  }

  static func line(_ type: String, _ object: [UInt8]) -> [UInt8] {
    var line = [UInt8]("{\"type\":\"\(type)\",\"object\":".utf8)
    line.reserveCapacity(line.count + object.count + 2)
    line += object
    line += "}\n".utf8
    return line
  }
}
