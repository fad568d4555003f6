import CNI
import NetworkTypes

/// One attachment that ``PodNetworking`` is to make or to remove, as the plugin of type `netloom` is asked to.
struct NativeCall: Sendable {
  var attachment: CNIAttachment
  /// The plugin's configuration, with `prevResult` and `runtimeConfig`.
  var network: NetworkConfiguration
}
