import ArgumentParser
import Lab

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Run a whole story on this machine: fabric, nodes, pods, real packets.",
    discussion: """
      Builds a data centre out of network namespaces, starts an embedded Kubernetes, declares networks with kubectl,
      measures who reaches whom, deletes everything. Needs root. The machine is left as it was.

      Examples:
        netloom demo              VLANs through a managed fabric to a DC gateway
        netloom demo virtual      overlays of two tenants, a router, a service chain, a way out
        netloom demo --keep       leave it running and play with kubectl
        netloom demo --pause      wait for the return key after each step
      """)

  @Argument(help: "What is told: fabric or virtual.")
  var story = Demo.Story.fabric

  @Flag(help: "Leave it running before the networks are deleted, until Ctrl-C.")
  var keep = FromEnvironment.flag("KEEP")

  @Flag(help: "Wait for the return key after each step.")
  var pause = FromEnvironment.flag("PAUSE")

  @Option(help: "Folder of the manifests; absent: the project's own.")
  var examples: String?

  @Option(help: "File that the picture of the topology is written to.")
  var picture = FromEnvironment.text("PICTURE") ?? "netloom-demo.svg"

  func run() async throws {
    var options = Demo.Options()
    options.story = story
    options.keep = keep
    options.pause = pause
    options.examples = examples ?? FromEnvironment.text("EXAMPLES")
    options.picture = picture
    let demo = Demo(options: options, console: Console(environment: ProcessEnvironment.current))
    let isGood = try await untilSignalled { try await demo.run() }
    guard isGood else { throw ExitCode(1) }
  }
}

extension Demo.Story: ExpressibleByArgument {}
