import CNI
import Netlink
import OVSDB
import OpenVSwitchEngine

extension CNIError.Code {
  /// Our own: CHECK found a difference.
  static let notAsAdded = CNIError.Code(rawValue: 100)
}

extension CNIError {
  /// The error for the runtime: what may pass by itself has code 11, "try again later".
  init(attempting attempt: String, _ error: any Error) {
    switch error {
    case let error as CNIError:
      self = error
    case let error as AllocationError:
      self.init(error.isTemporary ? .tryAgainLater : .internalFailure, "\(attempt) failed", details: "\(error)")
    case let error as OpenVSwitchError:
      let mayPass: Bool =
        switch error.code {
        case .unreachable, .noSuchBridge, .notRealized, .flowsFailed, .contended: true
        case .notOurs, .interfaceFailed, .invalidName: false
        }
      self.init(mayPass ? .tryAgainLater : .internalFailure, "\(attempt) failed", details: "\(error)")
    case is OVSDBError, is CancellationError:
      self.init(.tryAgainLater, "\(attempt) failed", details: "\(error)")
    default:
      self.init(.internalFailure, "\(attempt) failed", details: "\(error)")
    }
  }
}
