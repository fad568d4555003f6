import GRPC

/// Who knows the devices that a pod was given.
public protocol DeviceSource: Sendable {
  /// The devices of a pod by the name of their resource, in the order in which they were given.
  func devices(ofPod name: String, namespace: String) async throws -> [String: [String]]
}

/// The kubelet, asked over its PodResources socket (k8s.io/kubelet/pkg/apis/podresources/v1).
public struct KubeletDevices: DeviceSource {
  /// Where a kubelet listens.
  public static let standardSocket = PodResources.kubeletSocket

  private let socketPath: String

  /// The kubelet that listens there.
  public init(socketPath: String = standardSocket) { self.socketPath = socketPath }

  public func devices(ofPod name: String, namespace: String) async throws -> [String: [String]] {
    let pods = try await PodResources.list(from: GRPCClient(socketPath: socketPath))
    var devices: [String: [String]] = [:]
    for pod in pods where pod.name == name && pod.namespace == namespace {
      for given in pod.containers.flatMap(\.devices) { devices[given.resourceName, default: []] += given.deviceIDs }
    }
    return devices
  }
}
