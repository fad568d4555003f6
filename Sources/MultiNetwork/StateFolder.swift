import CNI
import Files
import JSON

/// What was made for one sandbox, or may have been when the agent was killed just then: enough to take it down when neither
/// the pod nor its networks' definitions exist any more.
public struct Sandbox: Sendable, Hashable, Codable {
  /// Of the runtime's call.
  public var containerID: String
  /// The path of the sandbox's network namespace.
  public var namespacePath: String
  /// The interface of the default network.
  public var interface: String
  /// `CNI_ARGS`.
  public var arguments: [String: String]
  /// What was attempted, in order.
  public var delegates: [Delegate]
  /// What each delegate's ADD returned, in their order; empty until all have succeeded.
  /// After that null stands for an ADD, in the running sandbox, that has not succeeded yet.
  public var results: [JSONValue] = []
  /// The multiplexer's configuration; nil in what earlier releases wrote.
  public var multiplexer: JSONValue?

  init(_ attachment: CNIAttachment, _ delegates: [Delegate], multiplexer: JSONValue? = nil) {
    containerID = attachment.containerID
    namespacePath = attachment.namespacePath
    interface = attachment.interface
    arguments = attachment.arguments
    self.delegates = delegates
    self.multiplexer = multiplexer
  }

  /// See ``AttachmentKey``.
  public var key: AttachmentKey { AttachmentKey(containerID: containerID, interface: interface) }

  /// The attachment of the sandbox as the runtime asked for it.
  var attachment: CNIAttachment {
    CNIAttachment(
      containerID: containerID, namespacePath: namespacePath, interface: interface, arguments: arguments)
  }
}

/// The sandboxes of a node, a file each: written before anything is made, removed after everything is gone.
public struct StateFolder: Sendable {
  private let folder: String

  /// State below this folder, which is made when it is missing.
  public init(path: String) { folder = "\(path)/sandboxes" }

  /// The sandbox of an attachment; nil when there is none. Fails with ``CNIError/Code/ioFailure``.
  public func load(_ key: AttachmentKey) throws(CNIError) -> Sandbox? { try load(file: path(key)) }

  /// Every sandbox. One file that cannot be read does not hide the others: its error is among the failures.
  public func all() -> (sandboxes: [Sandbox], failures: [CNIError]) {
    var (sandboxes, failures): ([Sandbox], [CNIError]) = ([], [])
    for name in Files.entries(of: folder) where name.hasSuffix(".json") {
      do throws(CNIError) {
        if let sandbox = try load(file: "\(folder)/\(name)") { sandboxes.append(sandbox) }
      } catch {
        failures.append(error)
      }
    }
    return (sandboxes, failures)
  }

  func save(_ sandbox: Sandbox) throws(CNIError) {
    do {
      try Files.makeFolder(folder, mode: 0o700)
      // What our own plugin makes is gone after a crash of the machine; what others have written down is not.
      try Files.write(
        try JSONValue(encoding: sandbox).serialized(), to: path(sandbox.key), mode: 0o600,
        outlivesMachine: DelegateBatch.batches(sandbox.delegates).contains { !$0.isInProcess })
    } catch {
      throw Self.failure("cannot write down what is attached", error)
    }
  }

  func remove(_ key: AttachmentKey) throws(CNIError) {
    do { try Files.remove(path(key)) } catch { throw Self.failure("cannot forget what was attached", error) }
  }

  /// Fails when nothing can be written down.
  func verify() throws(CNIError) {
    let probe = "\(folder)/.writable"
    do {
      try Files.makeFolder(folder, mode: 0o700)
      try Files.write([UInt8](repeating: 0, count: 4096), to: probe)
      try Files.remove(probe)
    } catch {
      throw Self.failure("cannot write down what is attached", error)
    }
  }

  private func load(file path: String) throws(CNIError) -> Sandbox? {
    do {
      // The machine crashed before an empty one was on the disk.
      guard let text = try Files.read(path), !text.isEmpty else { return nil }
      return try JSONValue(parsing: text).decode()
    } catch {
      throw Self.failure("cannot read what is attached", error)
    }
  }

  private static func failure(_ attempt: String, _ error: any Error) -> CNIError {
    CNIError(.ioFailure, attempt, details: "\(error): make room or repair the folder given by --state")
  }

  /// Both parts are checked names: none can lead out of the folder.
  private func path(_ key: AttachmentKey) -> String { "\(folder)/\(key.containerID)-\(key.interface).json" }
}
