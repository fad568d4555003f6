import ArgumentParser
import Files
import Glibc
import JSON
import Lab
import Logging
import YAML

struct LabCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab", abstract: "A data centre of network namespaces on this machine.",
    subcommands: [Up.self, Down.self, Status.self])

  struct Name: ParsableArguments {
    @Option(help: "Name of the lab.")
    var name = FromEnvironment.text("NAME") ?? "lab"

    var directory: LabDirectory { LabDirectory(name: name) }

    func validate() throws {
      guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else {
        throw ValidationError("--name \(name): letters, digits and dashes")
      }
    }
  }

  struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Build a lab: hosts, leaf switches, gateways, each with a real Open vSwitch.",
      discussion: "Without a file, the data centre of the demo is built.")

    @OptionGroup var name: Name
    @Argument(help: "Description of the data centre (YAML).") var file: String?

    func run() async throws {
      let topology: LabTopology
      if let file {
        guard let bytes = try Files.read(file) else {
          throw LabError("read \(file)", reason: "there is no such file")
        }
        topology = try YAML.document(String(decoding: bytes, as: UTF8.self)).decode()
      } else {
        topology = try .demo()
      }
      var logger = Logger(label: "lab")
      logger.logLevel = .warning
      let lab = try await Lab.up(topology, in: name.directory, logger: logger)
      print("lab \(name.name) is up: \(lab.topology.machines.joined(separator: ", "))")
      try Status.show(name.directory)
    }
  }

  struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a lab down; harmless when there is none.")
    @OptionGroup var name: Name

    func run() { Lab.down(name.directory) }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what runs of a lab, and how to get a shell there.")
    @OptionGroup var name: Name

    func run() throws { try Self.show(name.directory) }

    static func show(_ directory: LabDirectory) throws {
      for machine in try LabStatus(directory).machines {
        let state = machine.hasNamespace ? (machine.hasSwitch ? "up" : "no switch") : "gone"
        print("\(machine.name)\t\(state)\t\(machine.pods) pods\t\(machine.shell)")
      }
    }
  }
}
