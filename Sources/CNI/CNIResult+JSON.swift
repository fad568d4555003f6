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
        sandbox: try field.optional("sandbox") { $0 })
    }
    ips = try reader.elements("ips") { (field) throws(CNIError) in
      Address(
        try field.required("address") { (text) throws(NetworkTypeError) in try InterfaceAddress(parsing: text) },
        gateway: try field.optional("gateway") { (text) throws(NetworkTypeError) in try IPAddress(parsing: text) },
        interface: field.json["interface"]?.integer.map { Int($0) })
    }
    routes = try reader.elements("routes") { (field) throws(CNIError) in
      Route(
        to: try field.required("dst") { (text) throws(NetworkTypeError) in try CIDR(parsing: text) },
        via: try field.optional("gw") { (text) throws(NetworkTypeError) in try IPAddress(parsing: text) })
    }
    let names = { (key: String) in json[path: "dns", key]?.array?.compactMap(\.string) ?? [] }
    dns = DNS(
      nameservers: names("nameservers"), domain: json[path: "dns", "domain"]?.string, search: names("search"),
      options: names("options"))
  }

  /// The result as `version` writes it.
  public func json(version: CNIVersion) -> JSONValue {
    var json: JSONValue = ["cniVersion": .string(version.rawValue), "dns": dns.json]
    if !interfaces.isEmpty {
      json["interfaces"] = .array(
        interfaces.map { interface in
          var json: JSONValue = ["name": .string(interface.name)]
          json["mac"] = interface.macAddress.map { .string($0.description) }
          json["sandbox"] = interface.sandbox.map { .string($0) }
          return json
        })
    }
    if !ips.isEmpty {
      json["ips"] = .array(
        ips.map { ip in
          var json: JSONValue = ["address": .string(ip.address.description)]
          json["gateway"] = ip.gateway.map { .string($0.description) }
          json["interface"] = ip.interface.map { .integer(Int64($0)) }
          if version < .v100 { json["version"] = ip.address.family == .v4 ? "4" : "6" }
          return json
        })
    }
    if !routes.isEmpty {
      json["routes"] = .array(
        routes.map { route in
          var json: JSONValue = ["dst": .string(route.destination.description)]
          json["gw"] = route.gateway.map { .string($0.description) }
          return json
        })
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
