import Files
import Glibc
import JSON

/// Results of ADD on disk, one file an attachment, with what a later DEL needs.
struct ResultCache: Sendable {
  let folder: String

  func store(_ result: JSONValue, network: String, attachment: CNIAttachment) throws(CNIError) {
    let entry: JSONValue = [
      "networkName": .string(network), "containerId": .string(attachment.containerID),
      "ifName": .string(attachment.interface), "netns": .string(attachment.namespacePath),
      "arguments": .object(attachment.arguments.mapValues { .string($0) }),
      "capabilityArguments": .object(attachment.capabilityArguments),
      "configurationArguments": .object(attachment.configurationArguments), "result": result,
    ]
    try attempt { () throws(FileError) in
      try Files.makeFolder(folder)
      try Files.write(entry.serialized(), to: path(network, attachment))
    }
  }

  /// The result; nil when there is none.
  func load(network: String, attachment: CNIAttachment) throws(CNIError) -> JSONValue? {
    try read(path(network, attachment))?["result"]
  }

  /// The attachments of a network that have a result.
  func attachments(network: String) throws(CNIError) -> [CNIAttachment] {
    var attachments: [CNIAttachment] = []
    // The name of another network may begin with this one's: the entry says which it is of.
    for file in Files.entries(of: folder).sorted() where file.hasPrefix("\(network)-") && !file.hasSuffix(".new") {
      guard let entry = try read("\(folder)/\(file)"), entry["networkName"]?.string == network else { continue }
      attachments.append(
        CNIAttachment(
          containerID: entry["containerId"]?.string ?? "", namespacePath: entry["netns"]?.string ?? "",
          interface: entry["ifName"]?.string ?? "",
          arguments: (entry["arguments"]?.object ?? [:]).compactMapValues(\.string),
          capabilityArguments: entry["capabilityArguments"]?.object ?? [:],
          configurationArguments: entry["configurationArguments"]?.object ?? [:]))
    }
    return attachments
  }

  func remove(network: String, attachment: CNIAttachment) throws(CNIError) {
    try attempt { () throws(FileError) in try Files.remove(path(network, attachment)) }
  }

  /// All three parts are checked names: none can lead out of the folder.
  private func path(_ network: String, _ attachment: CNIAttachment) -> String {
    "\(folder)/\(network)-\(attachment.containerID)-\(attachment.interface)"
  }

  private func read(_ path: String) throws(CNIError) -> JSONValue? {
    guard let bytes = try attempt({ () throws(FileError) in try Files.read(path) }) else { return nil }
    do { return try JSONValue(parsing: bytes) } catch {
      throw CNIError(.decodingFailure, "the kept result \(path) is not JSON", details: "\(error): remove the file")
    }
  }

  private func attempt<Success>(_ body: () throws(FileError) -> Success) throws(CNIError) -> Success {
    do { return try body() } catch {
      throw CNIError(
        .ioFailure, "cannot \(error.attempt) \(error.path)", details: String(cString: strerror(error.code)))
    }
  }
}

func isExecutableFile(_ path: String) -> Bool { access(path, X_OK) == 0 }
