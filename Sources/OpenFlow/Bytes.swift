/// Reads numbers in network order from the front of a slice; nil when there are not enough bytes.
struct ByteReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
    guard let bytes = take(Value.bitWidth / 8) else { return nil }
    return bytes.reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

extension [UInt8] {
  mutating func append(integer value: some FixedWidthInteger) {
    for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func append(zeros count: Int) { append(contentsOf: repeatElement(0, count: count)) }

  /// Fills up to a multiple of 8 bytes, counted from `start`.
  mutating func pad(from start: Int) { append(zeros: (8 - (count - start) % 8) % 8) }

  /// Writes a 16-bit length over what stands at `offset`.
  mutating func set(length: Int, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: length >> 8)
    self[offset + 1] = UInt8(truncatingIfNeeded: length)
  }
}
