import CNI

extension Multiplexer {
  // MARK: - GC

  /// Removes what is left of sandboxes that are not in the list, and passes the call on to the plugins of every network with
  /// the attachments that it still has. Goes on after errors and fails with all of them.
  public func collect(_ network: NetworkConfiguration) async throws(CNIError) {
    let configuration = try MultiplexerConfiguration(network)
    let valid = try network.validAttachments()
    let before = parts.state.all()
    var failures = before.failures
    for sandbox in before.sandboxes where !valid.contains(sandbox.key) {
      do throws(CNIError) {
        try await sandboxes.withLock(sandbox.containerID) { () async throws(CNIError) in
          // A call for it may have come meanwhile.
          if try parts.state.load(sandbox.key) == sandbox { try await takeDown(sandbox) }
        }
      } catch {
        failures.append(error)
      }
    }
    // A sandbox that appeared meanwhile is not garbage, although the list does not know it yet.
    let old = Set(before.sandboxes.map(\.key))
    let kept = parts.state.all().sandboxes.filter { valid.contains($0.key) || !old.contains($0.key) }
    var networks = before.sandboxes.flatMap(\.delegates)
    do { networks.append(try await clusterNetwork(configuration)) } catch { failures.append(error) }
    failures += await collect(on: networks, keeping: kept)
    if let failure = CNIError(combining: failures) { throw failure }
  }

  private func collect(on networks: [Delegate], keeping sandboxes: [Sandbox]) async -> [CNIError] {
    var valid: [String: Set<AttachmentKey>] = [:]
    for sandbox in sandboxes {
      for delegate in sandbox.delegates {
        let key = AttachmentKey(containerID: sandbox.containerID, interface: delegate.interface)
        valid[delegate.configuration["name"]?.string ?? "", default: []].insert(key)
      }
    }
    var failures: [CNIError] = []
    for configuration in Set(networks.map(\.configuration)).sorted(by: { "\($0)" < "\($1)" }) {
      do throws(CNIError) {
        let list = try NetworkConfigurationList(json: configuration)
        try await delegation.collect(list, keeping: valid[list.name] ?? [])
      } catch {
        failures.append(error)
      }
    }
    return failures
  }

  // MARK: - STATUS

  /// Fails with code 50 when an ADD would fail: the cluster's network is not ready, nothing can be written down, or nothing is
  /// known of the cluster yet. With 51 when a plugin of the cluster's network says so.
  public func status(_ network: NetworkConfiguration) async throws(CNIError) {
    let configuration = try MultiplexerConfiguration(network)
    do {
      try configuration.verifyClusterNetwork()
      try parts.state.verify()
      try await parts.cluster.verifyReady()
      try await delegation.status(clusterNetwork(configuration).list())
    } catch let error as CNIError where error.code == .limitedConnectivity {
      throw error
    } catch {
      throw (error as? CNIError ?? CNIError("no pod can be attached", error)).with(.notAvailable)
    }
  }
}
