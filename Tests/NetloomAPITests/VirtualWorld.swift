import KubernetesModel
import Testing

@testable import NetloomAPI

/// What the kinds of virtual networks are looked at beside.
enum VirtualWorld {
  /// Two overlays, a VLAN outside, and a ConnectionPoint by which OVN reaches its physical network.
  private static var world: World {
    var world = World()
    world.services = [
      L2Service(metadata: .inTest("blue"), spec: .init(subnets: ["blue"])),
      L2Service(metadata: .inTest("red"), spec: .init(subnets: ["red"])),
      L2Service(
        metadata: .inTest("outside"),
        spec: .init(segmentationID: 50, physicalNetworks: ["physnet1"], subnets: ["outside"])),
    ]
    world.subnets = [
      Subnet(metadata: .inTest("blue"), spec: .init(cidr: "10.1.0.0/24", gateway: "10.1.0.1")),
      Subnet(metadata: .inTest("red"), spec: .init(cidr: "10.2.0.0/24", gateway: "10.2.0.1")),
      Subnet(metadata: .inTest("outside"), spec: .init(cidr: "10.50.0.0/24", gateway: "10.50.0.1")),
    ]
    world.points.append(
      ConnectionPoint(
        metadata: ObjectMeta(name: "cp-ovn"),
        spec: .init(interfaces: [.init(implementation: .ovn, bridge: "br-phys")], physicalNetwork: "physnet1")))
    world.ports = [NetworkPort(metadata: .inTest("vm"), spec: .init(l2Service: "blue", type: .vm))]
    return world
  }

  /// What is wrong with an object, alone and in this world with a change, must be these findings and no others.
  static func check(
    _ resource: some ReferringResource, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout World) -> Void = { _ in }
  ) {
    var world = world
    change(&world)
    let found = (resource.validate() + resource.validate(in: world)).map(\.description)
    #expect(found == expected, sourceLocation: sourceLocation)
  }
}

extension ObjectMeta {
  /// Of an object in namespace `test`.
  static func inTest(_ name: String) -> ObjectMeta { ObjectMeta(name: name, namespace: "test") }
}
