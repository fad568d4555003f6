import CNI

/// One attachment that the plugin of type `netloom` is to make or to remove.
public struct NativeCall: Sendable {
  /// The container, the interface, the arguments.
  public var attachment: CNIAttachment
  /// The plugin's configuration as it would come on its standard input, with `prevResult` and `runtimeConfig`.
  public var network: NetworkConfiguration

  /// A call of these parts.
  public init(attachment: CNIAttachment, network: NetworkConfiguration) {
    self.attachment = attachment
    self.network = network
  }
}

/// What an update of an attachment did.
public struct LiveUpdate: Sendable, Hashable {
  /// What an ADD would return now.
  public var result: CNIResult
  /// What was changed, in words.
  public var changes: [String]
  /// What cannot be changed.
  public var refusals: [LiveRefusal]

  /// An update with this outcome.
  public init(result: CNIResult, changes: [String] = [], refusals: [LiveRefusal] = []) {
    self.result = result
    self.changes = changes
    self.refusals = refusals
  }
}

/// The plugin of type `netloom` without a process: several attachments of one container are made or removed in one go.
///
/// The caller sees to it that no two calls for one container overlap.
public protocol InProcessPlugins: Sendable {
  /// Attaches; the results in the order of the calls. All or none: what was made is undone when one fails.
  func add(_ calls: [NativeCall]) async throws -> [CNIResult]
  /// Detaches. What is gone already is no error.
  func delete(_ calls: [NativeCall]) async throws
  /// Fails when the attachment is not as its ADD left it.
  func check(_ call: NativeCall) async throws
  /// Brings an attachment that is in use to what the call says, as far as that can be done without a break.
  ///
  /// - Parameter recorded: what its ADD, or the update before, returned; nil when that is not known.
  func update(_ call: NativeCall, recorded: CNIResult?) async throws -> LiveUpdate
  /// Removes the attachments to the network of this name that are not in the list. Goes on after errors.
  func collect(network: String, keeping valid: Set<AttachmentKey>) async throws
  /// Fails when an ADD with this configuration would fail.
  func status(_ network: NetworkConfiguration) async throws
}
