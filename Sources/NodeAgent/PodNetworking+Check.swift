import CNI
import MultiNetwork
import Netlink
import NetworkAnnotations
import OpenVSwitchEngine

extension PodNetworking {
  /// Fails with code 100 and every difference when the attachment is not as its ADD left it: the interface, its addresses,
  /// routes and MTU, the port, its bridge and VLANs.
  func check(_ call: NativeCall) async throws {
    let (attachment, network) = (call.attachment, call.network)
    guard network.version >= CNIVersion(introducing: "CHECK") else {
      throw CNIError.tooOld(network.version, for: "CHECK")
    }
    let configuration = try AttachmentConfiguration(network)
    guard let result = try network.previousResult() else {
      throw CNIError.invalidField("prevResult", nil, expected: "the result of the ADD")
    }
    let pod = try NetworkNamespace.open(sandboxOf: attachment)
    let names = HostEnd.candidates(attachment.key, network: network.name).map(\.name)
    let port = try await openVSwitch.podPorts(named: names).first {
      $0.value.isAttachment(attachment.key, network: network.name)
    }
    let hostEnd = port?.key ?? names[0]
    let wanted = PodInterface(name: attachment.interface, configuration: configuration, result: result)
    var differences = try await kernel.differences(from: wanted, hostEnd: hostEnd, in: pod)
    differences += port?.value.differences(from: configuration) ?? ["there is no port \(hostEnd) on the switch"]
    if let port, let logicalPort = try await logicalPort(of: attachment, configuration, nil) {
      differences += port.value.differences(from: logicalPort)
    }
    guard differences.isEmpty else {
      throw CNIError(
        .notAsAdded, "interface \(attachment.interface) is not as ADD left it",
        details: differences.joined(separator: "; ") + ". Put it back, or delete the pod to have it made anew")
    }
  }

  /// Fails with code 50 and the reason when an ADD with this configuration would fail.
  func status(_ network: NetworkConfiguration) async throws {
    let configuration = try AttachmentConfiguration(network)
    if configuration.logicalSwitch != nil { try await verifyOverlay(on: openVSwitch) }
    let bridge: ObservedBridge?
    do {
      bridge = try await openVSwitch.bridge(named: configuration.bridge, timeout: .seconds(1))
    } catch {
      throw CNIError(.notAvailable, "Open vSwitch does not answer", details: "\(error)")
    }
    guard bridge != nil else {
      throw CNIError(
        .notAvailable, "there is no bridge \(configuration.bridge)",
        details: "see whether the NodeNetwork of this node is ready: kubectl get nodenetworks")
    }
    let socket = openVSwitch.managementSocket(of: configuration.bridge)
    guard AgentServer.isAnswered(socket) else {
      throw CNIError(
        .notAvailable, "ovs-vswitchd does not run",
        details: "nobody listens on \(socket): see the log of Open vSwitch and start it again")
    }
    guard let network = configuration.network else { return }
    try await allocations.verifyReady(for: network, pools)
  }
}

extension AllocationSource {
  /// Fails with code 50 and the reason when a pod could not get an address on the network.
  func verifyReady(for network: NetworkReference, _ pools: (any PoolReport)?) async throws(CNIError) {
    if let obstacle = await obstacle() {
      throw CNIError(.notAvailable, "the netloom agent knows no allocations yet", details: obstacle)
    }
    if let shortage = await pools?.shortage(of: network) {
      throw CNIError(.notAvailable, "no address is left for \(network)", details: shortage)
    }
  }
}
