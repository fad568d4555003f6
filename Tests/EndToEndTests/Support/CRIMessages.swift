import GRPC

/// The messages of the container runtime interface that the tests send and read (k8s.io/cri-api, runtime/v1/api.proto).
enum CRI {
  /// A request that is written in place.
  struct Request: ProtobufMessage {
    let body: @Sendable (inout ProtobufWriter) -> Void

    init(_ body: @escaping @Sendable (inout ProtobufWriter) -> Void) { self.body = body }

    init(from reader: inout ProtobufReader) throws(GRPCError) { self.init { _ in } }

    func write(to writer: inout ProtobufWriter) { body(&writer) }
  }

  /// An answer of which one text counts, in field 1.
  struct Identifier: ProtobufMessage {
    var id = ""

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        if field.number == 1 { id = try field.string() }
      }
    }

    func write(to writer: inout ProtobufWriter) { writer.string(1, id) }
  }

  /// `PodSandboxConfig`: the pod as kubelet describes it.
  struct SandboxConfig: ProtobufMessage {
    var name = ""
    var namespace = ""
    var uid = ""
    var attempt: UInt64 = 0
    var logFolder = ""

    init(name: String, namespace: String, uid: String, attempt: UInt64 = 0, logFolder: String) {
      (self.name, self.namespace, self.uid, self.attempt, self.logFolder) = (name, namespace, uid, attempt, logFolder)
    }

    init(from reader: inout ProtobufReader) throws(GRPCError) {}

    func write(to writer: inout ProtobufWriter) {
      writer.message(1) { metadata in
        metadata.string(1, name)
        metadata.string(2, uid)
        metadata.string(3, namespace)
        metadata.unsigned(4, attempt)
      }
      writer.string(2, name)
      writer.string(3, logFolder)
      writer.message(8) { _ in }
    }
  }

  /// `StatusResponse`: the conditions by name.
  struct Status: ProtobufMessage {
    var conditions: [String: Bool] = [:]
    var reasons: [String] = []

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        if field.number == 1 { self = try field.message(Conditions.self).status }
      }
    }

    init() {}

    func write(to writer: inout ProtobufWriter) {}

    private struct Conditions: ProtobufMessage {
      var status = Status()

      init(from reader: inout ProtobufReader) throws(GRPCError) {
        while let field = try reader.next() {
          guard field.number == 1 else { continue }
          let condition = try field.message(Condition.self)
          status.conditions[condition.type] = condition.isTrue
          status.reasons.append(condition.message)
        }
      }

      func write(to writer: inout ProtobufWriter) {}
    }

    private struct Condition: ProtobufMessage {
      var type = ""
      var isTrue = false
      var message = ""

      init(from reader: inout ProtobufReader) throws(GRPCError) {
        while let field = try reader.next() {
          switch field.number {
          case 1: type = try field.string()
          case 2: isTrue = try field.bool()
          case 4: message = try field.string()
          default: break
          }
        }
      }

      func write(to writer: inout ProtobufWriter) {}
    }
  }

  /// `ImageStatusResponse`: whether there is such an image.
  struct ImageStatus: ProtobufMessage {
    var isPresent = false

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        if field.number == 1 { isPresent = true }
      }
    }

    func write(to writer: inout ProtobufWriter) {}
  }

  /// `ListPodSandboxResponse`: the identifiers.
  struct Sandboxes: ProtobufMessage {
    var ids: [String] = []

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        if field.number == 1 { ids.append(try field.message(Identifier.self).id) }
      }
    }

    func write(to writer: inout ProtobufWriter) {}
  }

  /// `ExecSyncResponse`.
  struct Output: ProtobufMessage {
    var text = ""
    var errorText = ""
    var exitCode: Int64 = 0

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        switch field.number {
        case 1: text = String(decoding: try field.bytes(), as: UTF8.self)
        case 2: errorText = String(decoding: try field.bytes(), as: UTF8.self)
        case 3: exitCode = try field.integer()
        default: break
        }
      }
    }

    func write(to writer: inout ProtobufWriter) {}
  }
}
