import ArgumentParser
import NodeAgent

struct CNICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cni", abstract: "Install netloom as a node's first CNI configuration, or take it away again.",
    discussion: """
      Examples:
        netloom cni install                              what netloom agent --install-cni does
        netloom cni remove                               pods have the cluster's network alone again
      """, subcommands: [Install.self, Remove.self])

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Install the plugins netloom and netloom-ipam and the configuration 00-netloom.conflist.")

    @OptionGroup var node: NodeFolders

    func run() throws { try node.installation.install() }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove what was installed, and nothing else.")

    @OptionGroup var node: NodeFolders

    func run() throws { try node.installation.remove() }
  }
}

/// What an installation concerns; the same options as the agent's.
struct NodeFolders: ParsableArguments {
  @OptionGroup var folders: CNIFolderOptions
  @Option(help: "Folder where it is written down what was installed.")
  var state = FromEnvironment.text("STATE") ?? "/var/lib/netloom"
  @Option(help: "Unix socket of the agent.")
  var socket = FromEnvironment.text("SOCKET") ?? "/run/netloom/agent.sock"

  var installation: CNIInstallation {
    CNIInstallation(
      plugins: folders.pluginFolders[0], configurations: folders.cniConfDir, state: state, socketPath: socket)
  }
}
