import Files
import Glibc
import JSON
import Logging
import Netlink
import NetworkTypes

/// A data centre of network namespaces on this machine: hosts, leaf switches and gateways, each with a real Open
/// vSwitch of its own, joined by veth cables. Packets really flow; nothing touches the machine's own interfaces.
///
/// Needs root. What a lab makes lives in its ``LabDirectory`` and goes with ``down(_:)``, also when the process that made
/// it was killed.
public struct Lab: Sendable {
  public let topology: LabTopology
  public let directory: LabDirectory
  let logger: Logger

  private init(topology: LabTopology, directory: LabDirectory, logger: Logger) {
    self.topology = topology
    self.directory = directory
    self.logger = logger
  }

  /// Builds a lab and returns when every cable and switch is ready. On failure nothing is left behind.
  /// - Throws: ``LabError``, with all that is wrong with the description, or what could not be built on which machine.
  public static func up(_ topology: LabTopology, in directory: LabDirectory, logger: Logger) async throws -> Lab {
    try checkMachine(topology)
    let problems = topology.problems()
    guard problems.isEmpty else {
      throw LabError("build the lab", reason: problems.joined(separator: "; "), remedy: "mend the description")
    }
    guard try Files.read(directory.topologyFile) == nil else {
      throw LabError(
        "build a lab in \(directory.path)", reason: "there is one already", remedy: "take it down with netloom lab down"
      )
    }
    try Files.makeFolder(directory.path)
    try Files.write(try JSONValue(encoding: topology).serialized(.pretty), to: directory.topologyFile)
    let lab = Lab(topology: topology, directory: directory, logger: logger)
    do {
      try await lab.build()
    } catch {
      down(directory)
      throw error
    }
    return lab
  }

  /// Sees to it that this machine can run a lab at all.
  private static func checkMachine(_ topology: LabTopology) throws(LabError) {
    guard geteuid() == 0 else {
      throw LabError(
        "build a lab", reason: "network namespaces need root", remedy: "run it as root, for example with sudo")
    }
    guard access(OpenVSwitchDaemons.schema, R_OK) == 0 else {
      throw LabError(
        "build a lab", reason: "Open vSwitch is not installed (no \(OpenVSwitchDaemons.schema))",
        remedy: "run scripts/setup, or install the package openvswitch-switch")
    }
    guard topology.overlay == nil || canRunOVN else {
      throw LabError(
        "build a lab with an overlay", reason: "OVN is not installed (no \(ovnController))",
        remedy: "run scripts/setup, or install the packages ovn-central and ovn-host")
    }
  }

  static let ovnController = "/usr/bin/ovn-controller"

  /// Whether this machine has the programs for a lab with an overlay.
  public static var canRunOVN: Bool {
    ([ovnController, "/usr/bin/ovn-northd"] as [String]).allSatisfy { access($0, X_OK) == 0 }
  }

  /// Takes down whatever is left of a lab: daemons by their process numbers, namespaces (those of pods too), files.
  /// Harmless when there is nothing.
  public static func down(_ directory: LabDirectory) {
    OwnedProcesses.stop(pidFilesIn: directory.processes, mark: "\(directory.path)/")
    for machine in Files.entries(of: directory.path) {
      for folder in [directory.openVSwitch(of: machine), directory.ovn(of: machine)] {
        OwnedProcesses.stop(pidFilesIn: folder, mark: "\(directory.path)/")
      }
    }
    for machine in Files.entries(of: directory.path) {
      let pods = directory.podNamespaces(of: machine)
      for path in Files.entries(of: pods).map({ "\(pods)/\($0)" }) + [directory.namespace(of: machine)] {
        // A path that is no namespace any more is a file like the others.
        try? NetworkNamespace.remove(path: path)
      }
    }
    Files.removeTree(directory.path)
  }

  /// Takes down the labs that processes have left which were killed: those named `PREFIX-PROCESS` or
  /// `PREFIX-PROCESS-SUFFIX` whose process is not there any more.
  public static func sweep(_ prefix: String) {
    for name in Files.entries(of: LabDirectory.root) where name.hasPrefix("\(prefix)-") {
      let number = name.dropFirst(prefix.count + 1).prefix { $0 != "-" }
      guard let process = Int32(number), Glibc.kill(process, 0) != 0, errno == ESRCH else { continue }
      down(LabDirectory(name: name))
    }
  }

  /// Ends a machine's Open vSwitch the hard way, as a power cut would. Its database stays.
  public func killSwitch(of machine: String) {
    OwnedProcesses.stop(pidFilesIn: directory.openVSwitch(of: machine), mark: "\(directory.path)/")
  }

  /// Starts a machine's Open vSwitch again, with the database that it had.
  public func restartSwitch(of machine: String) async throws {
    try await openVSwitch(of: machine).start()
  }

  /// A machine's network namespace.
  public func namespace(of machine: String) throws -> NetworkNamespace {
    try NetworkNamespace.open(path: directory.namespace(of: machine))
  }

  private func build() async throws {
    var namespaces: [String: NetworkNamespace] = [:]
    for machine in topology.machines {
      namespaces[machine] = try NetworkNamespace.create(at: directory.namespace(of: machine))
    }
    for cable in topology.cables { try plug(cable, namespaces) }
    if let overlay = topology.overlay { try lay(overlay, below: namespaces) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      if let central { group.addTask { try await central.start() } }
      for (machine, namespace) in namespaces {
        group.addTask {
          let openVSwitch = openVSwitch(of: machine)
          try await openVSwitch.createDatabase()
          try await openVSwitch.start()
          try await configure(machine, in: namespace)
        }
      }
      try await group.waitForAll()
    }
  }

  private func openVSwitch(of machine: String) -> OpenVSwitchDaemons {
    OpenVSwitchDaemons(
      daemons: LabDaemons(
        machine: machine, namespace: directory.namespace(of: machine), folder: directory.openVSwitch(of: machine)))
  }

  private func plug(_ cable: LabTopology.Cable, _ namespaces: [String: NetworkNamespace]) throws {
    guard let left = namespaces[cable.a.machine], let right = namespaces[cable.b.machine] else { return }
    try NetlinkSocket(in: left).perform(
      .createVeth(VethEnd(cable.a.interface), peer: VethEnd(cable.b.interface, in: right)))
    try NetlinkSocket(in: left).perform(.setUp(.name(cable.a.interface)))
    try NetlinkSocket(in: right).perform(.setUp(.name(cable.b.interface)))
    // A user-space switch passes packets on as they are: checksums have to be in them.
    try Ethtool(in: left).setTransmitChecksumOffload(false, on: cable.a.interface)
    try Ethtool(in: right).setTransmitChecksumOffload(false, on: cable.b.interface)
  }

  private func configure(_ machine: String, in namespace: NetworkNamespace) async throws {
    let interfaces = topology.interfaces(of: machine)
    let endpoint = directory.databaseEndpoint(of: machine)
    if let leaf = topology.switches.first(where: { $0.name == machine }) {
      let ports = interfaces.map { name in
        let carried = leaf.carried?[name]?.map(\.rawValue) ?? []
        return SwitchSetup.Port(
          name: name, tag: leaf.untagged?[name], trunks: carried.isEmpty ? [SwitchSetup.closed] : carried)
      }
      try await SwitchSetup(bridge: "fabric", ports: ports).apply(to: endpoint, of: machine, logger: logger)
    } else if let gateway = topology.gateways.first(where: { $0.name == machine }) {
      let networks = gateway.networks
      let ports =
        interfaces.map { SwitchSetup.Port(name: $0, trunks: networks.map(\.vlan.rawValue)) }
        + networks.map { SwitchSetup.Port(name: "vlan\($0.vlan)", isInternal: true, tag: $0.vlan) }
      try await SwitchSetup(bridge: "uplink", ports: ports).apply(to: endpoint, of: machine, logger: logger)
      try address(gateway, in: namespace)
    } else if topology.overlay != nil {
      try await joinOverlay(machine, in: namespace)
    }
  }

  private func address(_ gateway: LabTopology.Gateway, in namespace: NetworkNamespace) throws {
    let netlink = try NetlinkSocket(in: namespace)
    let ethtool = try Ethtool(in: namespace)
    let loopback = try netlink.link(.name("lo")).index
    try netlink.perform(gateway.networks.flatMap { $0.behind ?? [] }.map { .addAddress($0, to: loopback) })
    for network in gateway.networks {
      let link = try netlink.link(.name("vlan\(network.vlan)"))
      try netlink.perform([.setUp(.index(link.index))] + network.addresses.map { .addAddress($0, to: link.index) })
      try ethtool.setTransmitChecksumOffload(false, on: link.name)
      try netlink.perform(
        (network.routes ?? []).map {
          .addRoute(Route(to: $0.destination, via: $0.nextHop, linkIndex: link.index))
        })
    }
  }
}
