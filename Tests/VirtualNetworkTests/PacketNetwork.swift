import Glibc
import Lab
import Logging
import Netlink
import NetworkTypes
import OVNModel
import Testing

@testable import Compiler

let canRunOVN = geteuid() == 0 && Lab.canRunOVN
let canTrace = canRunOVN && access("/usr/sbin/traceroute", X_OK) == 0

/// Networks 1 to 4 and 9 of OVN on a router, on two hosts: a client on 1, a server on 9, and the pods of two functions between them.
struct PacketNetwork {
  let lab: Lab
  let central: OVNCentral
  let prefix: String

  static let networks = [1, 2, 3, 4, 9]
  static let pods: [(name: String, host: String, net: [(Int, Int)])] = [
    ("client", "h1", [(1, 5)]), ("server", "h2", [(9, 5)]), ("one-0", "h1", [(2, 50), (3, 100)]),
    ("two-0", "h1", [(3, 50), (4, 100)]), ("two-1", "h2", [(3, 51), (4, 101)]),
    ("tap-here", "h1", [(4, 5)]), ("tap-there", "h2", [(4, 6)]),
  ]

  /// Runs something in a network of its own, and removes that whatever happens.
  static func with(_ body: (PacketNetwork) async throws -> Void) async throws {
    let directory = LabDirectory(path: "/run/netloom/lab/test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
    defer { Lab.down(directory) }
    let topology = LabTopology(
      hosts: [.init(name: "h1"), .init(name: "h2")], switches: [], gateways: [], cables: [],
      overlay: try .init(members: 1))
    let lab = try await Lab.up(topology, in: directory, logger: Logger(label: "test"))
    let network = PacketNetwork(
      lab: lab, central: try #require(lab.central), prefix: "c\(UInt16.random(in: 0...UInt16.max))")
    do {
      try await network.make()
      try await body(network)
    } catch {
      await network.remove()
      throw error
    }
    await network.remove()
  }

  private func make() async throws {
    for host in ["h1", "h2"] {
      _ = try await run(
        "ovs-vsctl", "--db=\(lab.directory.databaseEndpoint(of: host))", "set", "Open_vSwitch", ".",
        "external_ids:system-id=\(host)", "external_ids:ovn-encap-type=geneve",
        "external_ids:ovn-encap-ip=\(try #require(lab.topology.underlayAddress(of: host)).address)",
        "external_ids:ovn-bridge-datapath-type=netdev",
        "external_ids:ovn-remote=\(central.networkRemotes(of: .southbound))")
    }
    for net in Self.networks {
      try await add(LogicalSwitch(name: "web/net\(net)").fragment)
    }
    try await add(LogicalRouter(name: "web/router").fragment)
    for net in Self.networks {
      let name = "web/router/to/web/net\(net)"
      let port = LogicalRouterPort(
        name: name, on: "web/router", mac: mac(net, 1).description,
        networks: ["10.\(net).0.1/24", "fd00:\(net)::1/64"])
      try await add(port.fragment)
      var other = LogicalSwitchPort(name: "web/net\(net)/router/web/router", on: "web/net\(net)")
      other.type = "router"
      other.addresses = ["router"]
      other.options = ["router-port": name]
      try await add(other.fragment)
    }
    for pod in Self.pods { try await add(pod.name, on: pod.host, pod.net) }
    try await settle()
  }

  private func remove() async {
    for pod in Self.pods { _ = try? await run("ip", "netns", "delete", prefix + pod.name) }
  }

  /// Has OVN lead traffic by a chain and nothing else.
  func lead(_ chain: ChainPlan) async throws {
    try await nbctl(["clear", "Logical_Router", "web/router", "policies"])
    for fragment in chain.fragments { try await add(fragment) }
    try await settle()
  }

  /// Returns when the switch of each host has what the northbound database says now.
  func settle() async throws { try await nbctl(["--wait=hv", "sync"]) }

  /// The addresses of the hops to an address. OVN's router answers only those who are on its port's own network, so it is
  /// seen where a packet comes to it first.
  func trace(_ pod: String, to address: String) async throws -> [String] {
    let output = try await run(
      "ip", "netns", "exec", prefix + pod, "traceroute", "-n", "-I", "-q1", "-N1", "-w2", "-m10", address)
    return output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }.filter { $0 != "*" }
  }

  /// How many of some echo requests are answered.
  func pings(_ pod: String, _ address: String, count: Int) async throws -> Int {
    let script = "ping -n -c\(count) -i0.1 -W1 \(address) | sed -n 's/.* \\([0-9]*\\) received.*/\\1/p'"
    let output = try await run("ip", "netns", "exec", prefix + pod, "bash", "-c", script)
    return Int(output.filter(\.isNumber)) ?? -1
  }

  /// How many packets a pod has received.
  func received(by pod: String) async throws -> Int {
    let output = try await run(
      "ip", "netns", "exec", prefix + pod, "bash", "-c", "cat /sys/class/net/eth*/statistics/rx_packets")
    return output.split(separator: "\n").compactMap { Int($0) }.reduce(0, +)
  }

  private func mac(_ net: Int, _ host: Int) -> MACAddress {
    MACAddress("02:00:00:00:0\(net):\(host < 16 ? "0" : "")\(String(host, radix: 16))")!
  }

  private func add(_ name: String, on host: String, _ nets: [(Int, Int)]) async throws {
    let database = lab.directory.databaseEndpoint(of: host)
    var script = """
      set -e
      ip netns add \(prefix)\(name)
      ip -n \(prefix)\(name) link set lo up
      ip netns exec \(prefix)\(name) sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.send_redirects=0 net.ipv6.conf.default.accept_dad=0

      """
    for (index, (net, host_)) in nets.enumerated() {
      let port = "\(prefix)\(name)\(index)".replacing("-", with: "")
      let address = "10.\(net).0.\(host_)"
      let six = "fd00:\(net)::\(String(host_, radix: 16))"
      // Towards the left by the left side, towards the right by the right side.
      let far = nets.count == 1 ? [1, 9] : [index == 0 ? 1 : 9]
      script += """
        ip link add \(port) type veth peer name eth\(index) netns \(prefix)\(name)
        ip -n \(prefix)\(name) link set eth\(index) address \(mac(net, host_)) mtu 1400
        ip netns exec \(prefix)\(name) ethtool -K eth\(index) tx off >/dev/null
        ip -n \(prefix)\(name) addr add \(address)/24 dev eth\(index)
        ip -n \(prefix)\(name) addr add \(six)/64 dev eth\(index) nodad
        ip -n \(prefix)\(name) link set eth\(index) up
        ip link set \(port) netns hostns
        nsenter --net=\(lab.directory.namespace(of: host)) ip link set \(port) up
        ovs-vsctl --db=\(database) add-port br-int \(port) -- set Interface \(port) external_ids:iface-id=web/\(name)/eth\(index)

        """
      for far in far where far != net {
        script += """
          ip -n \(prefix)\(name) route add 10.\(far).0.0/24 via 10.\(net).0.1
          ip -n \(prefix)\(name) -6 route add fd00:\(far)::/64 via fd00:\(net)::1

          """
      }
      var row = LogicalSwitchPort(name: "web/\(name)/eth\(index)", on: "web/net\(net)")
      row.addresses = ["\(mac(net, host_)) \(address) \(six)"]
      // A function sends what is not from it; a pod does not.
      row.portSecurity = nets.count == 1 ? row.addresses : ["\(mac(net, host_))"]
      try await add(row.fragment)
    }
    // A device goes to a namespace by a file of that namespace.
    script = script.replacing("netns hostns", with: "netns \(lab.directory.namespace(of: host))")
    _ = try await run("bash", "-c", script)
  }

  // MARK: Rows, as ovn-nbctl writes them

  private func add(_ row: RowFragment) async throws {
    var arguments = ["--id=@row", "create", row.key.table.rawValue]
    for (column, value) in row.columns.sorted(by: { $0.key < $1.key }) {
      if let text = text(value) { arguments.append("\(column)=\(text)") }
    }
    for parent in row.parents {
      arguments += ["--", "add", parent.row.table.rawValue, parent.row.name, parent.column, "@row"]
    }
    if row.key.table == .addressSet { try await nbctl(["--if-exists", "destroy", "Address_Set", row.key.name]) }
    try await nbctl(arguments)
  }

  private func text(_ value: NorthboundValue) -> String? {
    switch value {
    case .one(let atom): text(atom)
    case .set(let atoms): "[\(atoms.map(text).joined(separator: ","))]"
    case .map(let map): "{\(map.map { "\(text(.string($0)))=\(text(.string($1)))" }.joined(separator: ","))}"
    case .numbers, .references: nil
    }
  }

  private func text(_ atom: NorthboundAtom) -> String {
    switch atom {
    case .boolean(let truth): "\(truth)"
    case .integer(let number): "\(number)"
    case .string(let text): "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
  }

  private func nbctl(_ arguments: [String]) async throws {
    _ = try await run(["ovn-nbctl", "--timeout=20", "--db=\(central.remote(of: .northbound, 1))"] + arguments)
  }

  private func run(_ command: String...) async throws -> String { try await run(command) }

  private func run(_ command: [String]) async throws -> String {
    let outcome = try await NamespaceProcess.run(ProcessCommand(command[0], Array(command.dropFirst())), in: nil)
    guard outcome.isSuccess else { throw LabError("run \(command)", reason: outcome.errorText + outcome.text) }
    return outcome.text
  }

  /// How a switch's rows call themselves.
  func switchRows(_ host: String, _ table: String, _ column: String) async throws -> [String] {
    let output = try await run(
      "ovs-vsctl", "--db=\(lab.directory.databaseEndpoint(of: host))", "--bare", "--columns=\(column)", "list", table)
    return output.split(separator: "\n").map(String.init)
  }
}
