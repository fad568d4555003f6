import NetloomAPI
import NetworkTypes

extension RouterPlan {
  /// Why there can be no such router, beyond what the manifest and those that it names show by themselves.
  var findings: [Finding] { gatewayFindings + routeFindings }

  private var gatewayFindings: [Finding] {
    guard let gateway = input.gateway else { return [] }
    guard !gateway.nodes.isEmpty else {
      return [
        Finding(
          reason: ConditionReason.unreachable,
          message:
            "spec.gateway: no node that is on OVN and that spec.gateway.nodeSelector chooses reaches the physical "
            + "network of L2Service \(gateway.service); attach nodes to it by a ConnectionPoint with an ovn interface")
      ]
    }
    guard gateway.isPerNode else { return [] }
    let count = gateway.nodes.count
    if count > gateway.seatCount {
      return [
        Finding(
          reason: ConditionReason.exhausted,
          message: "spec.gateway.addresses: \(count) nodes need \(count) addresses of each IP family, there are "
            + "\(gateway.seatCount); add some, or choose fewer nodes by spec.gateway.nodeSelector")
      ]
    }
    return input.familiesOut.filter { input.joinSubnet($0).hostRange.count <= UInt128(gateway.seatCount) }.map {
      Finding(
        reason: ConditionReason.exhausted,
        message:
          "spec.joinSubnets: \(input.joinSubnet($0)) has no room for the router and \(gateway.seatCount) gateways; "
          + "use a larger one")
    }
  }

  private var routeFindings: [Finding] {
    input.routes.enumerated().compactMap { index, route in
      let field = "spec.routes[\(index)]"
      let inside = route.nextHops.filter(input.isInside)
      if !inside.isEmpty, inside.count < route.nextHops.count {
        return Finding(
          reason: ConditionReason.notSupported,
          message:
            "\(field).nextHops: \(inside[0]) is inside and others are outside of the gateway, which cannot share "
            + "the flows; name next hops on one side")
      }
      if let nextHop = inside.first, route.hasBFD {
        return Finding(
          reason: ConditionReason.notSupported,
          message: "\(field).bfd: \(nextHop) is inside, and OVN watches only neighbours of the gateway; leave it out")
      }
      if let subnet = input.subnets.first(where: { $0.cidr == route.destination }) {
        return Finding(
          reason: ConditionReason.conflict,
          message:
            "\(field).destination: \(route.destination) is Subnet \(subnet.name), which the router joins; leave the "
            + "route out")
      }
      return nil
    }
  }
}
