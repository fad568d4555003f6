import Files
import Glibc
import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

extension Prerequisites {
  /// What stands in for a virtual machine asks for its addresses by the clients that others use.
  static let hasDHCPClients = (["/usr/bin/busybox", "/usr/sbin/dhclient"] as [String]).allSatisfy {
    access($0, X_OK) == 0
  }
}

/// A stand-in for a virtual machine, made by its owner: all that Netloom has to do with it is the `iface-id` that the status
/// of its NetworkPort says.
///
/// A namespace is the machine, with `eth0`. Inside of it is a switch, as of a hypervisor or of containers, on which every
/// VLAN leads to a namespace of its own. They are where pods are too, so that what a ``Tenant`` does in pods it does in them.
struct VirtualMachine {
  /// What is in a VLAN inside of a machine.
  struct Inner: Sendable {
    var name: String
    var vlan: VLANID
    var mac: MACAddress
  }

  private let tenant: Tenant
  private let name: String
  private let host: String
  private let inner: [Inner]

  /// Lends a machine that is plugged in on a host and has not been switched on yet: ``Tenant/switchOn(_:)``.
  ///
  /// - Parameter port: its NetworkPort, which has an `interfaceID` and a MAC address.
  static func with(
    _ name: String, on host: String, of tenant: Tenant, port: NetworkPort.Status, inner: [Inner] = [],
    _ body: () async throws -> Void
  ) async throws {
    let machine = VirtualMachine(tenant: tenant, name: name, host: host, inner: inner)
    do {
      let mac = try MACAddress(parsing: #require(port.mac))
      try await machine.make(#require(port.interfaceID), mac)
      try await body()
    } catch {
      await machine.remove()
      throw error
    }
    await machine.remove()
  }

  private var directory: LabDirectory { tenant.cluster.lab.directory }
  private var bridge: String { "\(name)-switch" }
  private var port: String { "\(name)-port" }

  private func path(_ name: String) -> String { "\(directory.podNamespaces(of: host))/\(tenant.namespace).\(name)" }

  private func make(_ interfaceID: String, _ mac: MACAddress) async throws {
    let netlink = try NetlinkSocket(in: tenant.cluster.lab.namespace(of: host))
    let inside = "\(name)-up"
    try netlink.perform(.createVeth(VethEnd(port), peer: VethEnd(inside), isUp: true))
    try netlink.perform(.setUp(.name(inside)))
    // With flood_vlans, the machine's own interface also sees what is for others.
    var arguments = [
      "add-br", bridge, "--", "set", "Bridge", bridge, "datapath_type=netdev", "flood_vlans=0", "--", "add-port",
      bridge,
      inside,
    ]
    for part in [Inner(name: name, vlan: try VLANID(1), mac: mac)] + inner {
      let namespace = try NetworkNamespace.create(at: path(part.name))
      try netlink.perform(
        .createVeth(
          VethEnd("\(part.name)-eth0"), peer: VethEnd("eth0", in: namespace, macAddress: part.mac), isUp: true))
      arguments += ["--", "add-port", bridge, "\(part.name)-eth0"]
      // The machine's own interface has all of its VLANs.
      if part.name != name { arguments.append("tag=\(part.vlan)") }
      // Nobody completes checksums between here and a switch in user space.
      try await tenant.run("ethtool", ["-K", "eth0", "tx", "off"], in: part.name).succeeded()
    }
    try await configure(
      arguments + [
        "--", "add-port", "br-int", port, "--", "set", "Interface", port,
        "external_ids:iface-id=\"\(interfaceID)\"",
      ])
  }

  /// What is there of it; it can be half made.
  private func remove() async {
    await expectNoError {
      try await configure(["--if-exists", "del-port", "br-int", port, "--", "--if-exists", "del-br", bridge])
    }
    await expectNoError {
      let netlink = try NetlinkSocket(in: tenant.cluster.lab.namespace(of: host))
      // The namespaces' interfaces go with their ends on the host.
      let names = [port, "\(name)-eth0"] + inner.map { "\($0.name)-eth0" }
      for link in try netlink.links() where names.contains(link.name) {
        try netlink.perform(.deleteLink(.index(link.index)))
      }
    }
    let made = Files.entries(of: directory.podNamespaces(of: host))
    for name in [name] + inner.map(\.name) where made.contains("\(tenant.namespace).\(name)") {
      await expectNoError { try NetworkNamespace.remove(path: path(name)) }
    }
  }

  private func expectNoError(_ body: () async throws -> Void) async {
    do { try await body() } catch { Issue.record(error, "machine \(name) is not removed") }
  }

  private func configure(_ arguments: [String]) async throws {
    let database = "--db=\(directory.databaseEndpoint(of: host))"
    let command = ProcessCommand(
      "ovs-vsctl", [database, "--timeout=10"] + arguments, environment: ProcessEnvironment.current)
    try await NamespaceProcess.run(command, in: tenant.cluster.lab.namespace(of: host)).succeeded()
  }
}

// MARK: - In a machine

extension Tenant {
  /// The status of a NetworkPort, as soon as OVN has it.
  func port(_ name: String) async throws -> NetworkPort.Status {
    let object = try await wait(for: NetworkPort.definition, name, "is ready") { $0.isReady }
    return try (object["status"] ?? nil).decode()
  }

  /// Switches the interface of a machine on; IPv6 begins to look for routers.
  func switchOn(_ machine: String) async throws {
    try await run("ip", ["link", "set", "eth0", "up"], in: machine).succeeded()
  }

  /// Has a machine ask by DHCP (RFC 2131) for an address, and take what it is told.
  ///
  /// - Returns: what it was told, by the client's names.
  func askDHCP(_ machine: String) async throws -> [String: String] {
    let script = try clientScript(
      "udhcpc",
      """
      [ "$1" = bound ] || exit 0
      ip address add "$ip/$mask" dev "$interface"
      ip link set "$interface" mtu "${mtu:-1500}"
      [ -n "$staticroutes" ] || staticroutes=${router:+0.0.0.0/0 $router}
      env
      set -- $staticroutes
      while [ $# -gt 1 ]; do ip route add "$1" via "$2" dev "$interface"; shift 2; done
      """)
    let options = ["search", "staticroutes", "mtu"].flatMap { ["-O", $0] }
    let client = ["udhcpc", "-f", "-q", "-n", "-t", "10", "-T", "1", "-i", "eth0", "-s", script] + options
    return try await settings(run("busybox", client, in: machine))
  }

  /// The same by DHCPv6 (RFC 8415), once it has an address of link-local scope.
  func askDHCPv6(_ machine: String) async throws -> [String: String] {
    try await eventually("\(machine) has an address of its link") {
      let words = ["-6", "address", "show", "dev", "eth0", "scope", "link", "-tentative"]
      return try await !run("ip", words, in: machine).succeeded().isEmpty
    }
    let script = try clientScript(
      "dhclient",
      """
      [ "$reason" = BOUND6 ] || exit 0
      ip -6 address add "$new_ip6_address/$new_ip6_prefixlen" dev "$interface" nodad
      env
      kill -KILL $PPID
      """)
    // It would stay, to renew what it has, which is for ever; asked to go, it would take the address along.
    let client = "dhclient -6 -1 -d -sf \(script) -lf \(script).leases -pf \(script).pid eth0; [ $? -eq 137 ]"
    return try await settings(run("sh", ["-c", client], in: machine))
  }

  private func clientScript(_ client: String, _ text: String) throws -> String {
    let path = "\(cluster.lab.directory.path)/\(client)"
    try Files.write(Array("#!/bin/sh\n\(text)\n".utf8), to: path, mode: 0o755)
    return path
  }

  /// Lines of the form `NAME=VALUE`.
  private func settings(_ outcome: ProcessOutcome) throws -> [String: String] {
    let lines = try outcome.succeeded().split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
    return Dictionary(lines.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { $1 }
  }
}

extension JSONValue {
  /// Whether a condition is true.
  func isTrue(_ type: String) -> Bool { condition(type)?["status"] == "True" }
}
