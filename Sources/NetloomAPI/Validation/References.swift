public import KubernetesModel

/// What the checks across objects need to look up. Whoever holds the objects answers, from indexes: no method may cost
/// more than it returns.
public protocol References {
  /// The ConnectionPoint of that name.
  func connectionPoint(_ name: String) -> ConnectionPoint?
  /// The Fabric of that name.
  func fabric(_ name: String) -> Fabric?
  /// The L2Service of that name.
  func l2Service(_ name: NamespacedName) -> L2Service?
  /// The Subnet of that name.
  func subnet(_ name: NamespacedName) -> Subnet?
  /// The labels of the namespace of that name; nil: it does not exist.
  func namespaceLabels(_ name: String) -> [String: String]?
  /// Every L2Service with that segmentationID, those that are being deleted too.
  func l2Services(segmentationID: Int) -> [L2Service]
  /// Every L2Service that is the untagged frames of that physical network, those that are being deleted too.
  func l2Services(untaggedOn network: String) -> [L2Service]
  /// Every attachment on the ConnectionPoint of that name.
  func attachments(connectionPoint: String) -> [L2ServiceAttachment]
  /// Every Router that joins an L2Service, or goes out there.
  func routers(on service: NamespacedName) -> [Router]
  /// The NetworkPort of that name.
  func networkPort(_ name: NamespacedName) -> NetworkPort?
  /// Every NetworkPort that is inside of another.
  func networkPorts(inside parent: NamespacedName) -> [NetworkPort]
  /// Every NetworkPort of a host behind that VLAN, of any physical network.
  func networkPorts(behindVLAN vlan: Int) -> [NetworkPort]
  /// Whether some Fabric has an uplink of that physical network, or, while there is no Fabric at all, some
  /// ConnectionPoint is on it.
  func isPhysicalNetworkKnown(_ name: String) -> Bool
  /// The names of the ConnectionPoints by which OVN reaches one of the physical networks, sorted.
  func connectionPoints(leadingTo physicalNetworks: [String]) -> [String]
}

/// A kind whose objects name others.
public protocol ReferringResource: ValidatedResource {
  /// Every mistake that shows only beside the other objects, in the order of the fields. To be asked for an object
  /// that is right in itself.
  func validate(in references: some References) -> [FieldError]
}

extension NamespacedName {
  /// Reads a reference made in `namespace`: `name` there, or `namespace/name`.
  public init(reference: String, from namespace: String?) {
    let parts = reference.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      self.init(namespace: String(parts[0]), name: String(parts[1]))
    } else {
      self.init(namespace: namespace, name: reference)
    }
  }
}
