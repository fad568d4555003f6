import Callbacks
import Compiler
import KubernetesModel
import NetloomAPI
import Testing

@testable import Operator

/// What counts as another state of an object, for its callback.
@Suite struct CallbackStateTests {
  private func token(of object: WorldObject) throws -> String? { try CallbackState(of: object, isLast: false)?.token }

  private func router(_ phase: Phase, _ gateways: (node: String, active: Bool)...) -> WorldObject {
    var router = Router(
      metadata: ObjectMeta(name: "edge", namespace: "test"),
      spec: .init(networks: [], callbackURL: "http://127.0.0.1/"))
    router.status = .init()
    router.status?.phase = phase
    router.status?.observedGeneration = 2
    router.status?.gateways = gateways.map { .init(node: $0.node, addresses: ["10.0.0.2"], active: $0.active) }
    return .router(router)
  }

  @Test func aGatewayThatMovesIsAnotherState() throws {
    #expect(try token(of: router(.ready, ("n1", true), ("n2", false))) == "ready/2/n1")
    #expect(try token(of: router(.ready, ("n1", false), ("n2", true))) == "ready/2/n2")
    #expect(try token(of: router(.ready, ("n1", true), ("n2", true))) == "ready/2/n1/n2")
    #expect(try token(of: router(.ready)) == "ready/2")
  }

  /// Until it works, what it is made of comes and goes.
  @Test func aGatewayThatMovesBeforeItWorksIsNot() throws {
    #expect(try token(of: router(.pending, ("n1", true))) == "pending/2")
  }

  @Test func soIsAMachineThatIsBoundElsewhereOrAnOverlayThatMeetsTheFabricElsewhere() throws {
    var port = NetworkPort(
      metadata: ObjectMeta(name: "vm", namespace: "test"),
      spec: .init(l2Service: "blue", type: .vm, callbackURL: "http://127.0.0.1/"))
    port.status = .init()
    port.status?.phase = .ready
    port.status?.node = "n1"
    #expect(try token(of: .networkPort(port)) == "ready/0/n1")
    var service = L2Service(
      metadata: ObjectMeta(name: "blue", namespace: "test"), spec: .init(callbackURL: "http://127.0.0.1/"))
    service.status = .init()
    service.status?.phase = .ready
    service.status?.gatewayNode = "n2"
    #expect(try token(of: .service(service)) == "ready/0/n2")
  }
}
