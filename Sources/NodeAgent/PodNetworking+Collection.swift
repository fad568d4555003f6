import CNI
import Netlink
import OpenVSwitchEngine

extension PodNetworking {
  /// Removes the attachments to the network of this name that are not in the list: ports by their marks, interfaces without
  /// a port by their alias. Goes on after errors and throws the first, with the others in its details.
  func collect(network: String, keeping valid: Set<AttachmentKey>) async throws {
    let ports = try await openVSwitch.podPorts()
    var leftovers = ports.compactMap { name, port in
      port.externalIDs[PodPortMark.network] == network ? Leftover(name, marks: port.externalIDs) : nil
    }
    leftovers += try await kernel.aliases().compactMap { name, alias in
      guard ports[name] == nil, let key = AttachmentKey(alias: alias, network: network) else { return nil }
      return Leftover(key: key, end: HostEnd(named: name, key, network: network))
    }
    try await remove(leftovers.filter { !valid.contains($0.key) })
  }

  /// Removes the ports of pods whose network namespace is gone: what a DEL that never came left behind.
  func collectGarbage() async throws {
    let leftovers = try await openVSwitch.podPorts().compactMap { Leftover($0.key, marks: $0.value.externalIDs) }
    try await remove(leftovers.filter(\.isOfGonePod), when: \.isOfGonePod)
  }

  private func remove(
    _ leftovers: [Leftover], when isStillWanted: @Sendable (Leftover) -> Bool = { _ in true }
  ) async throws {
    var failures: [CNIError] = []
    for (container, leftovers) in Dictionary(grouping: leftovers, by: \.key.containerID) {
      // In order with the calls for the same container, which may have changed everything meanwhile.
      let failure: CNIError? = await sandboxes.withLock(container) {
        do {
          let ports = try await openVSwitch.podPorts(named: leftovers.map(\.end.name))
          let ends = leftovers.filter { ports[$0.end.name]?.externalIDs == $0.marks && isStillWanted($0) }.map(\.end)
          try await remove(ends)
          logger.info(
            "removed what was left of a pod that is gone",
            metadata: ["container": "\(container)", "ports": "\(ends.map(\.name))"])
          return nil
        } catch {
          return CNIError(attempting: "removing what is left of container \(container)", error)
        }
      }
      if let failure { failures.append(failure) }
    }
    if let failure = CNIError(combining: failures) { throw failure }
  }
}

/// What may have been left of an attachment.
private struct Leftover: Sendable {
  let key: AttachmentKey
  let end: HostEnd
  /// Those of its port; nil when there is no port.
  var marks: [String: String]?

  init(key: AttachmentKey, end: HostEnd) {
    (self.key, self.end) = (key, end)
  }

  /// Nil when the marks name no attachment.
  init?(_ name: String, marks: [String: String]) {
    guard let key = AttachmentKey(marks: marks) else { return nil }
    self.init(key: key, end: HostEnd(named: name, key, network: marks[PodPortMark.network] ?? ""))
    self.marks = marks
  }

  var isOfGonePod: Bool {
    guard let path = marks?[PodPortMark.namespacePath] else { return false }
    do {
      _ = try NetworkNamespace.open(path: path)
      return false
    } catch {
      // EINVAL: the file is there, the namespace that was mounted on it is not.
      return error.isNotFound || error.isInvalid
    }
  }
}
