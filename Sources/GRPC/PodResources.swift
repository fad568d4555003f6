/// The devices that kubelet gave to the containers of its pods (k8s.io/kubelet/pkg/apis/podresources/v1).
public struct PodResources: ProtobufMessage, Hashable {
  /// The pod's name.
  public var name = ""
  /// The pod's namespace.
  public var namespace = ""
  public var containers: [Container] = []

  public init(name: String, namespace: String, containers: [Container]) {
    self.name = name
    self.namespace = namespace
    self.containers = containers
  }

  public struct Container: ProtobufMessage, Hashable {
    public var name = ""
    public var devices: [Devices] = []

    public init(name: String, devices: [Devices]) {
      self.name = name
      self.devices = devices
    }

    public init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        switch field.number {
        case 1: name = try field.string()
        case 2: devices.append(try field.message())
        default: break
        }
      }
    }

    public func write(to writer: inout ProtobufWriter) {
      writer.string(1, name)
      writer.messages(2, devices)
    }
  }

  /// Devices of one resource, as its device plugin names them. A resource may come several times in a container, once for
  /// each NUMA node.
  public struct Devices: ProtobufMessage, Hashable {
    /// `"vendor.com/device"`.
    public var resourceName = ""
    public var deviceIDs: [String] = []

    public init(resourceName: String, deviceIDs: [String]) {
      self.resourceName = resourceName
      self.deviceIDs = deviceIDs
    }

    public init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        switch field.number {
        case 1: resourceName = try field.string()
        case 2: deviceIDs.append(try field.string())
        default: break
        }
      }
    }

    public func write(to writer: inout ProtobufWriter) {
      writer.string(1, resourceName)
      writer.strings(2, deviceIDs)
    }
  }

  public init(from reader: inout ProtobufReader) throws(GRPCError) {
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.string()
      case 2: namespace = try field.string()
      case 3: containers.append(try field.message())
      default: break
      }
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.string(1, name)
    writer.string(2, namespace)
    writer.messages(3, containers)
  }
}

extension PodResources {
  /// Where kubelet answers unless it was told otherwise.
  public static let kubeletSocket = "/var/lib/kubelet/pod-resources/kubelet.sock"

  /// Asks kubelet for the devices of all pods of this node.
  public static func list(
    from client: GRPCClient = GRPCClient(socketPath: kubeletSocket), timeout: Duration = .seconds(5)
  ) async throws(GRPCError) -> [PodResources] {
    try await client.call("/v1.PodResourcesLister/List", EmptyMessage(), answer: ListAnswer.self, timeout: timeout).pods
  }

  private struct ListAnswer: ProtobufMessage {
    var pods: [PodResources] = []

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        if field.number == 1 { pods.append(try field.message()) }
      }
    }

    func write(to writer: inout ProtobufWriter) { writer.messages(1, pods) }
  }
}
