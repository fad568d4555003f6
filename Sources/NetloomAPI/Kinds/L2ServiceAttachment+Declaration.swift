extension L2ServiceAttachment: DeclaredResource {
  public static let declaration = Declaration(
    "L2Services on a ConnectionPoint. Netloom makes the NetworkAttachmentDefinition of the same name that pods refer to."
      + " Made by the cloud admin.",
    spec: .object(
      "What is attached where, and how.",
      [
        .optional("description", .note),
        .required(
          "l2Services",
          .list(
            "The L2Services: name, or namespace/name where that service's allowedNamespaces permits it.",
            of: .string(
              "name or namespace/name of an L2Service.",
              pattern: #"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"#, length: 1...317), .set,
            count: 1...4094)),
        .optional(
          "connectionPoint",
          .objectName("Name of the ConnectionPoint. Not needed for an overlay, which is on every node.")),
        .required(
          "vlanType",
          .enumeration(
            "access: one service, untagged. selectivetrunk: exactly the listed services' VLANs, tagged. trunk: every VLAN"
              + " that the listed services and any other trunk attachment on the ConnectionPoint carry, tagged. qinq: one"
              + " service, in which the pod puts tags of its own (IEEE 802.1ad).",
            VLANType.self)),
        .optional(
          "podInterfaceType",
          .enumeration(
            "What the pod gets to see: kernel (a network interface) or dpdk (a device for a user-space driver). Absent:"
              + " chosen from the ConnectionPoint.", PodInterfaceType.self)),
        .optional(
          "implementation",
          .enumeration("The CNI plugin. Absent: the first of the ConnectionPoint that fits.", Implementation.self)),
        .optional(
          "customerVLANs",
          .list(
            "With vlanType qinq: the VLANs that pods may use inside the service's. It holds for what pods send; what reaches"
              + " them is not to be relied on to be filtered. Absent: all.",
            of: .string("One VLAN, 100, or a range, 100-199.", pattern: #"^[0-9]{1,4}(-[0-9]{1,4})?$"#, length: 1...9),
            .set, count: 1...64)),
        .optional(
          "mtu",
          .integer(
            "Largest IP packet in bytes, at most what the ConnectionPoint has room for: its mtu, with vlanType qinq 4"
              + " bytes less. Absent: just that.", 68...9216)),
        .optional("bandwidth", bandwidth),
        .optional(
          "portSecurity",
          .boolean(
            "Whether pods can send only from their own Ethernet and IP addresses. Absent: with netloom and sriov they"
              + " can, with bridge not (true needs nftables on the node); the other implementations cannot see to it.")),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional("implementation", .enumeration("The CNI plugin in use.", Implementation.self)),
      .optional("podInterfaceType", .enumeration("What pods get to see.", PodInterfaceType.self)),
      .optional(
        "networkAttachmentDefinition",
        .objectName("Name of the NetworkAttachmentDefinition in this namespace, once it exists.")),
      .optional("vlans", .vlans("The VLANs that pods get; one, untagged, with vlanType access.")),
      .optional("podCount", .count("How many pods are attached.")),
      .optional("pods", .names("These pods as namespace/name, at most 20.")),
    ]),
    columns: [
      .text("L2Services", ".spec.l2Services", "The L2Services"),
      .text("Type", ".spec.vlanType", "How the VLANs reach the pod"),
      .text("ConnectionPoint", ".spec.connectionPoint", "The ConnectionPoint"),
      .number("Pods", ".status.podCount", "How many pods are attached"),
      .text("Implementation", ".status.implementation", "The CNI plugin in use").wide,
      .text("Interface", ".status.podInterfaceType", "What pods get to see").wide,
      .text("VLANs", ".status.vlans", "The VLANs that pods get").wide,
    ])

  private static let bandwidth = Schema.object(
    "How much may pass each pod's interface, in bits a second, and at once after a pause, in bits; as CNI's bandwidth,"
      + " ingress is towards the pod. Absent: no limit. netloom and bridge can limit both ways, sriov egress.",
    [
      .optional("ingressRate", .rate("What may reach the pod, in bits a second, 1000 or more.")),
      .optional("ingressBurst", .rate("What may reach the pod at once, in bits, 12000 or more.", 12000)),
      .optional("egressRate", .rate("What the pod may send, in bits a second, 1000 or more.")),
      .optional("egressBurst", .rate("What the pod may send at once, in bits, 12000 or more.", 12000)),
    ])
}
