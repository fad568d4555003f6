/// A text to look for in serialised objects.
struct BytePattern: Sendable {
  private let bytes: [UInt8]

  init(_ text: String) { bytes = [UInt8](text.utf8) }

  func isFound(in value: [UInt8]) -> Bool {
    guard let first = bytes.first, value.count >= bytes.count else { return bytes.isEmpty }
    return value.withUnsafeBufferPointer { value in
      bytes.withUnsafeBufferPointer { bytes in
        var index = 0
        let last = value.count - bytes.count
        while index <= last {
          if value[index] == first {
            var length = 1
            while length < bytes.count && value[index + length] == bytes[length] { length += 1 }
            if length == bytes.count { return true }
          }
          index += 1
        }
        return false
      }
    }
  }
}
