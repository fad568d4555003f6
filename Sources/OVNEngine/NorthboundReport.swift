public import OVNModel

/// All that one owner wants of the northbound database.
public struct NorthboundWish: Sendable, Hashable {
  /// The rows; nil: what the owner wants cannot be told, and the rows that are marked as its own stay as they are until it
  /// can. Of an owner that has said what it wants, that stays.
  public var fragments: Set<RowFragment>?
  /// Comes back in the reports about it.
  public var revision: Int

  /// A wish of a revision.
  public init(_ fragments: Set<RowFragment>?, revision: Int = 0) {
    self.fragments = fragments
    self.revision = revision
  }
}

/// How what one owner wants stands in the northbound database.
public struct NorthboundReport: Sendable, Hashable {
  /// How far it has come.
  public enum State: Sendable, Hashable {
    /// It is not all in the database yet; with the reason when it waits for more than its turn.
    case pending(String?)
    /// It is in the database; ovn-northd has not carried it on yet.
    case committed
    /// ovn-northd has carried it into the southbound database.
    case programmed
    /// It cannot be in the database: why, and what to do.
    case failed(String)
  }

  /// The revision of what it wanted last.
  public var revision: Int
  /// How far that has come.
  public var state: State
  /// The names of the Logical_Switch_Ports of the owner that a chassis has bound (`up`, ovn-nb(5)).
  public var boundPorts: Set<String>

  /// A report of these parts.
  public init(revision: Int, state: State, boundPorts: Set<String> = []) {
    self.revision = revision
    self.state = state
    self.boundPorts = boundPorts
  }
}

/// A row of ours that somebody changed or removed, and that was put back.
public struct NorthboundRepair: Sendable, Hashable {
  /// The object that the row is made for.
  public var owner: NorthboundOwner
  /// The row.
  public var row: NorthboundKey
  /// What was found: "addresses was [unknown]", "it was gone".
  public var found: String

  /// A repair.
  public init(owner: NorthboundOwner, row: NorthboundKey, found: String) {
    self.owner = owner
    self.row = row
    self.found = found
  }
}

/// How the engine stands with the northbound database.
public enum NorthboundConnection: Sendable, Hashable {
  /// It has not been reached yet.
  case connecting
  /// It is followed and written to.
  case connected
  /// It does not answer, or refuses: why.
  case failed(String)
}

/// What the server's schema has beyond what every version has, so that newer features are used where they are.
public struct NorthboundCapabilities: Sendable, Hashable {
  /// The schema's version: "7.0.0".
  public var schemaVersion = ""
  /// Packets can be sent through the ports of a function (`Network_Function`, OVN 25.09 and newer).
  public var hasServiceInsertion = false
  /// Mirrors can go to a port of the same network (`Mirror.type` `lport`, OVN 25.03 and newer).
  public var hasPortMirrors = false
  /// One mirror can have both directions (`Mirror.filter` `both`).
  public var hasMirrorsOfBothDirections = false

  /// Nothing is known yet.
  public init() {}
}

/// What has changed since the last time.
public struct NorthboundNews: News, Hashable {
  /// How the owners stand of which something has changed.
  public var reports: [NorthboundOwner: NorthboundReport] = [:]
  /// What was put back.
  public var repairs: [NorthboundRepair] = []
  /// How the engine stands with the database, if that has changed.
  public var connection: NorthboundConnection?
  /// What the server can do, if that has changed.
  public var capabilities: NorthboundCapabilities?

  /// Nothing.
  public init() {}

  /// Whether nothing has changed.
  var isEmpty: Bool { reports.isEmpty && repairs.isEmpty && connection == nil && capabilities == nil }

  /// Adds what is newer.
  mutating func merge(_ newer: Self) {
    reports.merge(newer.reports) { $1 }
    repairs += newer.repairs
    connection = newer.connection ?? connection
    capabilities = newer.capabilities ?? capabilities
  }
}
