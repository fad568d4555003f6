import CNI
import JSON

/// The CNI configurations of a node, as they are looked up by name.
struct NodeConfigurations: Sendable {
  /// One file of the folder.
  struct File: Sendable {
    var name: String
    var list: Result<NetworkConfigurationList, CNIError>
  }

  let path: String
  /// In the order in which container runtimes take them.
  let files: [File]

  init(path: String, files: [File]) {
    self.path = path
    self.files = files
  }

  /// Reads the folder; a folder that does not exist is empty.
  init(_ folder: ConfigurationFolder) {
    path = folder.path
    files = folder.files.map { name in
      File(name: name, list: Result { () throws(CNIError) in try folder.configuration(inFile: name) })
    }
  }

  /// The first configuration that is not the multiplexer's own.
  func first() throws(CNIError) -> NetworkConfigurationList {
    for file in files {
      let list = try file.list.get()
      if !list.isMultiplexer { return list }
    }
    throw CNIError(
      .tryAgainLater, "the cluster's network is not ready",
      details: "\(path) holds no CNI configuration beside the multiplexer's: install the cluster's network")
  }

  /// The configuration with this name: a list before a single plugin (the standard, section 3.4); nil when there is none.
  func named(_ name: String) -> NetworkConfigurationList? {
    let lists = files.filter { $0.name.hasSuffix(".conflist") }
    let ordered = lists + files.filter { !$0.name.hasSuffix(".conflist") }
    return ordered.lazy.compactMap { try? $0.list.get() }.first { $0.name == name }
  }

  /// What is to be said of files that could not be read, where a configuration was not found.
  var unreadable: String {
    let errors = files.compactMap { file in
      if case .failure(let error) = file.list { error.description } else { nil }
    }
    return errors.isEmpty ? "" : " (\(errors.joined(separator: "; ")))"
  }
}

extension NetworkConfigurationList {
  /// Whether this is a configuration of the multiplexer itself.
  var isMultiplexer: Bool { plugins.contains { $0.json["multiplexer"] != nil } }

  /// Whether this is of the plugin `netloom` and of nothing else, which needs no process.
  var isNative: Bool { plugins.count == 1 && plugins[0].type == "netloom" && !isMultiplexer }
}
