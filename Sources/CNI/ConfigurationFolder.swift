import Files
import Glibc
import JSON

/// A folder of network configurations (`/etc/cni/net.d`), as container runtimes read it: files ending in `.conflist`, `.conf`
/// and `.json`, in the order of their names; the plugins of a folder called as the network are added to its list unless it
/// says `loadOnlyInlinedPlugins` (CNI 1.1.0, section 1).
public struct ConfigurationFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// The names of the files that may hold a configuration, in order.
  public var files: [String] {
    Files.entries(of: path).filter { name in Self.endings.contains { name.hasSuffix($0) } }.sorted()
  }

  /// The configuration in a file of the folder. Errors name the file.
  public func configuration(inFile name: String) throws(CNIError) -> NetworkConfigurationList {
    let json = try read("\(path)/\(name)")
    do {
      return try NetworkConfigurationList(json: json, further: try furtherPlugins(of: json["name"]?.string ?? ""))
    } catch {
      throw CNIError(error.code, "\(path)/\(name): \(error.message)", details: error.details)
    }
  }

  /// The first configuration for the network `name`; nil when no file has it. Files that cannot be read are passed over as
  /// long as another one has it.
  public func configuration(named name: String) throws(CNIError) -> NetworkConfigurationList? {
    var failure: CNIError?
    for file in files {
      do {
        let list = try configuration(inFile: file)
        if list.name == name { return list }
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return nil
  }

  private static let endings = [".conflist", ".conf", ".json"]

  private func furtherPlugins(of network: String) throws(CNIError) -> [JSONValue] {
    guard isCNIName(network) else { return [] }
    let folder = "\(path)/\(network)"
    var plugins: [JSONValue] = []
    for file in Files.entries(of: folder).sorted() where file.hasSuffix(".conf") {
      plugins.append(try read("\(folder)/\(file)"))
    }
    return plugins
  }

  private func read(_ file: String) throws(CNIError) -> JSONValue {
    let bytes: [UInt8]?
    do { bytes = try Files.read(file) } catch {
      throw CNIError(.ioFailure, "cannot \(error.attempt) \(file)", details: String(cString: strerror(error.code)))
    }
    guard let bytes else {
      throw CNIError(.ioFailure, "cannot read \(file)", details: "it does not exist")
    }
    do { return try parseJSON(bytes) } catch {
      throw CNIError(error.code, "\(file): \(error.message)", details: error.details)
    }
  }
}
