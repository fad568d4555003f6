import Compiler
import KubernetesEngine
import KubernetesModel
import Logging
import NetloomAPI
import NetworkAnnotations
import OVNEngine
import OVNModel
import Testing

@testable import Operator

/// The operator without I/O: messages go in, effects come out.
@Suite struct OperatorStateTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  private static let time = Moment(timestamp: "2026-01-01T00:00:00Z", elapsed: .zero)
  private static let id = WorldID(.service, NamespacedName(namespace: "test", name: "vlan13"))

  private static func service(
    version: String, generation: Int64 = 1, deleted: Bool = false, status: L2Service.Status? = nil,
    finalizers: [String]? = [Netloom.finalizer]
  ) -> WorldObject {
    var metadata = ObjectMeta(name: "vlan13", namespace: "test", finalizers: finalizers)
    metadata.uid = "u1"
    metadata.resourceVersion = version
    metadata.generation = generation
    metadata.creationTimestamp = "2026-01-01T00:00:00Z"
    metadata.deletionTimestamp = deleted ? "2026-01-01T00:01:00Z" : nil
    return .service(
      L2Service(
        metadata: metadata, spec: .init(segmentationID: 13, callbackURL: "http://127.0.0.1/"), status: status))
  }

  /// A state that knows everything: these objects and no others.
  private static func state(_ objects: [(WorldObject, String?)]) -> (OperatorState, [Effect]) {
    var state = OperatorState(configuration: .init(), logger: quiet)
    var messages: [Message] = WorldFeed.kinds.filter { $0 != .service }.map { .world(.replace($0, [])) }
    #expect(state.handle(messages, at: time).isEmpty)
    messages = [.world(.replace(.service, objects.map { (object: $0.0, version: $0.1) }))]
    let effects = state.handle(messages, at: time)
    return (state, effects)
  }

  private static func actions(_ effects: [Effect]) -> [String] {
    effects.flatMap { effect -> [String] in
      if case .carryOut(_, let actions, _) = effect { actions.map(\.description) } else { [] }
    }
  }

  @Test func nothingIsDoneBeforeEverythingIsKnown() {
    var state = OperatorState(configuration: .init(), logger: Self.quiet)
    let first = state.handle(
      [.world(.replace(.service, [(object: Self.service(version: "5", finalizers: nil), version: "5")]))],
      at: Self.time)
    #expect(Self.actions(first).isEmpty)
    let rest = WorldFeed.kinds.filter { $0 != .service }.map { Message.world(.replace($0, [])) }
    #expect(
      Self.actions(state.handle(rest, at: Self.time)) == [
        "protect L2Service test/vlan13 by finalizer netloom.dev/cleanup", "set status of L2Service test/vlan13: ready",
      ])
  }

  @Test func answersAreKnownBeforeTheWatchTellsThem() throws {
    var (state, effects) = Self.state([(Self.service(version: "5"), "5")])
    guard
      case .carryOut(let work, let actions, _)? = effects.first(where: {
        if case .carryOut = $0 { true } else { false }
      }),
      case .setStatus(_, .service(let status), _)? = actions.first
    else {
      Issue.record("no status is written: \(effects)")
      return
    }
    effects = state.handle(
      [
        .finished(work, [.object(Self.service(version: "6", status: status), version: "6", isNew: false)]),
        .world(.put(Self.service(version: "6", status: status), version: "6")),
      ], at: Self.time)
    #expect(Self.actions(effects).isEmpty)
    #expect(effects.contains { if case .callBack(_, let state, _) = $0 { state.token == "ready/1" } else { false } })
    // Somebody tampers with the status.
    effects = state.handle([.world(.put(Self.service(version: "7"), version: "7"))], at: Self.time)
    #expect(Self.actions(effects) == ["set status of L2Service test/vlan13: ready"])
  }

  @Test func failuresAreTriedAgain() {
    var (state, effects) = Self.state([(Self.service(version: "5"), "5")])
    guard case .carryOut(let work, _, _)? = effects.first(where: { if case .carryOut = $0 { true } else { false } })
    else {
      Issue.record("nothing is done")
      return
    }
    effects = state.handle(
      [.failed(work, .init(attempt: "patch", code: 409, reason: .conflict, message: "changed"))], at: Self.time)
    #expect(effects.contains { if case .later(.retry(work), _) = $0 { true } else { false } })
    effects = state.handle([.retry(work)], at: Self.time)
    #expect(Self.actions(effects) == ["set status of L2Service test/vlan13: ready"])
  }

  @Test func theLastWordComesBeforeTheObjectGoes() {
    var (state, effects) = Self.state([(Self.service(version: "5", deleted: true), "5")])
    #expect(Self.actions(effects).isEmpty)
    guard
      case .letGo(let id, let uid, let last?, nil)? = effects.first(where: {
        if case .letGo = $0 { true } else { false }
      })
    else {
      Issue.record("the callback is not told: \(effects)")
      return
    }
    #expect(id == Self.id)
    #expect(last.1.token == "deleted/0")
    #expect(String(decoding: last.1.body, as: UTF8.self).contains(#""phase":"deleted""#))
    // Whatever comes meanwhile, it is told once.
    effects = state.handle([.retry(.object(id))], at: Self.time)
    #expect(effects.isEmpty)
    effects = state.handle([.released(id, uid: uid)], at: Self.time)
    #expect(Self.actions(effects) == ["release L2Service test/vlan13"])
  }

  @Test func deliveredStatesAreNotedOnTheObject() {
    var (state, _) = Self.state([(Self.service(version: "5"), "5")])
    var effects = state.handle([.delivered(Self.id, uid: "u1", token: "ready/1")], at: Self.time)
    #expect(effects.contains { if case .note(_, "ready/1", _) = $0 { true } else { false } })
    effects = state.handle([.delivered(Self.id, uid: "another", token: "ready/2")], at: Self.time)
    #expect(effects.isEmpty)
  }

  @Test func ovnIsAskedAtOnceAndNothingIsAskedTwice() throws {
    var configuration = Operator.Configuration()
    configuration.northbound = try Operator.OVNDatabase(parsing: "unix:/tmp/none")
    var state = OperatorState(configuration: configuration, logger: Self.quiet)
    var service = L2Service(metadata: ObjectMeta(name: "overlay", namespace: "test"), spec: .init(segmentationID: nil))
    service.metadata.uid = "u1"
    service.metadata.finalizers = [Netloom.finalizer]
    let id = WorldID(.service, NamespacedName(namespace: "test", name: "overlay"))
    let node = WorldObject.node(name: "n1", labels: [:], chassis: Chassis(name: "n1", mtu: 1442))
    _ = state.handle(
      WorldFeed.kinds.filter { $0 != .service && $0 != .node }.map { .world(.replace($0, [])) }, at: Self.time)
    _ = state.handle([.world(.replace(.node, [(object: node, version: "1")]))], at: Self.time)
    let effects = state.handle([.world(.replace(.service, [(object: .service(service), version: "5")]))], at: Self.time)
    let programs = effects.compactMap { if case .program(let wishes) = $0 { wishes } else { nil } }
    let owner = NorthboundOwner(id)
    let wishes = try #require(programs.first)
    #expect(programs.count == 1)
    #expect(wishes[owner]?.fragments?.contains { $0.key == LogicalSwitch.key("test/overlay") } == true)
    // People are told nothing before it is known how it stands.
    #expect(Self.actions(effects).isEmpty)

    var news = NorthboundNews()
    let revision = try #require(wishes[owner]?.revision)
    news.reports[owner] = NorthboundReport(revision: revision, state: .programmed)
    news.repairs = [NorthboundRepair(owner: owner, row: LogicalSwitch.key("test/overlay"), found: "it was gone")]
    let after = state.handle([.northbound(news)], at: Self.time)
    #expect(!after.contains { if case .program = $0 { true } else { false } })
    #expect(Self.actions(after) == ["set status of L2Service test/overlay: ready"])
    #expect(after.contains { if case .tellNow(let word) = $0 { word.reason == "DriftRepaired" } else { false } })
  }
}
