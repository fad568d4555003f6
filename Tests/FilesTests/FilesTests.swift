import Files
import Glibc
import Testing

@Suite struct FilesTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = "/tmp/netloom-files-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try Files.makeFolder("\(folder)/a/b")
    defer { Files.removeTree(folder) }
    try body(folder)
  }

  @Test func replacesWhole() throws {
    try withFolder { folder in
      #expect(try Files.read("\(folder)/x") == nil)
      try Files.write([1, 2, 3], to: "\(folder)/x")
      try Files.write([4], to: "\(folder)/x", mode: 0o600)
      #expect(try Files.read("\(folder)/x") == [4])
      #expect(Files.entries(of: folder) == ["a", "x"])
      try Files.remove("\(folder)/x")
      try Files.remove("\(folder)/x")
      #expect(Files.entries(of: folder) == ["a"])
    }
  }

  @Test func removingFollowsNoLink() throws {
    try withFolder { folder in
      try Files.write([1], to: "\(folder)/kept")
      try Files.link("\(folder)/a/b/link", to: folder)
      Files.removeTree("\(folder)/a")
      #expect(Files.entries(of: folder) == ["kept"])
    }
  }

  @Test func errorsSayWhatAndWhere() throws {
    try withFolder { folder in
      try Files.write([], to: "\(folder)/file")
      let error = #expect(throws: FileError.self) { try Files.makeFolder("\(folder)/file/inner") }
      #expect(error?.description == "cannot make the folder \(folder)/file/inner: Not a directory")
      #expect(throws: FileError.self) { try Files.read("\(folder)/a") }
    }
  }
}
