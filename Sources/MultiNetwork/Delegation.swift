import CNI
import JSON
import Logging
import NetworkAnnotations

/// Runs the delegates of a sandbox: those of our own type in this process, several at once, the others as CNI plugins.
struct Delegation: Sendable {
  let parts: Multiplexer.Parts
  let logger: Logger

  /// Attaches in order; the first failure ends it. `attempted` counts the delegates that may have been attached.
  func add(_ sandbox: Sandbox, attempted: inout Int) async throws(CNIError) -> [CNIResult] {
    var results: [CNIResult] = []
    for batch in DelegateBatch.batches(sandbox.delegates) {
      attempted = batch.range.upperBound
      let delegates = sandbox.delegates[batch.range]
      do {
        for delegate in delegates { try delegate.deviceInfo?.prepare() }
        if batch.isInProcess {
          results += try await parts.native.add(delegates.map { try $0.nativeCall(of: sandbox) })
        } else if let delegate = delegates.first {
          results.append(try await parts.runtime.add(delegate.list(), attachment(of: delegate, sandbox)))
        }
      } catch {
        throw CNIError("cannot attach the pod to \(delegates.map(\.network).joined(separator: ", "))", error)
      }
    }
    if let owner = sandbox.delegates.firstIndex(where: { $0.defaultRoute != nil }) {
      try moveDefaultRoute(to: owner, sandbox, &results)
    }
    return results
  }

  /// With the MAC address that was decided for the interface, where a plugin takes one and the pod has not asked for one.
  private func attachment(of delegate: Delegate, _ sandbox: Sandbox) async throws -> CNIAttachment {
    var attachment = delegate.attachment(of: sandbox)
    guard attachment.capabilityArguments["mac"] == nil else { return attachment }
    for plugin in try delegate.list().plugins where plugin.capabilities.contains("mac") {
      guard let address = try await parts.cluster.macAddress(of: attachment, madeBy: plugin) else { continue }
      attachment.capabilityArguments["mac"] = .string("\(address)")
      break
    }
    return attachment
  }

  /// The results, also those that the runtime keeps, say afterwards what is: they are what CHECK compares with.
  func moveDefaultRoute(
    to owner: Int, _ sandbox: Sandbox, _ results: inout [CNIResult]
  ) throws(CNIError) {
    let delegate = sandbox.delegates[owner]
    let route = DefaultRoute(gateways: delegate.defaultRoute ?? [])
    do { try route.set(on: delegate.interface, in: sandbox.namespacePath) } catch {
      throw CNIError("cannot give the pod its default route by \(delegate.network)", error)
    }
    for index in results.indices {
      let before = results[index]
      results[index].routes.removeAll {
        $0.destination.prefixLength == 0 && route.families.contains($0.destination.family)
      }
      if index == owner { results[index].routes += route.routes }
      let delegate = sandbox.delegates[index]
      let list = try delegate.list()
      if results[index] != before, !list.isNative {
        try parts.runtime.keep(results[index], of: list, delegate.attachment(of: sandbox))
      }
    }
  }

  /// Detaches in reverse order; a failure does not stop the others. Returns what is still to be detached, and why.
  func delete(_ sandbox: Sandbox) async -> (remaining: [Delegate], failures: [CNIError]) {
    var remaining: [Delegate] = []
    var failures: [CNIError] = []
    for batch in DelegateBatch.batches(sandbox.delegates).reversed() {
      let delegates = sandbox.delegates[batch.range]
      do {
        if batch.isInProcess {
          try await parts.native.delete(delegates.map { try $0.nativeCall(of: sandbox) })
        } else if let delegate = delegates.first {
          try await parts.runtime.delete(delegate.list(), delegate.attachment(of: sandbox))
        }
        for delegate in delegates { try delegate.deviceInfo?.remove() }
      } catch {
        remaining = delegates + remaining
        failures.append(
          CNIError("cannot detach the pod from \(delegates.map(\.network).joined(separator: ", "))", error))
      }
    }
    return (remaining, failures)
  }

  /// What is not as ADD left it. Networks whose version of CNI has no CHECK are passed over.
  func check(_ sandbox: Sandbox) async -> [CNIError] {
    var failures: [CNIError] = []
    for (delegate, result) in zip(sandbox.delegates, sandbox.results) {
      do {
        let list = try delegate.list()
        guard list.version >= CNIVersion(introducing: "CHECK"), !list.disableCheck else { continue }
        if list.isNative {
          try await parts.native.check(delegate.nativeCall(of: sandbox, previous: result))
        } else {
          try await parts.runtime.check(list, delegate.attachment(of: sandbox))
        }
      } catch {
        failures.append(CNIError("\(delegate.network), interface \(delegate.interface), is not as it was made", error))
      }
    }
    return failures
  }

  /// Passes GC on to the plugins of a network.
  func collect(_ list: NetworkConfigurationList, keeping valid: Set<AttachmentKey>) async throws(CNIError) {
    do {
      if list.isNative {
        try await parts.native.collect(network: list.name, keeping: valid)
      } else {
        try await parts.runtime.collect(list, keeping: valid)
      }
    } catch {
      throw CNIError("cannot collect what is left on \(list.name)", error)
    }
  }

  /// Fails when the network could not be attached to.
  func status(_ list: NetworkConfigurationList) async throws {
    if list.isNative {
      try await parts.native.status(list.plugins[0])
    } else {
      try await parts.runtime.status(list)
    }
  }
}

extension Delegate {
  func nativeCall(of sandbox: Sandbox, previous: JSONValue? = nil) throws(CNIError) -> NativeCall {
    let attachment = attachment(of: sandbox)
    let input = CNIRuntime.input(try list().plugins[0], attachment, previous: previous)
    return NativeCall(attachment: attachment, network: try NetworkConfiguration(json: input))
  }
}

extension Sandbox {
  /// What the pod's status says of its networks.
  func status(_ results: [CNIResult], _ logger: Logger) -> [NetworkStatus] {
    zip(delegates, results).map { delegate, result in
      var info: JSONValue?
      do { info = try delegate.deviceInfo?.read() } catch {
        logger.warning(
          "information on a device is left out of the pod's status",
          metadata: ["container": "\(containerID)", "network": "\(delegate.network)", "error": "\(error)"])
      }
      return NetworkStatus(delegate, result, deviceInfo: info)
    }
  }
}
