extension ConnectionPoint: DeclaredResource {
  /// The MTU of a connection point that does not say: that of Ethernet.
  public static let defaultMTU = 1500

  public static let declaration = Declaration(
    "Where pods can plug in: a set of equally equipped nodes, and what each offers. Made once by the platform admin.",
    spec: .object(
      "What the nodes offer.",
      [
        .optional("description", .note),
        .optional("nodeSelector", .labelSelector("The nodes that have this connection point. Absent: every node.")),
        .optional(
          "physicalNetwork",
          .plainName("The physical network behind the uplinks: the scope in which a VLAN means the same thing.")),
        .optional("mtu", .mtu(default: defaultMTU)),
        .required(
          "interfaces",
          .list(
            "What the nodes can do here. The first that fits is taken when an attachment does not choose.",
            of: interface, .atomic, count: 1...16)),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional("nodeCount", .count("How many nodes the selector matches.")),
      .optional("nodes", .names("Names of these nodes, at most 20.")),
      .optional("attachmentCount", .count("How many attachments name this connection point.")),
    ]),
    columns: [
      .text("PhysicalNetwork", ".spec.physicalNetwork", "The physical network behind the uplinks"),
      .number("MTU", ".spec.mtu", "Largest IP packet in bytes"),
      .number("Nodes", ".status.nodeCount", "How many nodes have it"),
      .text("Implementation", ".spec.interfaces[0].implementation", "The first choice").wide,
      .number("Attachments", ".status.attachmentCount", "How many attachments name it").wide,
    ])

  private static let interface = Schema.object(
    "One way to plug a pod in.",
    [
      .required("implementation", .enumeration("The CNI plugin that makes the pod's interface.", Implementation.self)),
      .optional(
        "types",
        .list(
          "What pods can get: kernel (a network interface) or dpdk (a device for a user-space driver). Absent: the"
            + " usual type of the implementation.", of: .enumeration("kernel or dpdk.", PodInterfaceType.self), .set,
          count: 1...2)),
      .optional(
        "bridge",
        .interfaceName(
          "The bridge on the node. Needed by netloom, ovs, bridge and userspace,"
            + " not used by the others.")),
      .optional(
        "uplink",
        .interfaceName(
          "The node's interface behind the bridge, or under the macvlan or ipvlan: what a Fabric's link names. Absent:"
            + " the bridge stays inside the node. A macvlan or ipvlan of VLAN 13 is made on eth1.13, which has to be there."
        )),
      .optional(
        "resourceName",
        .string(
          "The device plugin's resource, such as intel.com/virtio_net_device. Needed by host-device and sriov. A pool"
            + " with several uplinks is several interfaces of one resourceName.",
          pattern: #"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"#,
          length: 3...317)),
    ])
}
