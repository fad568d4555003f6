import JSON

extension PortMapping {
  /// As CNI's `runtimeConfig.portMappings` has it (CNI conventions).
  public var json: JSONValue {
    var json: JSONValue = [
      "hostPort": .integer(Int64(hostPort)), "containerPort": .integer(Int64(containerPort)),
      "protocol": .string(transportProtocol.rawValue),
    ]
    json["hostIP"] = hostIP.map { .string($0.description) }
    return json
  }
}

extension Bandwidth {
  /// As CNI's `runtimeConfig.bandwidth` has it (CNI conventions). A rate without burst gets one of a tenth of a second, at
  /// least 12,000 bit (one frame): plugins refuse a rate without.
  public var json: JSONValue {
    var json: JSONValue = [:]
    for (direction, rate, burst) in [
      ("ingress", ingressRate, ingressBurst), ("egress", egressRate, egressBurst),
    ] {
      guard let rate else { continue }
      json["\(direction)Rate"] = .integer(Int64(rate))
      // What the reference plugin can take at most: it counts bursts in 32 bits of bytes.
      json["\(direction)Burst"] = .integer(Int64(burst ?? min(max(rate / 10, 12_000), Int(Int32.max))))
    }
    return json
  }
}
