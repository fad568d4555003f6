import JSON
import NetworkTypes

/// What an interface can be given beside its VLANs: rates, an MTU, port security, VLANs inside a service VLAN.
extension L2ServiceAttachment.Spec {
  /// Mistakes that show in the fields alone.
  func checkProperties(_ validator: inout Validator) {
    checkCustomerVLANs(&validator)
    if let mtu, !(68...9216).contains(mtu) {
      validator.add(.invalid(FieldPath.spec.child("mtu"), .integer(Int64(mtu)), "use 68 to 9216"))
    }
    let path = FieldPath.spec.child("bandwidth")
    guard let bandwidth else { return }
    if bandwidth == .init() {
      validator.add(
        .required(path.child("ingressRate"), "give a rate for at least one direction, or leave bandwidth out"))
    }
    for direction in L2ServiceAttachment.Bandwidth.Direction.allCases {
      let (rate, burst) = bandwidth[direction]
      let ratePath = path.child("\(direction.rawValue)Rate")
      if let rate, !(1000...1_000_000_000_000).contains(rate) {
        validator.add(
          .invalid(ratePath, .integer(Int64(rate)), "it is in bits a second; use 1000 to 1000000000000"))
      }
      guard let burst else { continue }
      if rate == nil { validator.add(.required(ratePath, "a burst needs a rate; give both")) }
      if !(12000...1_000_000_000_000).contains(burst) {
        validator.add(
          .invalid(
            path.child("\(direction.rawValue)Burst"), .integer(Int64(burst)),
            "it is in bits and has to hold a packet; use 12000 to 1000000000000"))
      }
    }
  }

  private func checkCustomerVLANs(_ validator: inout Validator) {
    let path = FieldPath.spec.child("customerVLANs")
    guard let customerVLANs else { return }
    guard vlanType == .qinq else {
      return validator.add(.forbidden(path, nil, "it has no effect without vlanType qinq; leave it out"))
    }
    if customerVLANs.isEmpty {
      validator.add(.required(path, "name at least one VLAN, or leave customerVLANs out for all"))
    }
    var earlier: [ClosedRange<VLANID>] = []
    for (index, text) in customerVLANs.enumerated() {
      guard let range = Self.range(text) else {
        validator.add(
          .invalid(path[index], .string(text), "write a VLAN, 1 to 4094, or a range of them such as 100-199"))
        continue
      }
      if earlier.contains(where: range.overlaps) {
        validator.add(.duplicate(path[index], .string(text), "VLANs of it are listed before; list each once"))
      }
      earlier.append(range)
    }
  }

  /// Properties that an implementation cannot give.
  func checkProperties(can implementation: Implementation, _ validator: inout Validator) {
    for (field, value, _) in properties(missingIn: implementation) {
      let message =
        switch field {
        case "mtu": "implementation \(implementation.rawValue) gives pods the MTU of the device; leave it out"
        case "portSecurity": "implementation \(implementation.rawValue) has no port security; leave it out"
        default: "implementation \(implementation.rawValue) cannot limit it; leave it out, or use netloom"
        }
      validator.add(.notSupported(FieldPath.spec.child(field), value, message))
    }
  }

  /// Properties that a ConnectionPoint has no room for.
  func checkProperties(on point: ConnectionPoint, _ validator: inout Validator) {
    var roomy = self
    roomy.mtu = nil
    let room = roomy.effectiveMTU(on: point.spec)
    if let mtu, mtu > room {
      let tag = vlanType == .qinq ? " less 4 for the second VLAN tag" : ""
      validator.add(
        .invalid(
          FieldPath.spec.child("mtu"), .integer(Int64(mtu)),
          "ConnectionPoint \(point.metadata.name) has room for \(room) (its spec.mtu\(tag)); use at most that, or raise it there"
        ))
    }
    for direction in L2ServiceAttachment.Bandwidth.Direction.allCases {
      let least = 8 * (effectiveMTU(on: point.spec) + 18)
      guard let burst = bandwidth?[direction].burst, burst >= 12000, burst < least else { continue }
      validator.add(
        .invalid(
          FieldPath.spec.child("bandwidth").child("\(direction.rawValue)Burst"), .integer(Int64(burst)),
          "a frame of the largest packet has \(least) bits on ConnectionPoint \(point.metadata.name); use at least that"
        ))
    }
  }

  /// The properties that are asked for: the field, its value, and the specification without it.
  var properties: [(field: String, value: JSONValue, without: Self)] {
    var properties: [(String, JSONValue, Self)] = []
    for direction in L2ServiceAttachment.Bandwidth.Direction.allCases {
      guard let rate = bandwidth?[direction].rate else { continue }
      var without = self
      switch direction {
      case .ingress: without.bandwidth?.ingressRate = nil
      case .egress: without.bandwidth?.egressRate = nil
      }
      properties.append(("bandwidth.\(direction.rawValue)Rate", .integer(Int64(rate)), without))
    }
    if let mtu {
      var without = self
      without.mtu = nil
      properties.append(("mtu", .integer(Int64(mtu)), without))
    }
    if let portSecurity {
      var without = self
      without.portSecurity = nil
      properties.append(("portSecurity", .bool(portSecurity), without))
    }
    return properties
  }

  fileprivate func properties(
    missingIn implementation: Implementation
  ) -> [(field: String, value: JSONValue, without: Self)] {
    properties.filter { property in
      switch property.field {
      case "mtu": !implementation.setsMTU
      case "portSecurity": !implementation.hasPortSecurity
      default: !implementation.limits.contains { property.field == "bandwidth.\($0.rawValue)Rate" }
      }
    }
  }
}

extension Implementation {
  /// Whether the plugin can do all that an attachment asks for, but for the type of interface.
  func can(_ attachment: L2ServiceAttachment.Spec) -> Bool {
    vlanTypes.contains(attachment.vlanType) && attachment.properties(missingIn: self).isEmpty
  }
}
