import ArgumentParser
import Lab

struct OperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator", abstract: "Carries what is declared to the fabric, the nodes and the pods.")

  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var log: LogOptions

  func run() async throws {
  }
}
