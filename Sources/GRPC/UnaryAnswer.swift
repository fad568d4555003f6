import NIOCore
import NIOHPACK
import NIOHTTP2

/// The server's side of one unary call, frame by frame (gRPC over HTTP/2, "Responses").
struct UnaryAnswer {
  /// The most that a message may have, in bytes: as much as kubelet sends.
  static let messageLimit = 16 << 20

  /// For errors.
  let attempt: String
  private var isAccepted = false
  private var body = ByteBuffer()

  init(attempting attempt: String) { self.attempt = attempt }

  /// Takes in what came. Returns the answer's message once it is complete; throws when the call failed.
  mutating func receive(_ frame: HTTP2Frame.FramePayload) throws(GRPCError) -> [UInt8]? {
    switch frame {
    case .headers(let headers):
      try receive(headers.headers)
      return headers.endStream ? try finish(headers.headers) : nil
    case .data(let data):
      guard case .byteBuffer(var bytes) = data.data else { return nil }
      guard body.readableBytes + bytes.readableBytes <= Self.messageLimit + 5 else {
        throw error(.resourceExhausted, "the answer has more than \(Self.messageLimit) bytes")
      }
      body.writeBuffer(&bytes)
      if data.endStream { throw closed() }
      return nil
    case .rstStream(let code):
      throw error(reset: code)
    default:
      return nil
    }
  }

  /// The call's error when the stream ends before the answer.
  func closed() -> GRPCError { error(.unavailable, "the server ended the call without saying how it went") }

  /// The call's error when the server resets the stream (the table in "Errors").
  func error(reset code: HTTP2ErrorCode) -> GRPCError {
    let status: GRPCError.Code =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internal
      }
    return error(status, "the server reset the call: \(code)")
  }

  private mutating func receive(_ headers: HPACKHeaders) throws(GRPCError) {
    guard !isAccepted, let status = headers.first(name: ":status") else { return }
    guard status == "200" else {
      throw error(Self.code(httpStatus: status), "the server answers HTTP status \(status)")
    }
    isAccepted = true
  }

  private mutating func finish(_ trailers: HPACKHeaders) throws(GRPCError) -> [UInt8] {
    guard let text = trailers.first(name: "grpc-status"), let status = Int(text) else { throw closed() }
    guard status == 0 else {
      let message = trailers.first(name: "grpc-message").map(Self.percentDecoded) ?? "the server does not say why"
      throw error(GRPCError.Code(rawValue: status), message)
    }
    guard let isCompressed: UInt8 = body.readInteger(), let length: UInt32 = body.readInteger() else {
      throw error(.internal, "the server says that it succeeded and sends no message")
    }
    guard isCompressed == 0 else { throw error(.internal, "the answer is compressed, which nobody asked for") }
    guard body.readableBytes == length else {
      throw error(.internal, "the answer's message has \(body.readableBytes) bytes, not \(length)")
    }
    return Array(body.readableBytesView)
  }

  private func error(_ code: GRPCError.Code, _ reason: String) -> GRPCError {
    GRPCError(code, attempting: attempt, reason)
  }

  /// gRPC, "HTTP to gRPC status code mapping".
  private static func code(httpStatus: String) -> GRPCError.Code {
    switch httpStatus {
    case "400": .internal
    case "401": .unauthenticated
    case "403": .permissionDenied
    case "404": .unimplemented
    case "429", "502", "503", "504": .unavailable
    default: .unknown
    }
  }

  /// What is no escape stays as it is, as the specification asks.
  static func percentDecoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(escaped)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
