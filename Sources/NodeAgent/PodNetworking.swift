import CNI
import JSON
import Logging
import MultiNetwork
import Netlink
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

/// Attaches pods to networks and detaches them: the commands of the CNI plugin.
///
/// Whoever calls it sees to it that no two calls for one container overlap (``sandboxes``).
///
/// It keeps no state: what it made is found by marks on the switch's ports and by names that can be computed again, so
/// DEL and CHECK work after a restart, and when the pod is gone.
struct PodNetworking: Sendable {
  let openVSwitch: OpenVSwitchEngine
  let kernel: HostKernel
  let allocations: any AllocationSource
  /// One operation at a time for each container.
  let sandboxes: KeyedLock<String>
  let logger: Logger

  // MARK: - ADD

  /// Attaches; the results in the order of the calls. All or none: what was made is undone when one fails.
  func add(_ calls: [NativeCall]) async throws -> [CNIResult] {
    var results: [CNIResult] = []
    do {
      for call in calls { results.append(try await add(call.attachment, call.network)) }
      return results
    } catch {
      for call in calls.prefix(results.count) { await undo(call.attachment, because: error) }
      throw error
    }
  }

  private func add(_ attachment: CNIAttachment, _ network: NetworkConfiguration) async throws -> CNIResult {
    let configuration = try AttachmentConfiguration(network)
    let allocation = try await allocation(for: attachment, configuration)
    let interface = PodInterface(
      name: attachment.interface, configuration: configuration, allocation: allocation,
      needsCompleteChecksums: try await forwardsInUserspace(configuration.bridge))
    let pod = try openSandbox(attachment)
    let hostEnd = try await createPair(interface, attachment, in: pod)
    do {
      // The switch takes the port up while the pod's end gets its addresses.
      async let port = openVSwitch.addPodPort(
        PodPort(
          name: hostEnd, bridge: configuration.bridge, vlans: configuration.vlans,
          externalIDs: PodPortMark.marks(attachment, network: network.name)))
      async let macAddress = kernel.configure(interface, in: pod)
      let (_, mac) = try await (port, macAddress)
      return interface.result(hostEnd: hostEnd, macAddress: mac, sandbox: attachment.namespacePath)
    } catch {
      await undo(hostEnd, because: error)
      throw error
    }
  }

  /// Nil when the runtime names neither a pod nor an attachment: the interface then gets no address.
  private func allocation(
    for attachment: CNIAttachment, _ configuration: AttachmentConfiguration
  ) async throws -> Allocation? {
    guard let pod = PodIdentity(attachment), let network = configuration.network else { return nil }
    return try await allocations.allocation(for: pod, network: network, interface: attachment.interface)
  }

  private func forwardsInUserspace(_ bridge: String) async throws -> Bool {
    guard openVSwitch.kernelHasDatapath else { return true }
    return try await openVSwitch.observe().bridges[bridge]?.datapathType == "netdev"
  }

  private func openSandbox(_ attachment: CNIAttachment) throws -> NetworkNamespace {
    do {
      return try NetworkNamespace.open(path: attachment.namespacePath)
    } catch {
      throw CNIError(
        .invalidEnvironment, "invalid environment variable CNI_NETNS", details: "\(attachment.namespacePath): \(error)")
    }
  }

  /// Makes the veth pair. What an earlier ADD for the same attachment left behind, because the agent was killed in between,
  /// is removed first; a name that another attachment has is passed over.
  private func createPair(
    _ interface: PodInterface, _ attachment: CNIAttachment, in pod: NetworkNamespace
  ) async throws -> String {
    var variant = 0
    while true {
      let hostEnd = HostEnd.name(
        containerID: attachment.containerID, interface: attachment.interface, variant: variant)
      do {
        try await kernel.create(interface, hostEnd: hostEnd, in: pod)
        return hostEnd
      } catch let error as NetlinkError where error.isAlreadyExists {
        guard try await kernel.exists(hostEnd) else {
          throw CNIError(
            .invalidEnvironment, "invalid environment variable CNI_IFNAME",
            details: "the container has an interface \(interface.name) already")
        }
        let marks = try await openVSwitch.podPorts()[hostEnd]?.externalIDs
        if let marks, !attachment.isMarked(marks) {
          variant += 1
          continue
        }
        try await remove([hostEnd])
      }
    }
  }

  /// The task of the caller may be cancelled: what is undone is undone all the same.
  private func undo(_ hostEnd: String, because cause: any Error) async {
    await Task {
      do {
        try await remove([hostEnd])
      } catch {
        // The port, if any, bears our marks: DEL or the next start of the agent removes it.
        logger.error(
          "a failed ADD could not be undone",
          metadata: ["port": "\(hostEnd)", "cause": "\(cause)", "error": "\(error)"])
      }
    }.value
  }

  private func undo(_ attachment: CNIAttachment, because cause: any Error) async {
    await undo(HostEnd.name(containerID: attachment.containerID, interface: attachment.interface), because: cause)
  }

  // MARK: - DEL

  /// Detaches. What is gone already is no error.
  func delete(_ calls: [NativeCall]) async throws {
    for call in calls { try await delete(call.attachment) }
  }

  private func delete(_ attachment: CNIAttachment) async throws {
    let ports = try await openVSwitch.podPorts()
    let marked = ports.filter { attachment.isMarked($0.value.externalIDs) }.map(\.key)
    // A pair whose port was never made, or is gone already, is found by its name; what bears it for another stays.
    let name = HostEnd.name(containerID: attachment.containerID, interface: attachment.interface)
    let isUnclaimed = ports[name] == nil
    try await remove(isUnclaimed ? marked + [name] : marked)
  }

  private func remove(_ hostEnds: [String]) async throws {
    try await openVSwitch.removePodPorts(hostEnds)
    try await kernel.remove(hostEnds)
  }

  // MARK: - CHECK

  /// Fails with code 100 and every difference when the attachment is not as its ADD left it.
  func check(_ call: NativeCall) async throws {
    let (attachment, network) = (call.attachment, call.network)
    guard network.version >= .v040 else {
      throw CNIError(
        .incompatibleVersion, "CHECK needs CNI 0.4.0 or newer", details: "cniVersion is \(network.version)")
    }
    let configuration = try AttachmentConfiguration(network)
    guard let result = try network.previousResult() else {
      throw CNIError.invalidField("prevResult", nil, expected: "the result of the ADD")
    }
    let pod = try openSandbox(attachment)
    let ports = try await openVSwitch.podPorts().filter { attachment.isMarked($0.value.externalIDs) }
    let computed = HostEnd.name(containerID: attachment.containerID, interface: attachment.interface)
    let hostEnd = ports.keys.first ?? computed
    let wanted = PodInterface(name: attachment.interface, configuration: configuration, result: result)
    var differences = try await kernel.differences(from: wanted, hostEnd: hostEnd, in: pod)
    differences += ports[hostEnd]?.differences(from: configuration) ?? ["there is no port \(hostEnd) on the switch"]
    guard differences.isEmpty else {
      throw CNIError(
        .notAsAdded, "interface \(attachment.interface) is not as ADD left it",
        details: differences.joined(separator: "; "))
    }
  }

  // MARK: - GC

  /// Removes the attachments to the network of this name that are not in the list. Goes on after errors and throws the
  /// first, with the others in its details.
  func collect(network: String, keeping valid: Set<AttachmentKey>) async throws {
    try await removePorts { port in
      guard port.externalIDs[PodPortMark.network] == network, let key = AttachmentKey(marks: port.externalIDs) else {
        return false
      }
      return !valid.contains(key)
    }
  }

  /// Removes the ports of pods whose network namespace is gone: what a DEL that never came left behind.
  func collectGarbage() async throws {
    try await removePorts { $0.externalIDs[PodPortMark.namespacePath].map(isGone) ?? false }
  }

  private func removePorts(where isGarbage: @Sendable (ObservedPort) -> Bool) async throws {
    var failures: [CNIError] = []
    for (name, port) in try await openVSwitch.podPorts() {
      guard let container = port.externalIDs[PodPortMark.container] else { continue }
      // In order with the calls for the same container; another port may bear the name by now.
      let failure: CNIError? = await sandboxes.withLock(container) {
        do {
          guard isGarbage(port), try await openVSwitch.podPorts()[name]?.externalIDs == port.externalIDs else {
            return nil
          }
          try await remove([name])
          logger.info(
            "removed the port of a pod that is gone", metadata: ["port": "\(name)", "container": "\(container)"])
          return nil
        } catch {
          return CNIError(attempting: "removing port \(name) of container \(container)", error)
        }
      }
      if let failure { failures.append(failure) }
    }
    if let failure = CNIError(combining: failures) { throw failure }
  }

  private func isGone(_ namespacePath: String) -> Bool {
    do {
      _ = try NetworkNamespace.open(path: namespacePath)
      return false
    } catch {
      // EINVAL: the file is there, the namespace that was mounted on it is not.
      return error.isNotFound || error.isInvalid
    }
  }

  // MARK: - STATUS

  /// Fails with code 50 and the reason when an ADD with this configuration would fail.
  func status(_ network: NetworkConfiguration) async throws {
    let configuration = try AttachmentConfiguration(network)
    let bridges: [String: ObservedBridge]
    do {
      bridges = try await openVSwitch.observe(timeout: .seconds(1)).bridges
    } catch {
      throw CNIError(.notAvailable, "Open vSwitch does not answer", details: "\(error)")
    }
    guard bridges[configuration.bridge] != nil else {
      throw CNIError(
        .notAvailable, "there is no bridge \(configuration.bridge)",
        details: "see whether the NodeNetwork of this node is ready: kubectl get nodenetworks")
    }
  }
}

extension PodNetworking: CommandHandler {
  func perform(_ request: ShimRequest) async throws -> JSONValue? {
    switch request.command {
    case "ADD":
      let call = try request.nativeCall()
      return try await add([call])[0].json(version: call.network.version)
    case "CHECK":
      try await check(request.nativeCall())
    case "DEL":
      // Only what identifies the attachment counts: a network that was changed or removed must not stop the cleaning up.
      try await delete([request.nativeCall()])
    case "GC":
      let network = try NetworkConfiguration(json: request.configuration)
      try await collect(network: network.name, keeping: network.validAttachments())
    default:
      try await status(NetworkConfiguration(json: request.configuration))
    }
    return nil
  }
}

extension ShimRequest {
  fileprivate func nativeCall() throws(CNIError) -> NativeCall {
    NativeCall(attachment: try attachment(), network: try NetworkConfiguration(json: configuration))
  }
}

extension AttachmentKey {
  /// The attachment that a port's marks name.
  init?(marks: [String: String]) {
    guard let container = marks[PodPortMark.container], let interface = marks[PodPortMark.interface] else { return nil }
    self.init(containerID: container, interface: interface)
  }
}
