/// Names of network interfaces in pods.
public enum InterfaceName {
  /// The interface of the cluster's default network, which every pod has first.
  public static let defaultNetwork = "eth0"

  /// The names of a pod's additional interfaces: the requested name, or net1, net2, ... by position in the list, so that
  /// a name does not change when another element asks for one. Requested names that another interface has, the default
  /// network's (`first`) included, are an error.
  ///
  /// What a running pod has already (`present`) keeps its name when the list changes; what then comes to a position whose
  /// name is kept by another gets the lowest that is free.
  public static func assigned(
    to selections: [NetworkSelection], besides first: String = defaultNetwork, having present: [NetworkStatus] = []
  ) throws(NetworkAnnotationError) -> [String] {
    let kept = kept(by: selections, of: present)
    var names = selections.enumerated().map { $1.interface ?? kept[$0] ?? "net\($0 + 1)" }
    for index in names.indices where selections[index].interface == nil && kept[index] == nil {
      guard kept.values.contains(names[index]) else { continue }
      names[index] = (1...).lazy.map { "net\($0)" }.first { !names.contains($0) } ?? names[index]
    }
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

  /// The names that elements without a requested one keep, by index: of one network, those listed first keep the first ones.
  private static func kept(by selections: [NetworkSelection], of present: [NetworkStatus]) -> [Int: String] {
    let requested = Set(selections.compactMap(\.interface))
    var free = present.filter { !$0.isDefault && $0.interface.map { !requested.contains($0) } ?? false }
    var kept: [Int: String] = [:]
    for (index, selection) in selections.enumerated() where selection.interface == nil {
      guard let match = free.firstIndex(where: { $0.name == selection.network.description }) else { continue }
      kept[index] = free.remove(at: match).interface
    }
    return kept
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
