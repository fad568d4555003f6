import Files
import JSON
import KubernetesModel
import Netlink
import Testing

@testable import Lab

/// Things of other people beside ours: on a host's switches, in its kernel, in its files, and in the cluster.
struct ForeignThings: Sendable {
  let cluster: TestCluster
  let host = "worker1"
  /// A namespace of the cluster that Netloom has nothing to do with.
  let namespace = "foreign"

  private static let bridge = "br-foreign"
  private static let device = "lnxbr0"

  /// Runs `body` beside them, and takes them away.
  static func with(_ cluster: TestCluster, _ body: (ForeignThings) async throws -> Void) async throws {
    let things = ForeignThings(cluster: cluster)
    do {
      try await things.make()
      try await body(things)
    } catch {
      try await things.remove()
      throw error
    }
    try await things.remove()
  }

  // MARK: - Making

  private func make() async throws {
    try await vsctl(
      "add-br", Self.bridge, "--", "set", "Bridge", Self.bridge, "datapath_type=netdev",
      "other_config:hwaddr=02:0f:0f:0f:0f:0f", "external_ids:purpose=somebody", "--", "add-port", Self.bridge, "fp0",
      "tag=42", "--", "set", "Interface", "fp0", "type=internal", "external_ids:iface-id=vm-7", "--", "set", "Port",
      "fp0", "external_ids:netloom-pod=not/ours", "qos=@q", "--", "--id=@q", "create", "QoS", "type=linux-noop",
      "external_ids:of=somebody")
    try await ofctl("add-flow", "cookie=0xf0,table=0,priority=7,in_port=fp0,dl_vlan=42,actions=NORMAL")
    try await ip("link", "add", Self.device, "type", "bridge")
    try await ip("link", "add", "fveth0", "type", "veth", "peer", "name", "fveth1")
    try await ip("link", "set", "fveth1", "master", Self.device, "up")
    try await ip("link", "set", Self.device, "up", "alias", "somebody's")
    try await ip("addr", "add", "10.250.0.1/24", "dev", Self.device)
    try await ip("addr", "add", "fd25::1/64", "dev", Self.device, "nodad")
    try await ip("route", "add", "10.251.0.0/16", "via", "10.250.0.2", "dev", Self.device, "metric", "77")
    try await ip("neigh", "add", "10.250.0.2", "lladdr", "02:00:00:00:00:02", "dev", Self.device, "nud", "permanent")
    for (path, text) in files { try Files.makeFolder(folder(of: path)); try Files.write(Array(text.utf8), to: path) }
    try await cluster.kubectl("create", "namespace", namespace).succeeded()
    try await cluster.kubectl(
      "apply", "-n", namespace, "-f", "-", input: objects.asText
    ).succeeded()
  }

  private var files: [(path: String, text: String)] {
    let place = "\(cluster.lab.directory.path)/\(host)"
    return [
      ("\(place)/cni/50-somebody.conflist", #"{"cniVersion":"0.3.1","name":"somebody","plugins":[{"type":"ptp"}]}"#),
      ("\(place)/cni/99-loopback.conf", "{ \"cniVersion\": \"0.3.1\", \"type\": \"loopback\" }\n\n"),
      ("\(place)/plugins/somebodys-plugin", "#!/bin/sh\n"),
      ("\(place)/host-local/somebody/10.99.0.5", "container-of-somebody\neth0"),
    ]
  }

  private func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
  }

  private var objects: [JSONValue] {
    [
      [
        "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
        "metadata": ["name": "macvlan", "annotations": ["k8s.v1.cni.cncf.io/resourceName": "example.com/vf"]],
        "spec": ["config": #"{"cniVersion":"0.3.1","type":"macvlan","master":"eth0","ipam":{"type":"dhcp"}}"#],
      ],
      // Bound to no node: nobody in this cluster looks after it.
      [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": [
          "name": "theirs",
          "annotations": [
            "k8s.v1.cni.cncf.io/networks": "macvlan", "example.com/allocations": "[1,2]",
            "k8s.v1.cni.cncf.io/network-status": "[{\"name\":\"other\",\"interface\":\"eth0\",\"default\":true}]",
          ],
        ],
        "spec": ["containers": [["name": "main", "image": "none"]], "nodeSelector": ["kept": "for-others"]],
      ],
      [
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "theirs"], "data": ["netloom": "is not ours"],
      ],
    ]
  }

  private func remove() async throws {
    for (path, _) in files { try Files.remove(path) }
    _ = try await cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
    try await vsctl("--if-exists", "del-br", Self.bridge)
    try await vsctl("--all", "destroy", "QoS")
    for device in ["fveth0", Self.device] { _ = try await run("ip", "link", "del", device) }
    let name = namespace
    try await cluster.objects.wait(for: Namespace.definition, "the foreign namespace is gone") { namespaces in
      !namespaces.contains { $0.name == name }
    }
  }

  // MARK: - Looking

  /// All of them, byte for byte, by a name that says what it is. What changes by itself (statistics, timers) is left out.
  func snapshot() async throws -> [String: String] {
    var things: [String: String] = [:]
    let columns = [
      "Bridge": "_uuid,name,ports,external_ids,other_config,fail_mode,controller,datapath_type,flood_vlans,mirrors",
      "Port": "_uuid,name,interfaces,tag,trunks,vlan_mode,qos,external_ids,other_config",
      "Interface": "_uuid,name,type,options,external_ids,other_config,mac,mtu_request,ingress_policing_rate,ofport",
    ]
    for (table, row) in [("Bridge", Self.bridge), ("Port", Self.bridge), ("Port", "fp0"), ("Interface", "fp0")] {
      things["\(table) \(row)"] = try await vsctl("--columns=\(columns[table] ?? "")", "list", table, row)
    }
    things["QoS"] = try await vsctl("list", "QoS")
    things["flows"] = try await ofctl("--no-stats", "dump-flows")
    for device in [Self.device, "fveth0", "fveth1"] {
      things["device \(device)"] = try await ip("-d", "addr", "show", "dev", device)
        .replacing(#/_timer +[0-9.]+/#, with: "_timer")
    }
    things["routes"] = try await ip("-4", "route", "show", "dev", Self.device)
    things["neighbours"] = try await ip("neigh", "show", "dev", Self.device, "nud", "permanent")
    for (path, _) in files {
      things[path] = try Files.read(path).map { String(decoding: $0, as: UTF8.self) } ?? "gone"
    }
    for kind in [NetworkAttachmentDefinition.definition, Pod.definition, ConfigMap.definition, Namespace.definition] {
      let namespace = kind.scope == .namespaced ? namespace : nil
      for object in try await cluster.objects.list(kind, in: namespace)
      where namespace != nil || object.name == "foreign" {
        things["\(kind.kind) \(object.name)"] = object.description
      }
    }
    return things
  }

  // MARK: - Programs

  private func run(_ program: String, _ arguments: String...) async throws -> ProcessOutcome {
    try await run(program, arguments)
  }

  private func run(_ program: String, _ arguments: [String]) async throws -> ProcessOutcome {
    try await NamespaceProcess.run(
      ProcessCommand(program, arguments, environment: ProcessEnvironment.current),
      in: try NetworkNamespace.open(path: cluster.lab.directory.namespace(of: host)))
  }

  @discardableResult
  private func ip(_ arguments: String...) async throws -> String { try await run("ip", arguments).succeeded() }

  @discardableResult
  private func vsctl(_ arguments: String...) async throws -> String {
    let database = cluster.lab.directory.databaseEndpoint(of: host)
    return try await run("ovs-vsctl", ["--db=\(database)", "--timeout=10"] + arguments).succeeded()
  }

  /// Of the foreign bridge.
  @discardableResult
  private func ofctl(_ command: String...) async throws -> String {
    let socket = "unix:\(cluster.lab.directory.openVSwitch(of: host))/\(Self.bridge).mgmt"
    let options = command.filter { $0.hasPrefix("--") }
    let words = command.filter { !$0.hasPrefix("--") }
    return try await run("ovs-ofctl", options + [words[0], socket] + words.dropFirst()).succeeded()
  }
}
