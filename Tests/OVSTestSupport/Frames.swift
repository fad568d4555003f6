/// Ethernet frames of tests, byte by byte.
public struct Frame: Sendable, Hashable {
  public var bytes: [UInt8]

  /// - Parameters:
  ///   - tags: the VLAN tags, outermost first: 0x8100 or 0x88a8, and the VLAN.
  public init(
    from source: [UInt8], to destination: [UInt8] = [UInt8](repeating: 0xff, count: 6),
    tags: [(protocol: UInt16, vlan: UInt16)] = [], type: UInt16, _ payload: [UInt8]
  ) {
    bytes = destination + source
    for tag in tags { bytes += Self.big(tag.protocol) + Self.big(tag.vlan) }
    bytes += Self.big(type) + payload
  }

  static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

  /// The Ethernet types (tags included) that the frame begins with, and the VLANs of the tags.
  public var tags: [(protocol: UInt16, vlan: UInt16)] {
    var tags: [(protocol: UInt16, vlan: UInt16)] = []
    var offset = 12
    while offset + 3 < bytes.count {
      let type = UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
      guard type == 0x8100 || type == 0x88a8 else { break }
      tags.append((type, (UInt16(bytes[offset + 2]) << 8 | UInt16(bytes[offset + 3])) & 0xfff))
      offset += 4
    }
    return tags
  }
}

extension SwitchInstance {
  /// Sends frames out of one device of the namespace and tells how they arrive at another: nil for those that do not. The
  /// order is kept on the way, so that the last frame, which has to arrive, tells when all others have.
  public func exchange(from sender: String, to receiver: String, _ frames: [Frame]) async throws -> [Frame?] {
    let texts = frames.map { $0.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
    let output = try await Command.run(
      ["ip", "netns", "exec", namespace, "python3", "-c", Self.exchangeScript, sender, receiver] + texts)
    var received = [Frame?](repeating: nil, count: frames.count)
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let index = Int(words[0]) else { throw CommandError(description: "exchange: \(line)") }
      let digits = Array(words[1].utf8)
      var frame = Frame(from: [], to: [], type: 0, [])
      frame.bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
      }
      received[index] = frame
    }
    return received
  }

  /// Sends frames of 1,400 bytes out of one device as fast as it can, and tells how many bits a second reach another,
  /// after what a burst may let pass at first.
  public func throughput(from sender: String, to receiver: String, _ frame: Frame) async throws -> Double {
    let text = frame.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let output = try await Command.run(
      ["ip", "netns", "exec", namespace, "python3", "-c", Self.throughputScript, sender, receiver, text])
    guard let rate = Double(output.filter { !$0.isWhitespace }) else {
      throw CommandError(description: "throughput: \(output)")
    }
    return rate
  }

  private static let exchangeScript = """
    import socket, struct, sys
    sender, receiver, frames = sys.argv[1], sys.argv[2], [bytes.fromhex(text) for text in sys.argv[3:]]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0); out.bind((sender, 0))
    into = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)); into.bind((receiver, 3))
    into.setsockopt(263, 8, 1)
    into.settimeout(10)
    for index, frame in enumerate(frames): out.send(frame + b"netloom" + bytes([index]))
    while True:
        data, ancillary, flags, _ = into.recvmsg(4096, 256)
        if data[-8:-1] != b"netloom": continue
        for level, kind, value in ancillary:
            status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", value[:20])
            if status & 0x10:
                data = data[:12] + struct.pack("!HH", tpid if status & 0x40 else 0x8100, tci) + data[12:]
        print(data[-1], data[:-8].hex())
        if data[-1] == len(frames) - 1: break
    """

  private static let throughputScript = """
    import socket, sys, threading, time
    sender, receiver, frame = sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3])
    frame += b"netloom!" + bytes(1392 - len(frame))
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0); out.bind((sender, 0))
    into = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)); into.bind((receiver, 3))
    into.settimeout(0.2)
    end = time.monotonic() + 2
    def blast():
        while time.monotonic() < end:
            for _ in range(20):
                try: out.send(frame)
                except OSError: pass
            time.sleep(0.002)
    threading.Thread(target=blast).start()
    start, count = end - 1.5, 0
    while time.monotonic() < end:
        try: data = into.recv(4096)
        except socket.timeout: continue
        if b"netloom!" in data and time.monotonic() >= start: count += len(data)
    print(count * 8 / 1.5)
    """
}
