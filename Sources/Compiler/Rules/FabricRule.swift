import NetloomAPI

/// A Fabric as the other computations use it.
struct FabricView: Hashable, Sendable {
  /// What is wrong with the manifest; a fabric with findings resolves nothing and is left as it is.
  var findings: [Finding]
  /// The way between the switches.
  var tree: SwitchTree
  /// Where the nodes' interfaces are plugged in.
  var links: [NodeInterface: Set<Fabric.PortReference>] = [:]
  /// Where the DC gateways of a physical network are plugged in.
  var uplinks: [String: Set<Fabric.PortReference>] = [:]
}

/// An interface of a node.
struct NodeInterface: Hashable, Sendable {
  var node: String
  var interface: String
}

/// A port of one fabric.
struct FabricPort: Hashable, Sendable, Comparable {
  var fabric: String
  var port: Fabric.PortReference

  static func < (lhs: Self, rhs: Self) -> Bool { (lhs.fabric, lhs.port) < (rhs.fabric, rhs.port) }
}

extension Reader {
  /// Reads and checks a Fabric.
  func computeFabric(_ name: String) -> FabricView? {
    guard let fabric = fabric(name) else { return nil }
    let findings = fabric.validate().map(Finding.init)
    guard findings.isEmpty else {
      return FabricView(findings: findings, tree: SwitchTree(switches: [], links: []))
    }
    let links = (fabric.spec.interSwitchLinks ?? []).map { SwitchTree.Link($0.a, $0.b) }
    var view = FabricView(
      findings: [], tree: SwitchTree(switches: fabric.spec.switches.map(\.name), links: links))
    for link in fabric.spec.links ?? [] {
      view.links[NodeInterface(node: link.node, interface: link.interface), default: []]
        .insert(Fabric.PortReference(switch: link.switch, port: link.port))
    }
    for uplink in fabric.spec.uplinks ?? [] {
      view.uplinks[uplink.physicalNetwork, default: []]
        .insert(Fabric.PortReference(switch: uplink.switch, port: uplink.port))
    }
    return view
  }

  /// The ports that an interface of a node is plugged into, in any fabric.
  func ports(of interface: NodeInterface) -> Set<FabricPort> {
    var ports: Set<FabricPort> = []
    for fabric in fabricNames() {
      for port in fabricView(fabric)?.links[interface] ?? [] {
        ports.insert(FabricPort(fabric: fabric, port: port))
      }
    }
    return ports
  }

  /// The ports where the DC gateways of a physical network are plugged in, in any fabric.
  func gatewayPorts(of physicalNetwork: String) -> Set<FabricPort> {
    var ports: Set<FabricPort> = []
    for fabric in fabricNames() {
      for port in fabricView(fabric)?.uplinks[physicalNetwork] ?? [] {
        ports.insert(FabricPort(fabric: fabric, port: port))
      }
    }
    return ports
  }
}
