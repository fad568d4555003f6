import ArgumentParser
import Glibc
import Lab
import Netlink

/// The one executable: every role of Netloom, and the commands for people.
@main
struct Netloom: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netloom",
    abstract: "Networks for Kubernetes pods, orchestrated from end to end.",
    discussion: """
      Every option can also be given by an environment variable: --kubeconfig by NETLOOM_KUBECONFIG, and so on.
      Exit status: 0 done, 1 the work failed, 2 the words were wrong.

      Examples:
        netloom demo                          the whole story on this machine
        netloom crds | kubectl apply -f -     install the kinds on a cluster
        netloom operator --kubeconfig FILE    run the operator
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(name: "Try it", subcommands: [DemoCommand.self, LabCommand.self]),
      CommandGroup(
        name: "Roles", subcommands: [OperatorCommand.self, AgentCommand.self, APIServerCommand.self, NodeCommand.self]),
      CommandGroup(name: "For nodes", subcommands: [CNICommand.self]),
      CommandGroup(
        name: "For people",
        subcommands: [CRDsCommand.self, ApplyCommand.self, GetCommand.self, DeleteCommand.self]),
    ])

  static func main() async {
    ProcessMemory.shareHeap()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch is CancellationError {
      complain("interrupted; everything was cleaned up")
      Glibc.exit(130)
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      guard !code.isSuccess else {
        print(text)
        return
      }
      complain(text.isEmpty ? nil : text)
      Glibc.exit(code == .validationFailure ? 2 : 1)
    }
  }

  /// Writes to standard error.
  static func complain(_ text: String?) {
    guard let text else { return }
    let bytes = Array((text + "\n").utf8)
    _ = write(2, bytes, bytes.count)
  }
}
