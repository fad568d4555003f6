import Files
import JSON
import Testing

@testable import NodeAgent

@Suite("Installing the CNI plugins")
struct CNIInstallationTests {
  private func with(_ body: (CNIInstallation, String) throws -> Void) throws {
    let folder = "/tmp/netloom-install-\(UInt64.random(in: 0..<1 << 40))"
    defer { Files.removeTree(folder) }
    try Files.makeFolder("\(folder)/net.d")
    try Files.makeFolder("\(folder)/bin")
    try Files.write(Array("program".utf8), to: "\(folder)/shim", mode: 0o755)
    try Files.write(Array("{ \"foreign\" : 1 }\n".utf8), to: "\(folder)/net.d/10-cluster.conflist")
    try Files.write(Array("other".utf8), to: "\(folder)/bin/bridge", mode: 0o755)
    try body(
      CNIInstallation(
        plugins: "\(folder)/bin", configurations: "\(folder)/net.d", state: "\(folder)/state",
        socketPath: "/run/a.sock",
        shim: "\(folder)/shim"), folder)
  }

  private func contents(_ folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for part in ["net.d", "bin"] {
      for name in Files.entries(of: "\(folder)/\(part)") {
        files["\(part)/\(name)"] = try Files.read("\(folder)/\(part)/\(name)")
      }
    }
    return files
  }

  @Test("puts three files beside the others, may be repeated, and takes them away again")
  func installAndRemove() throws {
    try with { installation, folder in
      let before = try contents(folder)
      try installation.install()
      let installed = try contents(folder)
      try installation.install()
      #expect(try contents(folder) == installed)
      let added = Set(installed.keys).subtracting(before.keys)
      #expect(added == ["net.d/00-netloom.conflist", "bin/netloom", "bin/netloom-ipam"])
      #expect(before.allSatisfy { installed[$0.key] == $0.value })
      #expect(Files.entries(of: "\(folder)/net.d").first == "00-netloom.conflist")
      let list = try JSONValue(parsing: installed["net.d/00-netloom.conflist"] ?? [])
      #expect(list["plugins"]?[0]?["multiplexer"] == [:] && list["plugins"]?[0]?["socket"] == "/run/a.sock")
      try installation.remove()
      #expect(try contents(folder) == before)
      try installation.remove()
    }
  }

  @Test("a newer program replaces the older one; a configuration changed by hand stays")
  func upgrade() throws {
    try with { installation, folder in
      try installation.install()
      try Files.write(Array("newer".utf8), to: "\(folder)/shim", mode: 0o755)
      try Files.write(Array("{}".utf8), to: "\(folder)/net.d/00-netloom.conflist")
      try installation.install()
      #expect(try contents(folder)["bin/netloom"] == Array("newer".utf8))
      #expect(try contents(folder)["net.d/00-netloom.conflist"] == Array("{}".utf8))
    }
  }

  @Test(
    "what bears the name of ours and is another's is not replaced",
    arguments: ["bin/netloom", "bin/netloom-ipam", "net.d/00-netloom.conflist"])
  func foreign(_ name: String) throws {
    try with { installation, folder in
      try Files.write(Array("another's".utf8), to: "\(folder)/\(name)")
      let before = try contents(folder)
      let error = #expect(throws: CNIInstallation.Failure.self) { try installation.install() }
      #expect(error?.reason.hasPrefix("\(folder)/\(name) is there and was not installed by netloom") == true)
      #expect(try contents(folder) == before)
      try installation.remove()
      #expect(try contents(folder) == before)
    }
  }
}
