import Netlink

/// The command line that a person would use: kubectl when this machine has one that is new enough, `netloom` itself
/// otherwise (`netloom apply | get | delete`).
public struct Kubectl: Sendable {
  let program: String
  let kubeconfig: String
  /// What it is, for people: "kubectl 1.32".
  public let title: String
  /// Whether it is kubectl.
  public let isKubectl: Bool

  /// The oldest kubectl that is used.
  static let oldestMinor = 27

  /// Looks for kubectl.
  public static func find(kubeconfig: String, fallback: String) async throws -> Kubectl {
    if let outcome = try? await NamespaceProcess.run(ProcessCommand("kubectl", ["version", "--client", "-o", "json"])),
      outcome.isSuccess, let minor = minorVersion(outcome.text), minor >= oldestMinor
    {
      return Kubectl(program: "kubectl", kubeconfig: kubeconfig, title: "kubectl 1.\(minor)", isKubectl: true)
    }
    return Kubectl(
      program: fallback, kubeconfig: kubeconfig,
      title: "netloom apply|get|delete (this machine has no kubectl 1.\(oldestMinor) or newer)", isKubectl: false)
  }

  static func minorVersion(_ json: String) -> Int? {
    guard let range = json.firstRange(of: "\"minor\": \"") ?? json.firstRange(of: "\"minor\":\"") else { return nil }
    return Int(json[range.upperBound...].prefix { $0.isNumber })
  }

  /// Runs one command, shows it, and what it printed.
  /// - Throws: ``LabError`` with what it wrote to standard error when it fails.
  @discardableResult
  public func run(_ arguments: [String], console: Console, showsOutput: Bool = true) async throws -> String {
    console.command(([isKubectl ? "kubectl" : "netloom"] + arguments).joined(separator: " "))
    var environment = ProcessEnvironment.current
    environment["KUBECONFIG"] = kubeconfig
    let outcome = try await NamespaceProcess.run(ProcessCommand(program, arguments, environment: environment))
    guard outcome.isSuccess else {
      throw LabError("run \(program) \(arguments.joined(separator: " "))", reason: outcome.errorText)
    }
    if showsOutput {
      console.block(outcome.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
    }
    return outcome.text
  }
}
