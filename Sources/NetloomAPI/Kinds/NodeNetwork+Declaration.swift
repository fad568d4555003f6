extension NodeNetwork: DeclaredResource {
  public static let declaration = Declaration(
    "What one node's bridges must carry; named after the node. Made by Netloom only; the node's agent brings the bridges"
      + " to it.",
    spec: .object(
      "The bridges that Netloom needs on the node.",
      [
        .required(
          "bridges",
          .list(
            "The bridges.",
            of: .object(
              "One Open vSwitch bridge on the node.",
              [
                bridgeName,
                .optional(
                  "uplink",
                  .interfaceName(
                    "The node's interface that joins the bridge to the fabric. Absent: it stays inside the node.")),
                .required(
                  "vlans",
                  carried(
                    "The VLANs that the uplink carries; 0 stands for frames without a tag. Empty: nothing passes.")),
                .optional("mtu", .mtu(default: nil)),
                .optional(
                  "physicalNetwork",
                  .string(
                    "The name by which OVN knows what is behind the bridge (ovn-bridge-mappings). Absent: OVN does not use it."
                  )),
                .optional("owners", .names("The objects that need this bridge, as Kind namespace/name.")),
              ]), .map(keys: ["name"]), count: 0...256)),
        .optional("mirrors", mirrors),
      ]),
    status: .status([
      .optional(
        "bridges",
        .list(
          "The bridges one by one.",
          of: .object(
            "What one bridge really carries.",
            [
              bridgeName,
              .required("vlans", carried("The VLANs that its uplink carries; 0 stands for frames without a tag.")),
              .optional("message", .string("What is missing or went wrong.")),
            ]), .map(keys: ["name"]), count: 0...256)),
      .optional(
        "mirrors",
        .list(
          "The mirrors one by one.",
          of: .object(
            "How the node's part in a TrafficMirror is done.",
            [
              .required("name", .string("The TrafficMirror as namespace/name.")),
              .optional("message", .string("What copies wait for. Absent: all that they need is there.")),
            ]), .map(keys: ["name"]), count: 0...256)),
    ]),
    columns: [])

  private static let mirrors = Schema.list(
    "The traffic of ports on OVN's bridge that is copied.",
    of: .object(
      "The node's part in a TrafficMirror.",
      [
        .required("name", .string("The TrafficMirror as namespace/name.")),
        .required("ports", .names("The logical ports on this node whose packets are copied.")),
        .required(
          "direction", .enumeration("Which of their packets, seen from who is copied.", TrafficMirror.Direction.self)),
        .required("key", .count("The key of the tunnels by which copies go from node to node.")),
        .optional(
          "sinkPort", .string("The logical port on this node that gets the copies. Absent: it is on another node.")),
        .optional("sinkChassis", .string("The chassis of OVN where that port is. Absent: it is here.")),
        .optional("origins", .names("With sinkPort: the chassis from which copies come too.")),
      ]), .map(keys: ["name"]), count: 0...256)

  private static func carried(_ description: String) -> Schema {
    .list(description, of: .integer("A VLAN, 1 to 4094, or 0.", 0...4094), .set, count: 0...4095)
  }

  private static let bridgeName = Schema.Field.required("name", .interfaceName("Name of the bridge."))
}
