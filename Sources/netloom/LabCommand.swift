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
    @Flag(help: "Give the hosts OVN, where the description has no overlay: central part, ovn-controllers, an underlay.")
    var ovn = false
    @Option(help: "Servers of each of OVN's databases with --ovn: 1, or 3 for a cluster.") var ovnMembers = 1
    @Argument(help: "Description of the data centre (YAML).") var file: String?

    func run() async throws {
      var topology: LabTopology
      if let file {
        guard let bytes = try Files.read(file) else {
          throw LabError("read \(file)", reason: "there is no such file")
        }
        topology = try YAML.document(String(decoding: bytes, as: UTF8.self)).decode()
      } else {
        topology = try .demo()
      }
      if ovn, topology.overlay == nil { topology.overlay = try .init(members: ovnMembers) }
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
      let status = try LabStatus(directory)
      for machine in status.machines {
        let state = machine.hasNamespace ? (machine.hasSwitch ? "up" : "no switch") : "gone"
        print("\(machine.name)\t\(state)\t\(machine.pods) pods\t\(machine.shell)")
      }
      for database in status.databases { print("OVN\t\(database.isListening ? "up" : "gone")\t\(database.command)") }
    }
  }
}
