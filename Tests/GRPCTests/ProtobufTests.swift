import TestSupport
import Testing

@testable import GRPC

@Suite("The wire format of protocol buffers")
struct ProtobufTests {
  /// Fields of every kind, as any message can have them.
  struct Sample: ProtobufMessage, Hashable {
    var unsigned: UInt64 = 0
    var integer: Int64 = 0
    var flag = false
    var text = ""
    var bytes: [UInt8] = []
    var texts: [String] = []
    var map: [String: String] = [:]
    var children: [Sample] = []

    init() {}

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        switch field.number {
        case 1: unsigned = try field.unsigned()
        case 2: integer = try field.integer()
        case 3: flag = try field.bool()
        case 4: text = try field.string()
        case 5: bytes = try field.bytes()
        case 6: texts.append(try field.string())
        case 7:
          let entry = try field.entry()
          map[entry.key] = entry.value
        case 536_870_911: children.append(try field.message())
        default: break
        }
      }
    }

    func write(to writer: inout ProtobufWriter) {
      writer.unsigned(1, unsigned)
      writer.integer(2, integer)
      writer.bool(3, flag)
      writer.string(4, text)
      writer.bytes(5, bytes)
      writer.strings(6, texts)
      writer.map(7, map)
      writer.messages(536_870_911, children)
    }

    static func random(_ generator: inout SeededGenerator, depth: Int = 3) -> Sample {
      var sample = Sample()
      sample.unsigned = generator.next() >> UInt64.random(in: 0...63, using: &generator)
      sample.integer = Int64(bitPattern: generator.next()) >> Int64.random(in: 0...63, using: &generator)
      sample.flag = Bool.random(using: &generator)
      sample.text = text(&generator)
      sample.bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      sample.texts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in text(&generator) }
      for _ in 0..<Int.random(in: 0...3, using: &generator) { sample.map[text(&generator)] = text(&generator) }
      if depth > 0 {
        sample.children = (0..<Int.random(in: 0...2, using: &generator)).map { _ in random(&generator, depth: depth - 1)
        }
      }
      return sample
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
      String(["", "eth1", "ä", "𝄞", "a/b"].randomElement(using: &generator) ?? "")
    }
  }

  @Test("known bytes, both ways (protobuf.dev, Encoding)")
  func knownBytes() throws {
    var sample = Sample()
    sample.unsigned = 150
    #expect(sample.protobuf == [0x08, 0x96, 0x01])
    sample.text = "testing"
    #expect(sample.protobuf == [0x08, 0x96, 0x01, 0x22, 0x07] + Array("testing".utf8))
    sample = Sample()
    sample.integer = -2
    #expect(sample.protobuf == [0x10, 0xfe] + [UInt8](repeating: 0xff, count: 8) + [0x01])
    #expect(try Sample(protobuf: sample.protobuf) == sample)
    #expect(Sample().protobuf == [])
  }

  @Test("what was written is read again", arguments: 0..<50)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let sample = Sample.random(&generator)
      #expect(try Sample(protobuf: sample.protobuf) == sample)
    }
  }

  @Test("fields that nobody knows are passed over, groups of them too")
  func unknownFields() throws {
    var sample = Sample()
    sample.text = "known"
    let unknown: [[UInt8]] = [
      [0xa0, 0x06, 0x2a],  // field 100, varint
      [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],  // fixed64
      [0xa2, 0x06, 2, 9, 9],  // bytes
      [0xa5, 0x06, 1, 2, 3, 4],  // fixed32
      [0xa3, 0x06, 0x08, 0x01, 0x13, 0x14, 0x22, 1, 0x41, 0xa4, 0x06],  // a group with a group and a field 4 in it
    ]
    for field in unknown {
      #expect(try Sample(protobuf: field + sample.protobuf) == sample)
      #expect(try Sample(protobuf: sample.protobuf + field) == sample)
    }
  }

  @Test(
    "what is malformed is an error",
    arguments: [
      ([0x08], "it ends within a number"),
      ([0x08, 0x80], "it ends within a number"),
      ([0x08] + [UInt8](repeating: 0xff, count: 10), "a number has more than 64 bits"),
      ([0x08] + [UInt8](repeating: 0xff, count: 9) + [0x02], "a number has more than 64 bits"),
      ([0x00, 0x01], "0 is no field number"),
      ([0x86, 0x80, 0x80, 0x80, 0x10, 0x00], "536870912 is no field number"),
      ([0x0f], "field 1 has the unknown wire type 7"),
      ([0x22, 0x05, 0x41], "5 bytes are announced and 1 are left"),
      ([0x22] + [UInt8](repeating: 0xff, count: 9) + [0x01], "a field has 18446744073709551615 bytes"),
      ([0x09, 0x01], "8 bytes are announced and 1 are left"),
      ([0x0c], "group 1 ends that did not begin"),
      ([0x0b, 0x14], "group 1 ends as group 2"),
      ([0x0b], "it ends within a number"),
    ])
  func malformed(bytes: [UInt8], reason: String) {
    #expect(throws: GRPCError(.internal, attempting: "read a protobuf message", reason)) {
      try Sample(protobuf: bytes)
    }
  }

  @Test("a field of another type than the message's is an error that names it")
  func mismatch() {
    #expect(throws: GRPCError(.internal, attempting: "read field 4 of a protobuf message", "it is not UTF-8 text")) {
      try Sample(protobuf: [0x22, 0x01, 0xff])
    }
    #expect(throws: GRPCError(.internal, attempting: "read field 1 of a protobuf message", "it is not a number")) {
      try Sample(protobuf: [0x0a, 0x00])
    }
    #expect(
      throws: GRPCError(.internal, attempting: "read field 4 of a protobuf message", "it is not a length and bytes")
    ) {
      try Sample(protobuf: [0x20, 0x01])
    }
  }

  @Test("whatever the bytes are, they are read or refused, and what was read survives being written", arguments: 0..<40)
  func anyBytes(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var refused = 0
    for _ in 0..<250 {
      var bytes = Sample.random(&generator, depth: 1).protobuf
      if bytes.isEmpty { continue }
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &generator)))
      do {
        let sample = try Sample(protobuf: bytes)
        #expect(try Sample(protobuf: sample.protobuf) == sample)
      } catch let error as GRPCError {
        #expect(error.code == .internal)
        refused += 1
      }
    }
    #expect(refused > 0)
  }
}
