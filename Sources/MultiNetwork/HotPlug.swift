import CNI
import JSON
import NetworkAnnotations

/// Why something that a pod or its network asks for is not done while the pod runs.
public struct LiveRefusal: Sendable, Hashable, CustomStringConvertible {
  /// What would help.
  public enum Remedy: String, Sendable, Hashable {
    /// The network has to be taken from the pod and given to it again.
    case reattach = "CannotChangeLive"
    /// The pod has to be made anew.
    case restart = "RestartNeeded"
  }

  /// What would help.
  public var remedy: Remedy
  /// The interface, and what about it.
  public var description: String
  /// Whether it may pass by itself a moment later.
  public var mayPass: Bool

  /// A refusal, in words that say what and why.
  public init(_ remedy: Remedy, _ description: String, mayPass: Bool = false) {
    self.remedy = remedy
    self.description = description
    self.mayPass = mayPass
  }
}

/// The difference between what a sandbox has and what its pod asks for now. Pure; the default network is not part of it.
struct HotPlug: Sendable, Hashable {
  /// What the sandbox has.
  struct Attached: Sendable, Hashable {
    var delegate: Delegate
    /// Whether its ADD has succeeded, as far as was written down.
    var isFinished: Bool
  }

  /// What it is to have; the interface of a network that cannot be attached is known all the same.
  struct Wanted: Sendable {
    var network: String
    var interface: String
    var delegate: Result<Delegate, CNIError>
  }

  /// What goes, in the order in which it was attached.
  var detach: [Delegate] = []
  /// What comes, in the order in which the pod asks for it.
  var attach: [Delegate] = []
  /// What stays, as it is to be now.
  var keep: [Delegate] = []
  /// What about those that stay cannot be changed.
  var refusals: [LiveRefusal] = []
  /// Why others cannot come.
  var failures: [CNIError] = []

  /// Compares.
  init(recorded: [Attached], wanted: [Wanted]) {
    for attached in recorded where !attached.delegate.isDefault {
      let delegate = attached.delegate
      guard let match = wanted.first(where: { $0.isOf(delegate) }) else {
        detach.append(delegate)
        continue
      }
      // What may be half made is made anew.
      guard attached.isFinished else {
        detach.append(delegate)
        continue
      }
      switch match.delegate {
      case .success(let wanted): keep.append(adapt(delegate, to: wanted))
      // A network stays with the pods that have it, whatever becomes of its definition.
      case .failure(let error) where error.code == .tryAgainLater: keep.append(delegate)
      case .failure(let error):
        keep.append(delegate)
        failures.append(error)
      }
    }
    for element in wanted where !keep.contains(where: { element.isOf($0) }) {
      switch element.delegate {
      case .success(let delegate): attach.append(delegate)
      case .failure(let error): failures.append(error)
      }
    }
  }

  /// What stays, with as much of what it is to be as a running pod can take.
  private mutating func adapt(_ delegate: Delegate, to wanted: Delegate) -> Delegate {
    var adapted = delegate
    let subject = "\(delegate.interface) on \(delegate.network)"
    if wanted.defaultRoute != delegate.defaultRoute {
      refusals.append(
        .init(.restart, "\(subject): the pod's default route is moved when the pod is made, and not later"))
    }
    guard delegate.isNative, wanted.isNative else {
      if wanted.configuration != delegate.configuration {
        let type = delegate.pluginType
        refusals.append(
          .init(
            .restart,
            "\(subject): its configuration has changed, and CNI has no call for a plugin (\(type)) to change what it has "
              + "made: make the pod anew, or take the network from it and give it again"))
      }
      let arguments = wanted.capabilityArguments.merging(wanted.arguments) { $1 }
      if arguments != delegate.capabilityArguments.merging(delegate.arguments, uniquingKeysWith: { $1 }) {
        refusals.append(
          .init(
            .restart,
            "\(subject): the pod asks for it in another way than when it was attached (\(delegate.pluginType))"))
      }
      return adapted
    }
    adapted.configuration = wanted.configuration
    adapted.arguments = wanted.arguments
    adapted.capabilityArguments = wanted.capabilityArguments
    for (argument, what) in [("mac", "hardware address"), ("ips", "addresses")] {
      let (now, then) = (wanted.capabilityArguments[argument], delegate.capabilityArguments[argument])
      adapted.capabilityArguments[argument] = then
      guard now != then else { continue }
      refusals.append(
        .init(
          .reattach,
          "\(subject): the \(what) of an interface in use stays (asked for: \(now?.description ?? "none"), before: "
            + "\(then?.description ?? "none")): take the network from the pod and give it again"))
    }
    return adapted
  }
}

extension HotPlug.Wanted {
  fileprivate func isOf(_ delegate: Delegate) -> Bool {
    network == delegate.network && interface == delegate.interface
  }
}

extension Delegate {
  fileprivate var pluginType: String {
    do { return try list().plugins.map(\.type).joined(separator: ", ") } catch { return "unreadable" }
  }

  /// The device that the attachment was given.
  fileprivate var device: String? {
    (capabilityArguments["deviceID"] ?? configuration["deviceID"] ?? configuration["plugins"]?[0]?["deviceID"])?.string
  }
}

extension SandboxPlan {
  /// The networks that a running sandbox is to have beside the default one, each by itself: one that cannot be attached does
  /// not stop the others. Fails when the pod asks in a wrong way.
  func wanted(of sandbox: Sandbox, _ requested: RequestedNetworks) throws(CNIError) -> [HotPlug.Wanted] {
    let names = try interfaces(of: requested, default: sandbox.interface)
    let devicesInUse = sandbox.delegates.compactMap(\.device)
    var unused = devices.mapValues { $0.filter { !devicesInUse.contains($0) } }
    return zip(requested.additional, names).map { selection, interface in
      var selection = selection
      let attached = sandbox.delegates.first {
        !$0.isDefault && $0.network == "\(selection.network)" && $0.interface == interface
      }
      if let device = attached?.device { selection.deviceID = device }
      return HotPlug.Wanted(
        network: "\(selection.network)", interface: interface,
        delegate: Result { () throws(CNIError) in
          try delegate(selection, interface: interface, sandbox.attachment, &unused)
        })
    }
  }
}
