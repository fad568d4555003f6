import Glibc
import Lab
import Netlink
import Testing

/// Netloom as its users meet it: real processes, real kubectl, real switches, real packets.
///
/// One test at a time: most look at the whole network before and after.
@Suite(.serialized, .enabled(if: Prerequisites.missing == nil, Prerequisites.comment))
enum EndToEndTests {}

/// What this machine and this build must have.
enum Prerequisites {
  /// The first thing that is not there.
  static let missing: String? = {
    if getuid() != 0 { return "root" }
    let programs = [
      "/usr/sbin/ovs-vswitchd", "/usr/lib/cni/bridge", "\(Executables.folder)/netloom",
      "\(Executables.folder)/netloom-cni",
    ]
    if let program = programs.first(where: { access($0, X_OK) != 0 }) { return program }
    let folders = (ProcessEnvironment.current["PATH"] ?? "").split(separator: ":")
    return folders.contains { access("\($0)/kubectl", X_OK) == 0 } ? nil : "kubectl"
  }()

  static var comment: Comment { "needs \(missing ?? "nothing")" }
}

/// The programs under test: they lie beside the tests.
enum Executables {
  static let folder = {
    let own = ProcessEnvironment.executable
    return own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
  }()
  static var netloom: String { "\(folder)/netloom" }
}
