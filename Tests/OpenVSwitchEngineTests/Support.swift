import Logging
import NetworkTypes
import OVSDB
import OVSTestSupport
import OpenVSwitchEngine

let quiet: Logger = {
  var logger = Logger(label: "test")
  logger.logLevel = .error
  return logger
}()

/// Runs `body` with a switch of its own and an engine on it.
func withEngine<Result: Sendable>(
  owner: String = "netloom",
  _ body: @escaping @Sendable (OpenVSwitchEngine, SwitchInstance) async throws -> Result
) async throws -> Result {
  try await SwitchInstance.with { instance in
    let engine = OpenVSwitchEngine(
      endpoint: .unix(path: instance.socket), owner: owner, kernelHasDatapath: false, logger: quiet)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await engine.run() }
      defer { group.cancelAll() }
      for await event in engine.events() { if case .synchronized = event { break } }
      return try await body(engine, instance)
    }
  }
}

func vlans(_ ids: ClosedRange<UInt16>) -> Set<VLANID> { Set(ids.compactMap { VLANID(rawValue: $0) }) }
func vlan(_ id: UInt16) -> VLANID { VLANID(rawValue: id) ?? .first }
