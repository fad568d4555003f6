import Glibc
import Synchronization

/// A connection to the kernel's rtnetlink interface in one network namespace (rtnetlink(7)).
///
/// It stays in the namespace where it was made, so it may be used from any thread; calls are made one after the other.
/// They block for the kernel's answer: some 50 microseconds, 20 ms where the kernel waits for a grace period (deleting links,
/// moving them between namespaces).
public final class NetlinkSocket: Sendable {
  private let descriptor: Descriptor
  private let state = Mutex(State())

  private struct State {
    var sequence: UInt32 = 0
    var buffer = [UInt8](repeating: 0, count: 32 * 1024)
  }

  /// Connects in `namespace`, or in the calling thread's namespace when nil.
  public init(in namespace: NetworkNamespace? = nil) throws(NetlinkError) {
    descriptor = try .socket(AF_NETLINK, SOCK_RAW, in: namespace, "a netlink socket")
    for option in [SocketOption.extendedAcknowledgement, SocketOption.capAcknowledgement, SocketOption.strictCheck] {
      var on: Int32 = 1
      let size = socklen_t(MemoryLayout.size(ofValue: on))
      try check("set options of", "a netlink socket") {
        Int(setsockopt(descriptor.rawValue, SocketOption.netlinkLevel, option, &on, size))
      }
    }
  }

  /// Carries out one request and waits for the kernel's acknowledgement.
  public func perform(_ request: NetlinkRequest) throws(NetlinkError) {
    try perform([request])
  }

  /// Carries out requests in order, many with one system call. The kernel goes on after one that fails; the error thrown is
  /// that of the first that failed.
  public func perform(_ requests: [NetlinkRequest]) throws(NetlinkError) {
    for case let failure? in try attempt(requests) { throw failure }
  }

  /// Carries out requests in order, many with one system call: what became of each, nil for success. Fails when the kernel
  /// cannot be asked.
  public func attempt(_ requests: [NetlinkRequest]) throws(NetlinkError) -> [NetlinkError?] {
    var outcomes: [NetlinkError?] = []
    // The answers to as many fit the socket's buffer.
    var rest = requests[...]
    while !rest.isEmpty {
      outcomes += try attempt(rest.prefix(64))
      rest = rest.dropFirst(64)
    }
    return outcomes
  }

  private func attempt(_ requests: ArraySlice<NetlinkRequest>) throws(NetlinkError) -> [NetlinkError?] {
    try locked { (state) throws(NetlinkError) in
      let requests = Array(requests)
      let first = state.sequence &+ 1
      var bytes: [UInt8] = []
      for request in requests {
        state.sequence &+= 1
        bytes += MessageBuilder.message(
          type: request.type, flags: request.flags | MessageFlags.request | MessageFlags.acknowledge,
          sequence: state.sequence, payload: request.payload)
      }
      try send(bytes, for: requests[0])
      var outcomes = [NetlinkError?](repeating: nil, count: requests.count)
      var pending = requests.count
      while pending > 0 {
        for message in try receive(into: &state.buffer, for: requests[0]) where message.type == MessageType.error {
          let position = Int(message.sequence &- first)
          guard requests.indices.contains(position), let answer = MessageReader.acknowledgement(message) else {
            continue
          }
          pending -= 1
          guard answer.errno != 0 else { continue }
          let request = requests[position]
          outcomes[position] = NetlinkError(
            request.operation, on: request.subject, errno: answer.errno, detail: answer.text)
        }
      }
      return outcomes
    }
  }

  /// Everything of one kind: the payloads of the messages of type `answer`. Asked again when the tables changed meanwhile.
  func dump(_ request: NetlinkRequest, answer: UInt16) throws(NetlinkError) -> [ArraySlice<UInt8>] {
    try query(request, answer: answer, flags: MessageFlags.dump)
  }

  /// The payloads that answer one request.
  func query(_ request: NetlinkRequest, answer: UInt16, flags: UInt16 = 0) throws(NetlinkError) -> [ArraySlice<UInt8>] {
    try locked { (state) throws(NetlinkError) in
      while true {
        if let payloads = try attempt(request, answer: answer, flags: flags, &state) { return payloads }
      }
    }
  }

  /// Nil when the kernel says that its tables changed during the dump.
  private func attempt(
    _ request: NetlinkRequest, answer: UInt16, flags: UInt16, _ state: inout State
  ) throws(NetlinkError) -> [ArraySlice<UInt8>]? {
    state.sequence &+= 1
    try send(
      MessageBuilder.message(
        type: request.type, flags: flags | MessageFlags.request | (flags == 0 ? MessageFlags.acknowledge : 0),
        sequence: state.sequence, payload: request.payload), for: request)
    var payloads: [ArraySlice<UInt8>] = []
    var interrupted = false
    while true {
      for message in try receive(into: &state.buffer, for: request) where message.sequence == state.sequence {
        interrupted = interrupted || message.flags & MessageFlags.dumpInterrupted != 0
        switch message.type {
        case answer:
          payloads.append(message.payload)
        case MessageType.done:
          return interrupted ? nil : payloads
        case MessageType.error:
          let acknowledgement = MessageReader.acknowledgement(message) ?? (errno: EBADMSG, text: nil)
          if acknowledgement.errno == 0 { return payloads }
          throw NetlinkError(
            request.operation, on: request.subject, errno: acknowledgement.errno, detail: acknowledgement.text)
        default:
          continue
        }
      }
    }
  }

  private func send(_ bytes: [UInt8], for request: NetlinkRequest) throws(NetlinkError) {
    try check(request.operation, request.subject) { Glibc.send(descriptor.rawValue, bytes, bytes.count, 0) }
  }

  private func receive(
    into buffer: inout [UInt8], for request: NetlinkRequest
  ) throws(NetlinkError) -> [ReceivedMessage] {
    let count = try check(request.operation, request.subject) {
      buffer.withUnsafeMutableBytes { recv(descriptor.rawValue, $0.baseAddress, $0.count, 0) }
    }
    // A copy of what arrived: the payloads outlive the buffer.
    return MessageReader.messages(in: Array(buffer[..<count])[...])
  }

  private func locked<Success: Sendable>(
    _ body: (inout State) throws(NetlinkError) -> Success
  ) throws(NetlinkError) -> Success {
    try state.withLock { (state) throws(NetlinkError) in try body(&state) }
  }
}
