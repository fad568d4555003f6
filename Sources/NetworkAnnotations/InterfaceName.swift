/// Names of network interfaces in pods.
public enum InterfaceName {
  /// The interface of the cluster's default network, which every pod has first.
  public static let defaultNetwork = "eth0"

  /// The names of a pod's additional interfaces: the requested name, or net1, net2, ... by position in the list, so that
  /// a name does not change when another element asks for one. Requested names that another interface has, the default
  /// network's (`first`) included, are an error.
  public static func assigned(
    to selections: [NetworkSelection], besides first: String = defaultNetwork
  ) throws(NetworkAnnotationError) -> [String] {
    let names = selections.enumerated().map { $1.interface ?? "net\($0 + 1)" }
    var holders = ["lo": "the loopback interface", first: "the cluster's default network"]
    // Names that go with a position cannot be changed by the user, so they come first and the requested one is blamed.
    let order =
      names.indices.filter { selections[$0].interface == nil }
      + names.indices.filter { selections[$0].interface != nil }
    for index in order {
      if let holder = holders.updateValue("element [\(index)] (\(selections[index].network))", forKey: names[index]) {
        throw NetworkAnnotationError(
          annotation: PodAnnotation.networks, field: "[\(index)].interface", value: names[index],
          reason: "\(holder) has this interface name already", remedy: "ask for another name")
      }
    }
    return names
  }

  /// What Linux has against the name (`dev_valid_name`); nil when it takes it.
  static func problem(_ name: String) -> String? {
    if name.isEmpty { return "is empty" }
    if name.utf8.count > 15 { return "has \(name.utf8.count) bytes, more than 15" }
    if name == "." || name == ".." { return "is reserved" }
    let refused = name.first { $0 == "/" || $0 == ":" || $0.isWhitespace || $0.asciiValue.map { $0 < 32 } == true }
    return refused.map { "contains \($0 == "/" || $0 == ":" ? "\"\($0)\"" : "white space")" }
  }

  static let remedy = "use at most 15 bytes without \"/\", \":\" and white space"
}
