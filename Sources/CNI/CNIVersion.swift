/// The versions of the Container Network Interface specification that this library speaks.
public enum CNIVersion: String, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
  case v031 = "0.3.1"
  /// Adds CHECK; `prevResult` at DEL.
  case v040 = "0.4.0"
  /// Drops the address's `version` and the single-plugin configuration.
  case v100 = "1.0.0"
  /// Adds GC and STATUS, several versions for one configuration, and fields of interfaces and routes.
  case v110 = "1.1.0"

  /// The newest one.
  public static let latest = CNIVersion.v110

  public var description: String { rawValue }

  public static func < (left: CNIVersion, right: CNIVersion) -> Bool {
    // All numbers are of one digit, so the texts sort as the versions do.
    left.rawValue < right.rawValue
  }

  /// The version called `text`; an error with code ``CNIError/Code/incompatibleVersion`` that lists the known ones otherwise.
  public init(negotiating text: String) throws(CNIError) {
    guard let version = CNIVersion(rawValue: text) else { throw .incompatibleVersions([text]) }
    self = version
  }

  /// The version that `command` is of; a configuration of an older one cannot ask for it.
  public init(introducing command: String) {
    self =
      switch command {
      case "CHECK": .v040
      case "GC", "STATUS": .v110
      default: .v031
      }
  }
}

extension CNIError {
  /// None of the versions is known here.
  static func incompatibleVersions(_ texts: [String]) -> CNIError {
    CNIError(
      .incompatibleVersion, "incompatible CNI versions",
      details: "the configuration has \(texts.map { "\"\($0)\"" }.joined(separator: ", ")); supported are "
        + CNIVersion.allCases.map(\.rawValue).joined(separator: ", "))
  }

  /// A command that the configuration's version does not have.
  public static func tooOld(_ version: CNIVersion, for command: String) -> CNIError {
    CNIError(
      .incompatibleVersion, "\(command) needs CNI \(CNIVersion(introducing: command)) or newer",
      details: "cniVersion is \(version)")
  }
}
