import Logging
import ServiceLifecycle

/// Runs a service, and others that it has no need of, until SIGINT or SIGTERM, and something else once beside it.
func service(
  _ logger: Logger, _ service: any Service, beside others: [any Service] = [],
  onceStarted: @escaping @Sendable () async throws -> Void = {}
) async throws {
  let group = ServiceGroup(
    configuration: .init(
      services: others.map { .init(service: $0) } + [
        .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
        .init(service: Once(work: onceStarted), successTerminationBehavior: .ignore),
      ],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
  try await group.run()
}

/// Work that is done once and then waits for the end, so that it may be part of a group.
private struct Once: Service {
  let work: @Sendable () async throws -> Void

  func run() async throws {
    try await work()
  }
}

/// A role that is one function.
struct RoleService: Service {
  let role: @Sendable () async throws -> Void

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await role() }
  }
}
