import CNI
import MultiNetwork
import OVSDB
import OpenVSwitchEngine

/// What pods' ports need of OVN on this node: ovn-controller has to take them up.
public struct OverlayPorts: Sendable {
  /// Asked when something does not come about.
  let southbound: Southbound
  /// How long an ADD waits for ovn-controller.
  var patience: Duration

  /// - Parameters:
  ///   - southbound: the servers, as ovn-controller gets them: separated by commas.
  ///   - credentials: what is shown to servers of `ssl:`.
  public init(
    southbound: String, patience: Duration = .seconds(10),
    credentials: @escaping @Sendable () async throws -> TLSCredentials? = { nil }
  ) throws(OVSDBError) {
    self.southbound = Southbound(
      servers: try southbound.split(separator: ",").map { server throws(OVSDBError) in
        try Endpoint(parsing: String(server))
      }, credentials: credentials)
    self.patience = patience
  }

  /// Returns when ovn-controller has all flows of the ports in place.
  /// - Throws: `CNIError` with code 11 that says what is missing: on this node, or in OVN.
  func awaitInstallation(of links: [PodLink], on openVSwitch: OpenVSwitchEngine) async throws {
    guard !links.isEmpty else { return }
    let missing = Set(try await openVSwitch.awaitInstallation(of: links.map(\.hostEnd.name), limit: patience))
    guard let port = links.first(where: { missing.contains($0.hostEnd.name) })?.logicalPort else { return }
    let chassis = try await openVSwitch.chassisName()
    throw CNIError(
      .tryAgainLater, "OVN has not taken up port \(port.name) within \(patience)",
      details: await SouthboundInquiry(southbound: southbound).obstacle(to: port, on: chassis))
  }
}

extension PodNetworking {
  /// Fails when no port of OVN can be on this node.
  func verifyOverlay(on openVSwitch: OpenVSwitchEngine) async throws {
    guard overlay != nil else {
      throw CNIError(
        .notAvailable, "this node has no part in OVN",
        details: "the network is a switch of OVN: start the netloom agent of this node with --ovn-southbound")
    }
    guard try await openVSwitch.bridge(named: ObservedSwitch.integrationBridge) != nil else {
      throw CNIError(
        .tryAgainLater, "there is no bridge \(ObservedSwitch.integrationBridge)",
        details: "ovn-controller makes it: see whether it runs on this node, and its log")
    }
  }
}
