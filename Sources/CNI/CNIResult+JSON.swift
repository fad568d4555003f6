import JSON
import NetworkTypes

extension CNIResult {
  /// Reads a result of any supported version; the version is in it. Fails with ``CNIError/Code/decodingFailure`` and the
  /// field's name.
  public init(json: JSONValue) throws(CNIError) {
    _ = try parseVersion(json["cniVersion"])
    let reader = FieldReader(json: json, path: "")
    interfaces = try reader.elements("interfaces") { (field) throws(CNIError) in
      Interface(
        name: try field.required("name") { $0 },
        macAddress: try field.optional("mac") { (text) throws(NetworkTypeError) in try MACAddress(parsing: text) },
        sandbox: try field.optional("sandbox") { $0 }, mtu: try field.number("mtu"),
        socketPath: try field.optional("socketPath") { $0 }, pciID: try field.optional("pciID") { $0 })
    }
    ips = try reader.elements("ips") { (field) throws(CNIError) in
      Address(
        try field.required("address") { (text) throws(NetworkTypeError) in try InterfaceAddress(parsing: text) },
        gateway: try field.optional("gateway") { (text) throws(NetworkTypeError) in try IPAddress(parsing: text) },
        interface: try field.number("interface"))
    }
    routes = try reader.elements("routes") { (field) throws(CNIError) in
      Route(
        to: try field.required("dst") { (text) throws(NetworkTypeError) in try CIDR(parsing: text) },
        via: try field.optional("gw") { (text) throws(NetworkTypeError) in try IPAddress(parsing: text) },
        mtu: try field.number("mtu"), advertisedSegmentSize: try field.number("advmss"),
        priority: try field.number("priority"), table: try field.number("table"), scope: try field.number("scope"))
    }
    let names = { (key: String) in json[path: "dns", key]?.array?.compactMap(\.string) ?? [] }
    dns = DNS(
      nameservers: names("nameservers"), domain: json[path: "dns", "domain"]?.string, search: names("search"),
      options: names("options"))
  }

  /// The result as `version` writes it; what an older version does not know is left out.
  public func json(version: CNIVersion) -> JSONValue {
    var json: JSONValue = ["cniVersion": .string(version.rawValue), "dns": dns.json]
    json["interfaces"] = interfaces.isEmpty ? nil : .some(.array(interfaces.map { $0.json(version) }))
    json["ips"] = ips.isEmpty ? nil : .some(.array(ips.map { $0.json(version) }))
    json["routes"] = routes.isEmpty ? nil : .some(.array(routes.map { $0.json(version) }))
    return json
  }
}

extension CNIResult.Interface {
  fileprivate func json(_ version: CNIVersion) -> JSONValue {
    var json: JSONValue = ["name": .string(name)]
    json["mac"] = macAddress.map { .string($0.description) }
    json["sandbox"] = sandbox.map { .string($0) }
    guard version >= .v110 else { return json }
    json["mtu"] = mtu.map { .integer(Int64($0)) }
    json["socketPath"] = socketPath.map { .string($0) }
    json["pciID"] = pciID.map { .string($0) }
    return json
  }
}

extension CNIResult.Address {
  fileprivate func json(_ version: CNIVersion) -> JSONValue {
    var json: JSONValue = ["address": .string(address.description)]
    json["gateway"] = gateway.map { .string($0.description) }
    json["interface"] = interface.map { .integer(Int64($0)) }
    if version < .v100 { json["version"] = address.family == .v4 ? "4" : "6" }
    return json
  }
}

extension CNIResult.Route {
  fileprivate func json(_ version: CNIVersion) -> JSONValue {
    var json: JSONValue = ["dst": .string(destination.description)]
    json["gw"] = gateway.map { .string($0.description) }
    guard version >= .v110 else { return json }
    for (key, value) in [
      ("mtu", mtu), ("advmss", advertisedSegmentSize), ("priority", priority), ("table", table), ("scope", scope),
    ] {
      json[key] = value.map { .integer(Int64($0)) }
    }
    return json
  }
}

extension CNIResult.DNS {
  fileprivate var json: JSONValue {
    var json: JSONValue = [:]
    for (key, values) in [("nameservers", nameservers), ("search", search), ("options", options)] where !values.isEmpty
    {
      json[key] = .array(values.map { .string($0) })
    }
    json["domain"] = domain.map { .string($0) }
    return json
  }
}

/// Reads fields of one object and says where when one is wrong.
private struct FieldReader {
  let json: JSONValue
  let path: String

  func elements<Element>(
    _ key: String, _ read: (FieldReader) throws(CNIError) -> Element
  ) throws(CNIError) -> [Element] {
    guard let value = json[key], !value.isNull else { return [] }
    guard let array = value.array else { throw failure(key, "\(value.typeName) where a list belongs") }
    var elements: [Element] = []
    for (position, element) in array.enumerated() {
      elements.append(try read(FieldReader(json: element, path: "\(path)\(key)[\(position)].")))
    }
    return elements
  }

  /// Nil when there is none; no number here is negative.
  func number(_ key: String) throws(CNIError) -> Int? {
    guard let value = json[key], !value.isNull else { return nil }
    guard let number = value.integer, let number = Int(exactly: number), number >= 0 else {
      throw failure(key, "\(value) is not a whole number of at least 0")
    }
    return number
  }

  /// Nil also for the empty text, which some plugins write for what is absent.
  func optional<Value>(
    _ key: String, _ parse: (String) throws(NetworkTypeError) -> Value
  ) throws(CNIError) -> Value? {
    guard let value = json[key], !value.isNull, value != "" else { return nil }
    guard let text = value.string else { throw failure(key, "\(value.typeName) where a text belongs") }
    do { return try parse(text) } catch { throw failure(key, "\(error)") }
  }

  func required<Value>(
    _ key: String, _ parse: (String) throws(NetworkTypeError) -> Value
  ) throws(CNIError) -> Value {
    guard let value = try optional(key, parse) else { throw failure(key, "it is missing") }
    return value
  }

  private func failure(_ key: String, _ reason: String) -> CNIError {
    CNIError(.decodingFailure, "invalid field \"\(path)\(key)\" in a CNI result", details: reason)
  }
}
