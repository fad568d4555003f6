import JSON
import NetworkTypes

/// An address that somebody has whom Netloom does not know: one element of a pod's `netloom.dev/conflicts` annotation.
/// The node's agent writes it when a probe was answered (RFC 5227, RFC 4862); the operator sets the address aside,
/// assigns another one and removes the annotation.
public struct AddressConflict: Hashable, Sendable {
  /// The address.
  public var address: IPAddress
  /// Who answered, where known.
  public var mac: MACAddress?
  /// The VLAN on which it was probed; nil when untagged.
  public var vlan: VLANID?

  /// A conflict of these parts.
  public init(address: IPAddress, mac: MACAddress? = nil, vlan: VLANID? = nil) {
    self.address = address
    self.mac = mac
    self.vlan = vlan
  }

  /// Reads the annotation.
  public static func list(parsing text: String) throws(NetworkAnnotationError) -> [AddressConflict] {
    try Field(annotation: PodAnnotation.conflicts, parsing: text).map { field throws(NetworkAnnotationError) in
      AddressConflict(
        address: try field.required("address").parsed(), mac: try field["mac"]?.parsed(),
        vlan: try field["vlan"]?.vlan())
    }
  }

  /// The text of the annotation: equal lists have equal text.
  public static func text(of list: [AddressConflict]) -> String {
    JSONValue.array(
      list.map { conflict in
        var json: JSONValue = ["address": .string(conflict.address.description)]
        json["mac"] = conflict.mac.map { .string($0.description) }
        json["vlan"] = conflict.vlan.map { .integer(Int64($0.rawValue)) }
        return json
      }
    ).description
  }
}
