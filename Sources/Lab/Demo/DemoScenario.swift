import JSON
import NetworkAnnotations
import NetworkTypes

/// What the demo's manifests promise, read from the manifests themselves: which VLANs each attachment carries, and so who
/// must reach whom. It knows nothing of how Netloom brings it about.
struct DemoScenario: Sendable {
  /// What a pod's interface carries.
  enum Carriage: Sendable, Hashable {
    case access(VLANID)
    case trunk(Set<VLANID>)
    /// A network that is no VLAN, by its name.
    case overlay(String)

    /// The VLANs that it is part of.
    var vlans: Set<VLANID> {
      switch self {
      case .access(let vlan): [vlan]
      case .trunk(let vlans): vlans
      case .overlay: []
      }
    }
  }

  /// The manifests of one file.
  struct File: Sendable {
    let name: String
    var documents: [JSONValue]

    /// Whether every document of it is of one kind.
    func isAll(_ kind: JSONValue) -> Bool { documents.allSatisfy { $0["kind"] == kind } }
  }

  private(set) var carriage: [String: Carriage] = [:]

  /// - Throws: ``LabError`` when an attachment names a service that no manifest declares.
  init(_ files: [File]) throws {
    let objects = files.flatMap(\.documents)
    var vlans: [String: VLANID] = [:]
    for service in objects where service["kind"] == "L2Service" {
      if let number = service[path: "spec", "segmentationID"]?.integer { vlans[service.name] = try VLANID(number) }
    }
    let attachments = objects.filter { $0["kind"] == "L2ServiceAttachment" }
    func carried(_ attachment: JSONValue) throws -> Set<VLANID> {
      Set(
        try (attachment[path: "spec", "l2Services"]?.array ?? []).compactMap(\.string).map { name in
          guard let vlan = vlans[name] else {
            throw LabError(
              "read the manifests", reason: "\(attachment.name) names the L2Service \(name), which none declares")
          }
          return vlan
        })
    }
    for attachment in attachments {
      let own = try carried(attachment)
      let place = attachment[path: "spec", "connectionPoint"]
      switch attachment[path: "spec", "vlanType"]?.string {
      case "access":
        if let vlan = own.first { carriage[attachment.name] = .access(vlan) }
      case "trunk":
        // A trunk carries what any trunk on the same connection point carries.
        let others = attachments.filter {
          $0[path: "spec", "vlanType"] == "trunk" && $0[path: "spec", "connectionPoint"] == place
        }
        carriage[attachment.name] = .trunk(try others.reduce(into: own) { $0.formUnion(try carried($1)) })
      default:
        carriage[attachment.name] = .trunk(own)
      }
    }
  }

  /// The attachments that a pod joins, with the interface that each becomes.
  func interfaces(of pod: JSONValue) throws -> [(interface: String, attachment: String, carriage: Carriage)] {
    guard let annotation = pod[path: "metadata", "annotations", "k8s.v1.cni.cncf.io/networks"]?.string else {
      return []
    }
    let namespace = pod[path: "metadata", "namespace"]?.string ?? "default"
    let selections = try NetworkSelection.list(parsing: annotation, namespace: namespace)
    return selections.enumerated().compactMap { number, selection in
      carriage[selection.name].map { (selection.interface ?? "net\(number + 1)", selection.name, $0) }
    }
  }
}
