import CNI
import Logging
import MultiNetwork
import Netlink
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

/// Attaches pods to networks and detaches them: the plugin of type `netloom`.
///
/// Whoever calls it sees to it that no two calls for one container overlap (``sandboxes``).
///
/// It keeps no state: what it made is found by marks on the switch's ports, by aliases of interfaces, and by names that can
/// be computed again, so DEL and CHECK work after a restart, and when the pod is gone.
struct PodNetworking: Sendable {
  let openVSwitch: OpenVSwitchEngine
  let kernel: HostKernel
  let allocations: any AllocationSource
  /// What is known of the networks' addresses; nil: nothing.
  let pools: (any PoolReport)?
  /// The node's part in OVN; nil: it has none.
  var overlay: OverlayPorts?
  /// One operation at a time for each container.
  let sandboxes: KeyedLock<String>
  let logger: Logger

  // MARK: - ADD

  /// Attaches; the results in the order of the calls. All or none: what was made is undone when one fails. An ADD that was
  /// done before, or half done, is done anew.
  func add(_ calls: [NativeCall]) async throws -> [CNIResult] {
    var keys: Set<AttachmentKey> = []
    for call in calls where !keys.insert(call.attachment.key).inserted {
      throw CNIError.takenInterface(call.attachment.interface, "it is asked for twice")
    }
    var wanted: [PodLink] = []
    for call in calls { wanted.append(try await link(call)) }
    let links = try await create(wanted)
    do {
      // The switch and OVN take the ports up while the pods' ends get their addresses.
      async let plugged: Void = plug(links)
      async let configured: Void = kernel.configure(links)
      _ = try await (plugged, configured)
      // What ovs-vswitchd lets go of it puts back as it once found it, by name: by then that may be the new one.
      try await kernel.raise(links.filter(\.isRepeated).map(\.hostEnd))
    } catch {
      await undo(links, because: error)
      throw error
    }
    return links.map(\.result)
  }

  /// Puts ports on the switch; when it returns packets pass.
  func plug(_ links: [PodLink]) async throws {
    _ = try await openVSwitch.addPodPorts(links.map(\.port))
    try await overlay?.awaitInstallation(of: links.filter { $0.logicalPort != nil }, on: openVSwitch)
  }

  /// What is wanted. Makes nothing.
  func link(_ call: NativeCall, from source: (any AllocationSource)? = nil) async throws -> PodLink {
    let (attachment, network) = (call.attachment, call.network)
    let configuration = try AttachmentConfiguration(network)
    let previous = try network.previousResult()
    let runtime = try network.runtimeConfiguration()
    let sandbox = try NetworkNamespace.open(sandboxOf: attachment)
    if configuration.logicalSwitch != nil { try await verifyOverlay(on: openVSwitch) }
    var interface = try PodInterface(
      name: attachment.interface, configuration: configuration,
      allocation: try await allocation(for: attachment, configuration, from: source ?? allocations), runtime: runtime,
      needsCompleteChecksums: try await forwardsInUserspace(configuration.bridge))
    // The same each time, so that an ADD that is repeated gives the same result.
    interface.macAddress = interface.macAddress ?? HostEnd.macAddress(attachment.key)
    return PodLink(
      attachment: attachment, network: network.name, configuration: configuration, interface: interface,
      sandbox: sandbox, previous: previous,
      logicalPort: try await logicalPort(of: attachment, configuration, interface.macAddress))
  }

  /// The port of OVN that an attachment is: named after the pod, and for this pod alone, should there be another of its
  /// name later.
  func logicalPort(
    of attachment: CNIAttachment, _ configuration: AttachmentConfiguration, _ macAddress: MACAddress?
  ) async throws(CNIError) -> LogicalPort? {
    guard configuration.logicalSwitch != nil else { return nil }
    guard let pod = PodIdentity(attachment) else {
      throw CNIError(
        .invalidEnvironment, "invalid environment variable CNI_ARGS",
        details: "it names no pod (K8S_POD_NAMESPACE, K8S_POD_NAME), and ports of OVN are named after their pods")
    }
    return LogicalPort(
      name: "\(pod.namespace)/\(pod.name)/\(attachment.interface)",
      version: await allocations.uid(of: pod), macAddress: macAddress)
  }

  /// Nil when the runtime names neither a pod nor an attachment: the interface then gets the addresses that the runtime asks
  /// for, if any.
  private func allocation(
    for attachment: CNIAttachment, _ configuration: AttachmentConfiguration, from source: any AllocationSource
  ) async throws -> Allocation? {
    guard let pod = PodIdentity(attachment), let network = configuration.network else { return nil }
    return try await source.allocation(for: pod, network: network, interface: attachment.interface)
  }

  private func forwardsInUserspace(_ bridge: String) async throws -> Bool {
    guard openVSwitch.kernelHasDatapath else { return true }
    return try await openVSwitch.bridge(named: bridge)?.datapathType == "netdev"
  }

  /// Makes the veth pairs. What an earlier ADD for the same attachment left behind, because the agent was killed in between,
  /// is removed first; a name that another attachment has is passed over.
  private func create(_ wanted: [PodLink]) async throws -> [PodLink] {
    var links = wanted
    var made: [PodLink] = []
    var missing = Array(links.indices)
    do {
      // Each round takes what is left out of the way or goes on to the next name.
      for _ in HostEnd.variants {
        let outcomes = zip(missing, try await kernel.create(missing.map { links[$0] }))
        made += outcomes.filter { $0.1 == nil }.map { links[$0.0] }
        var stale: [HostEnd] = []
        for case (let index, let failure?) in outcomes {
          guard failure.isAlreadyExists else { throw failure }
          switch try await holder(of: links[index]) {
          case .earlierAttempt:
            stale.append(links[index].hostEnd)
            links[index].isRepeated = true
          case .anotherAttachment: links[index].variant += 1
          }
        }
        try await remove(stale)
        missing = outcomes.filter { $0.1 != nil }.map(\.0)
        if missing.isEmpty { return links }
      }
      throw CNIError(
        .tryAgainLater, "the interfaces cannot be made", details: "others keep making interfaces of the same names")
    } catch {
      await undo(made, because: error)
      throw error
    }
  }

  private enum Holder { case earlierAttempt, anotherAttachment }

  /// Who has the name of the host's end. Fails when it is the name in the pod that is taken.
  private func holder(of link: PodLink) async throws -> Holder {
    let end = link.hostEnd
    guard let existing = try await kernel.hostLink(end.name) else {
      throw CNIError.takenInterface(
        link.interface.name,
        "the container has an interface of that name already, which netloom did not make: ask for another name")
    }
    let marks = try await openVSwitch.podPorts(named: [end.name])[end.name]?.externalIDs
    if let marks, AttachmentKey(marks: marks) != link.attachment.key { return .anotherAttachment }
    if marks == nil, let alias = existing.alias, alias != end.alias { return .anotherAttachment }
    if let other = marks?[PodPortMark.network], other != link.network {
      throw CNIError.takenInterface(
        link.interface.name, "the container's interface of that name is attached to network \(other)")
    }
    return .earlierAttempt
  }

  /// The task of the caller may be cancelled: what is undone is undone all the same.
  private func undo(_ links: [PodLink], because cause: any Error) async {
    await Task {
      do {
        try await remove(links.map(\.hostEnd))
      } catch {
        // What is left bears our marks: DEL or garbage collection removes it.
        logger.error(
          "a failed ADD could not be undone",
          metadata: ["ports": "\(links.map(\.hostEnd.name))", "cause": "\(cause)", "error": "\(error)"])
      }
    }.value
  }

  // MARK: - DEL

  /// Detaches: the switch's ports in one transaction, the interfaces in one batch. What is gone already is no error. Only
  /// what identifies the attachments counts: a network that was changed or removed does not stop the cleaning up.
  func delete(_ calls: [NativeCall]) async throws {
    let candidates = calls.flatMap { call in
      HostEnd.candidates(call.attachment.key, network: call.network.name).enumerated()
        .map { (call: call, end: $1, isFirst: $0 == 0) }
    }
    let ports = try await openVSwitch.podPorts(named: candidates.map(\.end.name))
    let ours = candidates.filter { call, end, isFirst in
      // A pair whose port was never made, or is gone already, is known by its alias. It has another name than the first only
      // where two hashes collide; GC finds that too.
      ports[end.name].map { $0.isAttachment(call.attachment.key, network: call.network.name) } ?? isFirst
    }
    try await remove(ours.map(\.end))
  }

  /// Interfaces first: the kernel is slower while ovs-vswitchd lets go of them. A port without its interface is found by its
  /// marks, should this end in between.
  func remove(_ ends: [HostEnd]) async throws {
    guard !ends.isEmpty else { return }
    try await kernel.remove(ends)
    _ = try await openVSwitch.removePodPorts(ends.map(\.name))
  }
}

extension ObservedPort {
  /// Whether the port's marks say that it is this attachment's. Ports of earlier releases do not name their network.
  func isAttachment(_ key: AttachmentKey, network: String) -> Bool {
    AttachmentKey(marks: externalIDs) == key && externalIDs[PodPortMark.network].map { $0 == network } ?? true
  }
}

extension NetworkNamespace {
  static func open(sandboxOf attachment: CNIAttachment) throws(CNIError) -> NetworkNamespace {
    do {
      return try NetworkNamespace.open(path: attachment.namespacePath)
    } catch {
      throw CNIError(
        .invalidEnvironment, "invalid environment variable CNI_NETNS",
        details: "\(error): has the container ended meanwhile?")
    }
  }
}

extension CNIError {
  fileprivate static func takenInterface(_ name: String, _ reason: String) -> CNIError {
    CNIError(.invalidEnvironment, "invalid environment variable CNI_IFNAME", details: "\"\(name)\": \(reason)")
  }
}
