/// The types of the conditions in a status.
public enum ConditionType {
  /// Everything that the object asks for works. On every kind; what `kubectl wait --for=condition=Ready` waits for.
  public static let ready = "Ready"
  /// The manifest is right in itself and towards the objects that it names.
  public static let accepted = "Accepted"
  /// The target (switch ports, a node's bridges, the NetworkAttachmentDefinition) holds what was asked for.
  public static let programmed = "Programmed"
  /// The fabric carries the VLANs on every port that needs them.
  public static let fabricReady = "FabricReady"
  /// The bridges of every node that is concerned carry the VLANs.
  public static let nodesReady = "NodesReady"
  /// A node has the NetworkPort. `Ready` does not depend on it.
  public static let bound = "Bound"
  /// Deletion was asked for, and something still holds the object: the message names it. True is the unusual state.
  public static let blocked = "Blocked"
  /// The object works, but not as its author may think: for example several trunks on one ConnectionPoint.
  public static let warning = "Warning"
  /// Nine of ten addresses of a Subnet are not available, until fewer than 85 % are. True is the unusual state.
  public static let poolPressure = "PoolPressure"
  /// No address of a Subnet is available. True is the unusual state.
  public static let exhausted = "Exhausted"
  /// Addresses of a Subnet were found with somebody whom Netloom does not know. True is the unusual state.
  public static let addressConflict = "AddressConflict"
}

/// The reasons of conditions. Those of ``waiting`` are part of a normal life; every other reason of a False condition
/// is an error.
public enum ConditionReason {
  /// Done: the reason of a True condition.
  public static let ready = "Ready"
  /// The manifest is right.
  public static let valid = "Valid"
  /// The target holds what was asked for.
  public static let programmed = "Programmed"
  /// Nothing had to be done.
  public static let notNeeded = "NotNeeded"

  /// Not looked at yet.
  public static let pending = "Pending"
  /// Being written to the target.
  public static let programming = "Programming"
  /// Waits for the fabric.
  public static let waitingForFabric = "WaitingForFabric"
  /// Waits for the nodes.
  public static let waitingForNodes = "WaitingForNodes"
  /// Waits for another object to become ready.
  public static let waitingForDependency = "WaitingForDependency"

  /// A field is wrong; the message names the field, the value and what would be right.
  public static let invalid = "Invalid"
  /// A field names an object that does not exist.
  public static let referenceNotFound = "ReferenceNotFound"
  /// A field names an object that may not be used from this namespace.
  public static let referenceNotPermitted = "ReferenceNotPermitted"
  /// Two objects claim the same thing, for example one VLAN on one physical network.
  public static let conflict = "Conflict"
  /// An object of the name that Netloom would make exists and was made by somebody else.
  public static let notOurs = "NotOurs"
  /// No interface of the ConnectionPoint can do what the attachment asks for.
  public static let notSupported = "NotSupported"
  /// No link of any fabric leads to the interface that has to carry the VLAN.
  public static let unresolvedLink = "UnresolvedLink"
  /// The target cannot be reached.
  public static let unreachable = "Unreachable"
  /// The target refused.
  public static let programmingFailed = "ProgrammingFailed"
  /// No address is left.
  public static let exhausted = "Exhausted"
  /// Few addresses are left.
  public static let nearlyExhausted = "NearlyExhausted"
  /// Somebody whom Netloom does not know has an address.
  public static let foreignHolder = "ForeignHolder"

  /// Something still uses the object: the reason of `Blocked`.
  public static let inUse = "InUse"
  /// Several trunk attachments share a ConnectionPoint, so their pods get the union of the VLANs.
  public static let sharedTrunk = "SharedTrunk"

  /// The reasons that mean "not yet".
  public static let waiting: Set<String> = [
    pending, programming, waitingForFabric, waitingForNodes, waitingForDependency, notNeeded,
  ]
}
