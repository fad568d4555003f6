import CNI

extension CNIError {
  /// The pod cannot have the network `network`.
  static func cannotAttach(
    _ network: String, _ reason: String, _ remedy: String, code: Code = .invalidConfiguration
  ) -> CNIError {
    CNIError(code, "cannot attach the pod to \(network)", details: "\(reason): \(remedy)")
  }

  /// What went wrong while `attempt` was made; an error that is no CNI error counts as internal.
  init(_ attempt: String, _ error: any Error) {
    guard let error = error as? CNIError else {
      self.init(.internalFailure, attempt, details: "\(error)")
      return
    }
    let words = error.details.isEmpty ? error.message : "\(error.message): \(error.details)"
    self.init(error.code, attempt, details: words)
  }

  /// The same with another code.
  func with(_ code: Code) -> CNIError { CNIError(code, message, details: details) }
}
