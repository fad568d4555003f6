import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import OVNModel

extension Reader {
  /// A MultiNetworkPolicy: rules for the pods' interfaces on those of its networks that are on OVN. One that cannot be read
  /// leaves what it said before.
  func policyRows(_ name: NamespacedName) -> LogicalPlan? {
    guard let policy = policy(name) else { return nil }
    do throws(FindingError) {
      let networks = try self.networks(of: policy)
      guard !networks.isEmpty else { return nil }
      let spec = try self.spec(of: policy)
      let switches = networks.reduce(into: [:]) { $0[$1] = attachmentView($1)?.plug?.logicalSwitch }
      var plan = LogicalPlan()
      if let finding = unenforced(networks.subtracting(switches.keys)) { plan.findings.append(finding) }
      guard !switches.isEmpty else { return plan }
      plan.fragments = PolicyPlan(name, spec, PolicyNetworks(self, switches), &plan.findings).fragments
      return plan
    } catch {
      return .kept([error.finding])
    }
  }

  /// The networks that a policy is for; none without the annotation.
  private func networks(of policy: MultiNetworkPolicy) throws(FindingError) -> Set<NamespacedName> {
    guard let text = policy.metadata.annotations?[PodAnnotation.policyFor] else { return [] }
    do {
      return Set(
        try NetworkReference.list(policyFor: text, namespace: policy.metadata.namespace ?? "").map(NamespacedName.init))
    } catch {
      throw FindingError(Finding(reason: ConditionReason.invalid, message: "\(error)"))
    }
  }

  private func spec(of policy: MultiNetworkPolicy) throws(FindingError) -> NetworkPolicySpec {
    do { return try policy.spec?.decode() ?? NetworkPolicySpec() } catch {
      throw FindingError(Finding(reason: ConditionReason.invalid, message: "spec cannot be read: \(error)"))
    }
  }

  private func unenforced(_ networks: Set<NamespacedName>) -> Finding? {
    guard !networks.isEmpty else { return nil }
    let names = networks.sorted().map(\.description).joined(separator: ", ")
    return Finding(
      reason: ConditionReason.notSupported,
      message:
        "not enforced on \(names): policies are enforced on networks that are on OVN, and these are not: give the"
        + " L2Service no segmentationID, or the attachment's ConnectionPoint an interface of implementation ovn")
  }
}

/// The pods of the cluster as a policy for some networks sees them.
private struct PolicyNetworks: PolicySurroundings {
  let reader: Reader
  let attachments: Set<NamespacedName>
  let networks: Set<String>
  private let reached: [String: Set<String>]

  init(_ reader: Reader, _ switches: [NamespacedName: NamespacedName]) {
    self.reader = reader
    attachments = Set(switches.keys)
    let services = Set(switches.values)
    networks = Set(services.map(\.description))
    reached = services.reduce(into: [:]) { reached, service in
      let routed = reader.routers(on: service).lazy.compactMap { reader.routerView($0.metadata.namespacedName)?.input }
        .map { $0.networks.map(\.service) }.filter { $0.contains(service) }.joined()
      reached[service.description] = Set(services.intersection(routed).union([service]).map(\.description))
    }
  }

  func networks(reachedFrom network: String) -> Set<String> { reached[network] ?? [] }

  func namespaces(matching selector: LabelSelector) -> [String] { reader.namespaces(matching: selector) }

  func policyPods(in namespace: String) -> [PolicyPod] {
    reader.pods(in: namespace).compactMap { name in
      let interfaces = reader.podInterfaces(of: name).filter { attachments.contains($0.attachment) }
      guard let labels = interfaces.first?.labels else { return nil }
      return PolicyPod(
        labels: labels,
        interfaces: interfaces.map { interface in
          PolicyPod.Interface(
            network: interface.service.description, port: LogicalSwitchPort.key(interface.port),
            addresses: Set(interface.ips.map(\.address)))
        })
    }
  }
}
