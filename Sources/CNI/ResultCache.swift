import Glibc
import JSON

/// Results of ADD on disk, one file an attachment.
struct ResultCache: Sendable {
  let folder: String

  func store(_ result: JSONValue, network: String, attachment: CNIAttachment) throws(CNIError) {
    let entry: JSONValue = [
      "networkName": .string(network), "containerId": .string(attachment.containerID),
      "ifName": .string(attachment.interface), "netns": .string(attachment.namespacePath), "result": result,
    ]
    try makeFolder()
    let path = path(network, attachment)
    // A crash in between leaves the old entry or the new one, never half of one.
    let temporary = "\(path).\(getpid())"
    guard let file = fopen(temporary, "we") else { throw failure("write", temporary) }
    let bytes = entry.serialized()
    let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
    guard fclose(file) == 0, isWritten, rename(temporary, path) == 0 else { throw failure("write", path) }
  }

  /// Nil when there is none.
  func load(network: String, attachment: CNIAttachment) throws(CNIError) -> JSONValue? {
    let path = path(network, attachment)
    guard let file = fopen(path, "re") else {
      if errno == ENOENT { return nil }
      throw failure("read", path)
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    if ferror(file) != 0 { throw failure("read", path) }
    return try parseJSON(bytes)["result"]
  }

  func remove(network: String, attachment: CNIAttachment) throws(CNIError) {
    let path = path(network, attachment)
    if unlink(path) != 0, errno != ENOENT { throw failure("remove", path) }
  }

  /// All three parts are checked names: none can lead out of the folder.
  private func path(_ network: String, _ attachment: CNIAttachment) -> String {
    "\(folder)/\(network)-\(attachment.containerID)-\(attachment.interface)"
  }

  private func makeFolder() throws(CNIError) {
    for end in folder.indices.dropFirst() + [folder.endIndex] where end == folder.endIndex || folder[end] == "/" {
      let path = String(folder[..<end])
      if mkdir(path, 0o755) != 0, errno != EEXIST { throw failure("create", path) }
    }
  }

  private func failure(_ verb: String, _ path: String) -> CNIError {
    CNIError(.ioFailure, "cannot \(verb) \(path)", details: String(cString: strerror(errno)))
  }
}

func isExecutableFile(_ path: String) -> Bool { access(path, X_OK) == 0 }
