/// The parts that the schemas of several kinds share.
extension Schema {
  /// The name of an object of Kubernetes (RFC 1123 subdomain).
  static func objectName(_ description: String) -> Schema {
    .string(description, pattern: #"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"#, length: 1...253)
  }

  /// An object of Kubernetes in this namespace, or in another that permits it. `description` says what it is, without a
  /// full stop.
  static func reference(_ description: String) -> Schema {
    .string(
      description + ", as name, or as namespace/name where its allowedNamespaces permits it.",
      pattern: #"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"#, length: 1...317)
  }

  /// The name of a network interface or bridge of Linux (IFNAMSIZ: 15 characters).
  static func interfaceName(_ description: String) -> Schema {
    .string(description, pattern: #"^[^\s/:]+$"#, length: 1...15)
  }

  /// A name that is not an object's: of a switch, a port, a physical network, a gateway.
  static func plainName(_ description: String) -> Schema {
    .string(description, pattern: #"^\S+$"#, length: 1...63)
  }

  /// An IPv4 or IPv6 address. The exact check is ``Subnet/Spec/parsed()``; this one catches what is not an address.
  static func address(_ description: String) -> Schema {
    .string(description, pattern: #"^[0-9a-fA-F:.]+$"#, length: 2...45)
  }

  /// An IPv4 or IPv6 network with its prefix length.
  static func network(_ description: String) -> Schema {
    .string(description, pattern: #"^[0-9a-fA-F:.]+/[0-9]{1,3}$"#, length: 4...49)
  }

  /// A VLAN identifier (IEEE 802.1Q; 0 and 4095 are reserved).
  static func vlan(_ description: String) -> Schema {
    .integer(description, 1...4094)
  }

  /// A size of IP packets: from the least that IPv4 allows (RFC 791) to the largest Ethernet frames in use.
  static func mtu(default: Int?) -> Schema {
    .integer(
      "Largest IP packet in bytes, 68 to 9216 (1280 or more for IPv6). Absent: 1500.", 68...9216, default: `default`)
  }

  /// Bits a second, or bits.
  static func rate(_ description: String, _ least: Int = 1000) -> Schema {
    .integer(description, least...1_000_000_000_000)
  }

  /// A DNS domain.
  static func domain(_ description: String) -> Schema {
    .string(description, pattern: #"^[A-Za-z0-9_]([-A-Za-z0-9_.]*[A-Za-z0-9])?\.?$"#, length: 1...254)
  }

  /// A note for people.
  static var note: Schema {
    .string("A note for people; Netloom does not read it.", length: 0...1024)
  }

  /// Where changes are sent.
  static var callbackURL: Schema {
    .string(
      "An http or https URL. Whenever the state of this object changes, or the nodes by which it works, the whole"
        + " object is POSTed there as JSON; after its deletion a last time, with phase deleted.",
      pattern: #"^https?://[^\s/]+(/\S*)?$"#, length: 8...2048)
  }

  /// A selector over labels.
  static func labelSelector(_ description: String) -> Schema {
    let requirement = Schema.object(
      "A condition on one label.",
      [
        .required("key", .string("The label.", length: 1...317)),
        .required(
          "operator",
          Schema("string", "How the label relates to the values.", ["enum": ["In", "NotIn", "Exists", "DoesNotExist"]])),
        .optional(
          "values",
          .list(
            "The values; none for Exists and DoesNotExist.", of: .string("A value.", length: 0...63), .atomic,
            count: 0...64)),
      ])
    return .object(
      description,
      [
        .optional("matchLabels", .stringMap("Labels and the values that they must have.")),
        .optional(
          "matchExpressions",
          .list("Further conditions; all of them must hold.", of: requirement, .atomic, count: 0...32)),
      ])
  }

  /// Names of objects as people look for them, not necessarily all.
  static func names(_ description: String) -> Schema {
    .list(description, of: .string("A name."), .atomic, count: 0...100)
  }

  /// The VLANs something carries.
  static func vlans(_ description: String) -> Schema {
    .list(description, of: .vlan("A VLAN, 1 to 4094."), .set, count: 0...4094)
  }

  /// The status of a kind: what all have in common, then its own fields.
  static func status(_ fields: [Field]) -> Schema {
    .object(
      "What Netloom has reached. Written by Netloom only.",
      [
        .optional("phase", .enumeration("The state in one word, derived from the conditions.", Phase.self)),
        .optional("observedGeneration", .count("The metadata.generation that this status speaks about.")),
        .optional("conditions", conditions),
      ] + fields)
  }

  private static var conditions: Schema {
    let condition = Schema.object(
      "One aspect of the state.",
      [
        .required(
          "type",
          .string(
            "Ready (everything works), Accepted (the manifest is right), Programmed, FabricReady, NodesReady, Blocked"
              + " (deletion waits for what the message names), Warning, or of a Subnet PoolPressure, Exhausted and"
              + " AddressConflict.",
            pattern: #"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$"#, length: 1...316)),
        .required("status", Schema("string", "Whether it holds.", ["enum": ["True", "False", "Unknown"]])),
        .required("reason", .string("Why, in one CamelCase word for programs.", length: 0...1024)),
        .required("message", .string("Why, in words for people.", length: 0...32768)),
        .required("lastTransitionTime", .string("When the status last changed.", format: "date-time")),
        .optional("observedGeneration", .count("The metadata.generation that this condition speaks about.")),
      ])
    return .list(
      "The state aspect by aspect; Ready is always among them.", of: condition, .map(keys: ["type"]), count: 0...32)
  }
}
