/// The versions of the Container Network Interface specification that this library speaks.
public enum CNIVersion: String, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
  case v031 = "0.3.1"
  /// Adds CHECK; `prevResult` at DEL.
  case v040 = "0.4.0"
  /// Drops the address's `version` and the single-plugin configuration.
  case v100 = "1.0.0"

  /// The newest one.
  public static let latest = CNIVersion.v100

  public var description: String { rawValue }

  public static func < (left: CNIVersion, right: CNIVersion) -> Bool {
    // All numbers are of one digit, so the texts sort as the versions do.
    left.rawValue < right.rawValue
  }

  /// The version called `text`; an error with code ``CNIError/Code/incompatibleVersion`` that lists the known ones otherwise.
  public init(negotiating text: String) throws(CNIError) {
    guard let version = CNIVersion(rawValue: text) else {
      throw CNIError(
        .incompatibleVersion, "incompatible CNI versions",
        details: "cniVersion is \"\(text)\"; supported are \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self = version
  }
}
