import KubernetesModel
import Testing

@testable import NetloomAPI

/// What is wrong with a TrafficMirror, alone and beside others, in exact words.
@Suite struct TrafficMirrorValidationTests {
  private static func mirror(
    _ source: TrafficMirror.Source = .init(l2Service: "blue"),
    to destination: TrafficMirror.Destination = .init(pod: "analyser", interface: "net1")
  ) -> TrafficMirror {
    TrafficMirror(metadata: .inTest("tm"), spec: .init(source: source, destination: destination))
  }

  static let mirrors: [(TrafficMirror, [String])] = [
    (mirror(), []),
    (mirror(to: .init(networkPort: "vm")), []),
    (mirror(.init(podSelector: .init(matchLabels: ["app": "web"]))), []),
    (mirror(.init()), ["spec.source: Required value: give podSelector or l2Service"]),
    (
      mirror(.init(podSelector: .init(matchLabels: ["app": "web"]), l2Service: "blue")),
      ["spec.source.l2Service: Forbidden: give podSelector or l2Service, not both"]
    ),
    (
      mirror(.init(podSelector: .init())),
      [
        "spec.source.podSelector: Required value: an empty selector selects every pod; write the labels of the pods that are meant"
      ]
    ),
    (
      mirror(to: .init(pod: "analyser", interface: "an-interface-name")),
      [
        #"spec.destination.interface: Invalid value: "an-interface-name": it is no name of an interface of Linux: 1 to 15 bytes without space, slash and colon"#
      ]
    ),
    (
      mirror(.init(l2Service: "none")),
      [#"spec.source.l2Service: Not found: "none": there is no L2Service none in namespace test"#]
    ),
    (mirror(to: .init()), ["spec.destination: Required value: give pod and interface, or networkPort"]),
    (mirror(to: .init(pod: "a")), ["spec.destination.interface: Required value: name the interface of the pod"]),
    (
      mirror(to: .init(interface: "net1")), ["spec.destination.pod: Required value: name the pod whose interface it is"]
    ),
    (
      mirror(to: .init(pod: "a", networkPort: "vm")),
      ["spec.destination.networkPort: Forbidden: give pod and interface, or networkPort, not both"]
    ),
    (
      mirror(to: .init(networkPort: "none")),
      [
        #"spec.destination.networkPort: Not found: "none": there is no NetworkPort of this name in namespace test"#
      ]
    ),
  ]

  @Test(arguments: mirrors.indices) func whatIsWrongWithAMirror(index: Int) {
    VirtualWorld.check(Self.mirrors[index].0, Self.mirrors[index].1)
  }

  /// Open vSwitch keeps the output port of a mirror for the copies (ovs-vswitchd.conf.db(5), Mirror).
  @Test func aMachineThatGetsCopiesHasNoPortsInside() {
    let error =
      #"spec.destination.networkPort: Invalid value: "vm": NetworkPort in is inside of it, and an interface that gets copies gets nothing else; name a port that has none inside"#
    VirtualWorld.check(Self.mirror(to: .init(networkPort: "vm")), [error]) {
      $0.ports.append(
        NetworkPort(
          metadata: .inTest("in"),
          spec: .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 100))))
    }
  }

  @Test func copiesNeedAnInterfaceOfTheirOwn() {
    let error = #"spec.destination.networkPort: Invalid value: "in": it is of type Nested; name a port of type VM"#
    VirtualWorld.check(Self.mirror(to: .init(networkPort: "in")), [error]) {
      $0.ports.append(
        NetworkPort(
          metadata: .inTest("in"),
          spec: .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 100))))
    }
  }
}
