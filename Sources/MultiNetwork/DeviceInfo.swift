import CNI
import Files
import JSON

/// Where the information on one attachment's device is exchanged (device-info specification 1.1.0, section 3).
public struct DeviceInfoFile: Sendable, Hashable, Codable {
  /// What the device plugin wrote; nil when the device is not of a device plugin.
  public var source: String?
  /// What the CNI plugins are given to read, change or make.
  public var path: String

  /// Makes the folder, and copies what the device plugin wrote.
  func prepare() throws(CNIError) {
    do throws(FileError) {
      try Files.makeFolder(String(path[..<path.lastIndex(of: "/")!]))
      if let source, let text = try Files.read(source) { try Files.write(text, to: path) }
    } catch {
      throw CNIError(.ioFailure, "cannot pass on the information on a device", details: "\(error)")
    }
  }

  /// What the plugins left, for the pod's status; nil when there is nothing.
  func read() throws(CNIError) -> JSONValue? {
    do {
      guard let text = try Files.read(path) else { return nil }
      let json = try JSONValue(parsing: text)
      try DeviceInfo.validate(json)
      return json
    } catch let error as CNIError {
      throw error
    } catch {
      throw CNIError(.decodingFailure, "the information on a device cannot be read", details: "\(path): \(error)")
    }
  }

  /// Removes it; harmless when it is gone.
  func remove() throws(CNIError) {
    do { try Files.remove(path) } catch {
      throw CNIError(.ioFailure, "cannot remove the information on a device", details: "\(error)")
    }
  }
}

/// The folder for information on devices (device-info specification 1.1.0, section 3), and the form of what is in it.
public struct DeviceInfo: Sendable, Hashable {
  /// Where device plugins and CNI plugins look for it.
  public static let standardFolder = "/var/run/k8s.cni.cncf.io/devinfo"

  /// The folder, ``standardFolder`` on a real node.
  public var folder: String

  /// Information in a folder.
  public init(folder: String = standardFolder) { self.folder = folder }

  /// The file for one attachment; `resource` and `device` name the device plugin's, where there is one.
  func file(of attachment: AttachmentKey, resource: String?, device: String?) -> DeviceInfoFile {
    var source: String?
    if let resource, let device {
      source = "\(folder)/dp/\(resource.replacing("/", with: "-"))-\(device.replacing("/", with: "-"))-device.json"
    }
    return DeviceInfoFile(source: source, path: "\(folder)/cni/\(attachment.containerID)-\(attachment.interface).json")
  }

  /// The members that each type must have, and those that may only have certain values (section 2).
  private static let types: [String: (required: [String], choices: [String: [String]])] = [
    "pci": (["pci-address"], [:]),
    "vdpa": (["parent-device", "driver", "path"], ["driver": ["vhost", "virtio"]]),
    "vhost-user": (["mode", "path"], ["mode": ["client", "server"]]),
    "memif": (
      ["role", "path", "mode"], ["role": ["master", "slave"], "mode": ["ethernet", "ip", "inject-punt"]]
    ),
  ]

  /// Fails with ``CNIError/Code/decodingFailure`` and the field's name when it is not of the specification's form.
  static func validate(_ json: JSONValue) throws(CNIError) {
    func error(_ field: String, _ value: JSONValue?, _ expected: String) -> CNIError {
      CNIError(
        .decodingFailure, "invalid field \"\(field)\" in the information on a device",
        details: value.map { "\($0) is not \(expected)" } ?? "it is missing: give \(expected)")
    }
    guard let type = json["type"]?.string, let rule = types[type] else {
      throw error("type", json["type"], "one of \(types.keys.sorted().joined(separator: ", "))")
    }
    guard let version = json["version"]?.string, ["1.0.0", "1.1.0"].contains(version) else {
      throw error("version", json["version"], "\"1.1.0\" or \"1.0.0\"")
    }
    guard json[type]?.object != nil else { throw error(type, json[type], "an object") }
    for key in rule.required {
      guard let value = json[path: type, key]?.string, !value.isEmpty else {
        throw error("\(type).\(key)", json[path: type, key], "a text")
      }
      if let choices = rule.choices[key], !choices.contains(value) {
        throw error("\(type).\(key)", json[path: type, key], "one of \(choices.joined(separator: ", "))")
      }
    }
  }
}
