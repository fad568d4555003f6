import JSON

/// One JSON-RPC session with an OVSDB server (RFC 7047 section 4), without the I/O.
///
/// `Call` is what the shell needs to complete a request: a closure in the program, a number in tests. Every call that
/// goes in comes out exactly once: answered, failed, or handed back when the connection ends.
struct ConnectionStateMachine<Call: Sendable>: Sendable {
  /// A request on its way to the server.
  struct Request: Sendable {
    let id: Int64
    let call: Call
    let message: [UInt8]
  }

  /// What came in.
  enum Input: Sendable {
    /// The answer to a request.
    case complete(Call, Result<JSONValue, OVSDBError>)
    /// Bytes to send.
    case send([UInt8])
    /// A notification of the server, with its parameters.
    case notify(method: String, params: [JSONValue])
    /// The server does not speak OVSDB: the connection has to be closed.
    case close(OVSDBError)
  }

  /// What a timer tick asks for.
  enum Tick: Sendable, Hashable {
    case nothing
    case send([UInt8])
    case close(OVSDBError)
  }

  private enum Pending: Sendable {
    case call(Call)
    case probe
  }

  private let maximumInFlight: Int
  private var pending: [Int64: Pending] = [:]
  private var callsInFlight = 0
  /// How many requests were withdrawn that the server may answer nevertheless: ovsdb-server does not answer one that
  /// it could cancel, whatever RFC 7047 section 4.1.4 says.
  private var withdrawn = 0
  /// Requests beyond the cap, oldest first; a withdrawn one is nil.
  private var waiting: [Request?] = []
  private var firstWaiting = 0
  private var lastID: Int64 = 0
  private var heardSinceTick = true
  private var isProbing = false
  private var closed: OVSDBError?

  /// - Parameter maximumInFlight: how many requests may be unanswered at a time. ovsdb-server stops reading a session
  ///   whose answers pile up; a cap keeps both sides' buffers small.
  init(maximumInFlight: Int) { self.maximumInFlight = maximumInFlight }

  /// An id for a request that will be made or withdrawn under it.
  mutating func makeID() -> Int64 {
    lastID += 1
    return lastID
  }
}

extension ConnectionStateMachine {
  /// What becomes of a new request.
  enum Start: Sendable {
    case send([UInt8])
    case wait
    case fail(Call, OVSDBError)
  }

  /// A program makes a request. `params` is its serialised parameters.
  mutating func start(_ call: Call, id: Int64, method: String, params: [UInt8]) -> Start {
    if let closed { return .fail(call, closed) }
    let request = Request(id: id, call: call, message: Self.message(id: id, method: method, params: params))
    guard callsInFlight < maximumInFlight else {
      waiting.append(request)
      return .wait
    }
    return .send(launch(request))
  }

  /// A program withdraws a request: its call, when it has not been completed yet, and what to send: the `cancel`, when
  /// the server knows of the request (RFC 7047 section 4.1.4), and the requests that now have their turn.
  mutating func withdraw(id: Int64) -> (call: Call, messages: [[UInt8]])? {
    if case .call(let call)? = pending[id] {
      pending[id] = nil
      callsInFlight -= 1
      withdrawn += 1
      return (call, [Self.message(id: nil, method: "cancel", params: Array("[\(id)]".utf8))] + launchWaiting())
    }
    guard let position = waiting[firstWaiting...].firstIndex(where: { $0?.id == id }),
      let request = waiting[position]
    else { return nil }
    waiting[position] = nil
    return (request.call, [])
  }

  /// The server sent a message.
  mutating func receive(_ message: JSONValue) -> [Input] {
    heardSinceTick = true
    guard closed == nil else { return [] }
    guard let object = message.object else { return [.close(Self.violation("a message that is no object", message))] }
    if let method = object["method"]?.string {
      return receive(method: method, params: object["params"]?.array ?? [], id: object["id"] ?? .null)
    }
    guard let id = object["id"] else { return [.close(Self.violation("a message without id", message))] }
    return receive(answer: object, id: id)
  }

  /// A timer fired; it has to do so once an interval of the inactivity probe. A server that was silent for an interval
  /// is asked for an echo; one that stays silent for another is given up.
  mutating func tick() -> Tick {
    guard closed == nil else { return .nothing }
    defer { heardSinceTick = false }
    if heardSinceTick {
      return .nothing
    }
    guard !isProbing else {
      return .close(
        OVSDBError(.connectionLost, attempt: "waiting for an echo", reason: "the server has gone silent"))
    }
    isProbing = true
    let id = makeID()
    pending[id] = .probe
    return .send(Self.message(id: id, method: "echo", params: Array("[]".utf8)))
  }

  /// The connection has ended: the calls that are now without an answer, each with its error; nil when that was known.
  /// Requests that never left this side fail with `notConnected`, the others with the error given.
  mutating func end(_ error: OVSDBError) -> [(call: Call, error: OVSDBError)]? {
    guard closed == nil else { return nil }
    let unsent = OVSDBError(.notConnected, attempt: error.attempt, reason: error.reason)
    closed = unsent
    defer {
      pending = [:]
      waiting = []
      firstWaiting = 0
    }
    let sent = pending.sorted { $0.key < $1.key }.compactMap { _, pending -> (call: Call, error: OVSDBError)? in
      if case .call(let call) = pending { (call, error) } else { nil }
    }
    return sent + waiting[firstWaiting...].compactMap { $0.map { ($0.call, unsent) } }
  }
}

extension ConnectionStateMachine {
  private mutating func launch(_ request: Request) -> [UInt8] {
    pending[request.id] = .call(request.call)
    callsInFlight += 1
    return request.message
  }

  private mutating func launchWaiting() -> [[UInt8]] {
    var messages: [[UInt8]] = []
    while callsInFlight < maximumInFlight, firstWaiting < waiting.count {
      if let request = waiting[firstWaiting] { messages.append(launch(request)) }
      waiting[firstWaiting] = nil
      firstWaiting += 1
    }
    if firstWaiting == waiting.count || firstWaiting > 1024 {
      waiting.removeFirst(firstWaiting)
      firstWaiting = 0
    }
    return messages
  }

  private mutating func receive(method: String, params: [JSONValue], id: JSONValue) -> [Input] {
    guard !id.isNull else { return [.notify(method: method, params: params)] }
    guard method == "echo" else {
      let error: JSONValue = ["id": id, "result": .null, "error": .string("unknown method")]
      return [.send(error.serialized())]
    }
    let answer: JSONValue = ["id": id, "result": .array(params), "error": .null]
    return [.send(answer.serialized())]
  }

  private mutating func receive(answer: [String: JSONValue], id: JSONValue) -> [Input] {
    guard let number = id.integer, number > 0, number <= lastID else {
      return [.close(Self.violation("an answer to no request", .object(answer)))]
    }
    switch pending.removeValue(forKey: number) {
    case .call(let call)?:
      callsInFlight -= 1
      return [.complete(call, Self.result(answer))] + launchWaiting().map { .send($0) }
    case .probe?:
      isProbing = false
      return []
    case nil where withdrawn > 0:
      withdrawn -= 1
      return []
    case nil: return [.close(Self.violation("a second answer to a request", .object(answer)))]
    }
  }

  private static func result(_ answer: [String: JSONValue]) -> Result<JSONValue, OVSDBError> {
    guard let error = answer["error"], !error.isNull else { return .success(answer["result"] ?? .null) }
    let word = error["error"]?.string ?? error.string ?? "\(error)"
    let details = error["details"]?.string.map { ": \($0)" } ?? ""
    return .failure(OVSDBError(.init(word: word), attempt: "a request", reason: "\(word)\(details)"))
  }

  /// `params` is already serialised: only the caller's task spends time on it.
  private static func message(id: Int64?, method: String, params: [UInt8]) -> [UInt8] {
    var message: [UInt8] = []
    message.reserveCapacity(params.count + 64)
    message += #"{"id":\#(id.map(String.init) ?? "null"),"method":"\#(method)","params":"#.utf8
    message += params
    message.append(UInt8(ascii: "}"))
    return message
  }

  private static func violation(_ what: String, _ message: JSONValue) -> OVSDBError {
    OVSDBError(
      .protocolViolation, attempt: "reading from the server",
      reason: "it sent \(what): \(message.description.prefix(200))")
  }
}
