import ArgumentParser
import Files
import Glibc
import NetloomAPI

struct CRDsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crds", abstract: "Print the CustomResourceDefinitions, ready for kubectl apply -f -.",
    discussion: """
      Examples:
        netloom crds | kubectl apply -f -
        netloom crds --directory config/crds    write a file for each
      """)

  @Option(help: "Write a file for each into this folder instead.")
  var directory: String?

  func run() throws {
    let files = CRDGenerator.files()
    guard let directory else {
      print(CRDGenerator.yaml(), terminator: "")
      return
    }
    for (name, text) in files { try Files.write(Array(text.utf8), to: "\(directory)/\(name)") }
  }
}
