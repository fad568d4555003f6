import Files
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
    try attempt { () throws(FileError) in
      try Files.makeFolder(folder)
      try Files.write(entry.serialized(), to: path(network, attachment))
    }
  }

  /// Nil when there is none.
  func load(network: String, attachment: CNIAttachment) throws(CNIError) -> JSONValue? {
    let bytes = try attempt { () throws(FileError) in try Files.read(path(network, attachment)) }
    guard let bytes else { return nil }
    return try parseJSON(bytes)["result"]
  }

  func remove(network: String, attachment: CNIAttachment) throws(CNIError) {
    try attempt { () throws(FileError) in try Files.remove(path(network, attachment)) }
  }

  /// All three parts are checked names: none can lead out of the folder.
  private func path(_ network: String, _ attachment: CNIAttachment) -> String {
    "\(folder)/\(network)-\(attachment.containerID)-\(attachment.interface)"
  }

  private func attempt<Success>(_ body: () throws(FileError) -> Success) throws(CNIError) -> Success {
    do { return try body() } catch {
      throw CNIError(
        .ioFailure, "cannot \(error.attempt) \(error.path)", details: String(cString: strerror(error.code)))
    }
  }
}

func isExecutableFile(_ path: String) -> Bool { access(path, X_OK) == 0 }
