import CNI
import JSON
import Logging
import Netlink
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

/// Attaches pods to networks and detaches them: the commands of the CNI plugin.
///
/// It keeps no state: what it made is found by marks on the switch's ports and by names that can be computed again, so
/// DEL and CHECK work after a restart, and when the pod is gone.
struct PodNetworking: Sendable {
  let openVSwitch: OpenVSwitchEngine
  let kernel: HostKernel
  let allocations: any AllocationSource
  let logger: Logger
  private let sandboxes = KeyedLock<String>()

  init(
    openVSwitch: OpenVSwitchEngine, kernel: HostKernel, allocations: any AllocationSource, logger: Logger
  ) {
    self.openVSwitch = openVSwitch
    self.kernel = kernel
    self.allocations = allocations
    self.logger = logger
  }

  /// Answers one call of the plugin. Calls for one container are done one after the other, in order.
  func answer(_ request: ShimRequest) async -> ShimAnswer {
    let version = (request.configuration["cniVersion"]?.string).flatMap { CNIVersion(rawValue: $0) } ?? .latest
    return await sandboxes.withLock(request.containerID) {
      do {
        return ShimAnswer(success: try await perform(request))
      } catch {
        let failure = CNIError(attempting: "\(request.command) of interface \(request.interface)", error)
        logger.error(
          "CNI call failed",
          metadata: [
            "command": "\(request.command)", "container": "\(request.containerID)", "interface": "\(request.interface)",
            "error": "\(failure)",
          ])
        return ShimAnswer(failure: failure, version: version)
      }
    }
  }

  private func perform(_ request: ShimRequest) async throws -> JSONValue? {
    switch request.command {
    case "VERSION":
      return [
        "cniVersion": request.configuration["cniVersion"] ?? .string(CNIVersion.latest.rawValue),
        "supportedVersions": .array(CNIVersion.allCases.map { .string($0.rawValue) }),
      ]
    case "ADD":
      let (attachment, configuration) = try (request.attachment(), NetworkConfiguration(json: request.configuration))
      return try await add(attachment, configuration).json(version: configuration.version)
    case "CHECK":
      try await check(request.attachment(), NetworkConfiguration(json: request.configuration))
      return nil
    case "DEL":
      // Only what identifies the attachment counts: a network that was changed or removed must not stop the cleaning up.
      let (attachment, _) = try (request.attachment(), NetworkConfiguration(json: request.configuration))
      try await delete(attachment)
      return nil
    default:
      throw CNIError.invalidVariable(
        "CNI_COMMAND", request.command, expected: "one of ADD, DEL, CHECK and VERSION")
    }
  }

  // MARK: - ADD

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
          externalIDs: PodPortMark.marks(attachment)))
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

  // MARK: - DEL

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

  private func check(_ attachment: CNIAttachment, _ network: NetworkConfiguration) async throws {
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

  // MARK: - After a restart

  /// Removes the ports of pods whose network namespace is gone: what a DEL that never came left behind.
  func collectGarbage() async throws {
    for (name, port) in try await openVSwitch.podPorts() {
      guard let container = port.externalIDs[PodPortMark.container],
        let path = port.externalIDs[PodPortMark.namespacePath]
      else { continue }
      // In order with the calls for the same container; another port may bear the name by now.
      let failure: (any Error)? = await sandboxes.withLock(container) {
        do {
          guard isGone(path), try await openVSwitch.podPorts()[name]?.externalIDs == port.externalIDs else {
            return nil
          }
          try await remove([name])
          logger.info(
            "removed the port of a pod that is gone", metadata: ["port": "\(name)", "container": "\(container)"])
          return nil
        } catch {
          return error
        }
      }
      if let failure { throw failure }
    }
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
}
