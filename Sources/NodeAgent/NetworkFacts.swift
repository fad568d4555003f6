import JSON

/// What a NetworkAttachmentDefinition says about how it is carried out.
struct NetworkFacts: Sendable, Hashable {
  /// Whether an interface on the network is a port of the node's switch.
  var isNative = false
  /// The bridge of a native one.
  var bridge: String?

  /// The first plugin makes the interface. Nothing is known of what cannot be read.
  init(configuration: String?) {
    guard let configuration, let json = try? JSONValue(parsing: configuration) else { return }
    let plugin = json["plugins"]?[0] ?? json
    isNative = plugin["type"]?.string == "netloom"
    bridge = isNative ? plugin["bridge"]?.string : nil
  }
}
