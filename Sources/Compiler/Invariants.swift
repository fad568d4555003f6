import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// Something that must never be so: a defect of Netloom, or somebody who writes what only Netloom may write.
public struct InvariantViolation: Hashable, Sendable {
  /// What was compared.
  public enum Check: String, Hashable, Sendable, CaseIterable {
    /// The books of the addresses in themselves.
    case books
    /// What pods are told, with the books and with what other pods are told.
    case annotations
    /// What pods have, as their nodes report, with what they were told.
    case status
    /// The books, with the pods and claims that there are.
    case leaks
  }

  /// What was compared.
  public var check: Check
  /// The object to look at, if it is one.
  public var subject: WorldID?
  /// What is wrong, for people.
  public var message: String
}

extension Compiler {
  /// Compares one pod with the books. A pod that is yet to be told something is left out. Costs what the pod has.
  public func violations(of name: NamespacedName) -> [InvariantViolation] {
    guard let pod = world.pods[name], !pod.isFinished, case .pod(let plan)? = results[.pod(name)],
      plan.actions(name, observed: pod).isEmpty
    else { return [] }
    do {
      let allocations = try pod.allocated()
      var violations = allocations.flatMap { untold($0, of: pod) }
      if let text = pod.networkStatus {
        violations += try NetworkStatus.list(parsing: text).compactMap { unexpected($0, of: pod, allocations) }
      }
      return violations
    } catch {
      // What cannot be read is the pod's finding, or another implementation's status.
      return []
    }
  }

  /// Compares everything with everything.
  public func violations() -> [InvariantViolation] {
    let books = addresses.allocator.violations().map {
      InvariantViolation(check: .books, subject: nil, message: $0.description)
    }
    return books + leaks() + doubles() + world.pods.keys.sorted().flatMap(violations(of:))
  }

  /// The subnets of which addresses have moved and the pods that were looked at since this was last asked.
  public mutating func takeChanges() -> (subnets: Set<NamespacedName>, pods: Set<NamespacedName>) {
    defer { (changedSubnets, changedPods) = ([], []) }
    return (changedSubnets, changedPods)
  }

  /// How many addresses of a subnet are in which state; nil for one that gives nothing out.
  public func addressCounts(of subnet: NamespacedName, at time: Moment) -> [(state: String, count: Double)]? {
    addresses.usage(of: subnet, at: time.elapsed).map { usage in
      [
        ("used", Double(usage.used)), ("resting", Double(usage.resting)), ("kept", Double(usage.kept)),
        ("conflict", Double(usage.setAside)), ("free", Double(usage.free)),
      ]
    }
  }

  /// What is told about a violation to those who look at its object, if it has one.
  public func announcement(of violation: InvariantViolation) -> Announcement? {
    violation.subject.map { subject in
      Announcement(
        subject: subject, uid: world.pods[subject.name]?.uid, isWarning: true, reason: "InvariantViolation",
        message: violation.message)
    }
  }

  // MARK: One pod

  private func untold(_ allocation: Allocation, of pod: PodRecord) -> [InvariantViolation] {
    let owner = addresses.pods[pod.name]?.interfaces[allocation.interface]?.owner
    let held = owner.map { addresses.assignments(of: $0) } ?? []
    return allocation.ips.compactMap { ip in
      guard let assignment = held.first(where: { $0.address == ip.address }) else {
        // An address of no subnet is given to nobody.
        let isKnown = world.subnets.values.contains {
          InterfaceAddress($0.spec.cidr)?.cidr.contains(ip.address) == true
        }
        return isKnown
          ? violation(.annotations, pod, "\(allocation.interface) is told \(ip.address), which is not booked for it")
          : nil
      }
      let owners = addresses.allocator.owners(of: assignment)
      return owners.count == 1
        ? nil
        : violation(
          .annotations, pod,
          "\(allocation.interface) is told \(ip.address), which is booked for "
            + "\(owners.sorted().map(\.description).joined(separator: " and "))")
    }
  }

  private func unexpected(
    _ status: NetworkStatus, of pod: PodRecord, _ allocations: [Allocation]
  ) -> InvariantViolation? {
    guard let interface = status.interface, !status.isDefault else { return nil }
    guard let told = allocations.first(where: { $0.interface == interface && $0.network.description == status.name })
    else {
      guard let address = status.ips.first, isOurs(NamespacedName(reference: status.name, from: nil)) else {
        return nil
      }
      return violation(.status, pod, "\(interface) has \(address) on \(status.name), which nobody told it")
    }
    return status.ips.first { address in !told.ips.contains { $0.address == address } }.map {
      violation(.status, pod, "\(interface) has \($0) on \(status.name), which it was not told")
    }
  }

  private func isOurs(_ network: NamespacedName) -> Bool {
    guard case .attachment(let view)? = results[.attachment(network)] else { return false }
    return view.plug?.interface.implementation.isNative ?? false
  }

  private func violation(
    _ check: InvariantViolation.Check, _ pod: PodRecord, _ message: String
  ) -> InvariantViolation {
    InvariantViolation(check: check, subject: WorldID(.pod, pod.name), message: "Pod \(pod.name): \(message)")
  }

  // MARK: All

  /// Addresses that are booked for nobody.
  private func leaks() -> [InvariantViolation] {
    addresses.allocator.owners.sorted().compactMap { owner in
      let isKnown =
        switch owner {
        case .interface(let interface, let pod, let uid):
          addresses.pods[pod]?.interfaces[interface]?.owner == owner && addresses.pods[pod]?.uid == uid
            && world.pods[pod]?.uid == uid
        case .claim(let claim):
          addresses.claims[claim].map { $0.exists ? world.claims[claim] != nil : $0.user != nil } ?? false
        case .port(let port, let uid):
          addresses.ports[port]?.uid == uid && (world.networkPorts[port]?.metadata.uid ?? "") == uid
        }
      guard !isKnown else { return nil }
      let booked = addresses.assignments(of: owner).map { "\($0.address) of subnet \($0.pool)" }
      return InvariantViolation(
        check: .leaks, subject: nil,
        message: "\(booked.joined(separator: ", ")) is booked for \(owner), which does not exist")
    }
  }

  /// Addresses that several pods are told on one network.
  private func doubles() -> [InvariantViolation] {
    struct Place: Hashable {
      var network: NetworkReference
      var address: IPAddress
    }
    var holders: [Place: NamespacedName] = [:]
    var violations: [InvariantViolation] = []
    for pod in world.pods.values.sorted(by: { $0.name < $1.name }) where !pod.isFinished {
      do {
        for allocation in try pod.allocated() {
          for ip in allocation.ips {
            let place = Place(network: allocation.network, address: ip.address)
            guard let other = holders.updateValue(pod.name, forKey: place) else { continue }
            violations.append(
              violation(
                .annotations, pod,
                "\(allocation.interface) is told \(ip.address) on \(place.network), as Pod \(other) is"))
          }
        }
      } catch {
        // What cannot be read is the pod's finding.
      }
    }
    return violations
  }
}
