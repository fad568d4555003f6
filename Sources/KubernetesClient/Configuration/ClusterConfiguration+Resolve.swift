public import FoundationEssentials
import Glibc

extension ClusterConfiguration {
  /// Finds the configuration as kubectl does: `path`, then the files of `KUBECONFIG`, then the pod's service account,
  /// then `~/.kube/config`.
  ///
  /// - Parameters:
  ///   - path: what the user named; it alone is used.
  ///   - context: the context of the kubeconfig; nil takes the current one.
  /// - Throws: `KubernetesAPIError` (`configuration`) that says what was looked for and where.
  public static func resolve(
    path: String? = nil, context: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    serviceAccountFolder: String = ClusterConfiguration.serviceAccountFolder
  ) throws -> ClusterConfiguration {
    if let path { return try ClusterConfiguration(Kubeconfig(path: path), context: context) }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      let files = list.split(separator: ":").map(String.init)
      // As kubectl: files of the list that do not exist are passed over, unless none does.
      let present = files.filter { access($0, R_OK) == 0 }
      var merged = Kubeconfig()
      for file in present.isEmpty ? Array(files.prefix(1)) : present { merged.merge(try Kubeconfig(path: file)) }
      return try ClusterConfiguration(merged, context: context)
    }
    if context == nil, let pod = try inCluster(environment: environment, folder: serviceAccountFolder) { return pod }
    guard let home = environment["HOME"], access("\(home)/.kube/config", R_OK) == 0 else {
      throw KubernetesAPIError(
        attempt: "find the API server", reason: .configuration,
        message: "no --kubeconfig, no KUBECONFIG, no service account of a pod and no ~/.kube/config")
    }
    return try ClusterConfiguration(Kubeconfig(path: "\(home)/.kube/config"), context: context)
  }
}
