import Compiler
import FabricEngines
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
  /// When people are told, after OVN has done something.
  private static let rested = Moment(timestamp: time.timestamp, elapsed: Silence.rest)
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

  /// A driver closes every VLAN that it is not told of: a Fabric that is known before the BridgeDomains are must not
  /// close those of running pods.
  @Test(arguments: [[WorldID.Kind.fabric, .bridgeDomain], [.bridgeDomain, .fabric]])
  func noVLANIsClosedBeforeAllAreKnown(order: [WorldID.Kind]) throws {
    let fabric = Fabric(
      metadata: ObjectMeta(name: "dc1"),
      spec: .init(
        switches: [.init(name: "leaf1", endpoint: "unix:/nowhere/leaf1.sock")],
        links: [.init(node: "worker1", interface: "eth1", switch: "leaf1", port: "swp1")]))
    let domain = BridgeDomain(
      metadata: ObjectMeta(name: "dc1-vlan13"),
      spec: .init(fabric: "dc1", vlan: 13, ports: [.init(switch: "leaf1", port: "swp1")]))
    let objects: [WorldID.Kind: WorldObject] = [.fabric: .fabric(fabric), .bridgeDomain: .bridgeDomain(domain)]
    var state = OperatorState(configuration: .init(), logger: Self.quiet)
    var effects: [Effect] = []
    for kind in order + WorldFeed.kinds.subtracting(order).sorted(by: { "\($0)" < "\($1)" }) {
      let driver = effects.firstDriver
      #expect(driver?.status.switches.isEmpty ?? true, "asked before \(kind) is known")
      effects += state.handle(
        [.world(.replace(kind, objects[kind].map { [(object: $0, version: "1")] } ?? []))], at: Self.time)
    }
    let status = try #require(effects.firstDriver).status
    #expect(status.switches.keys.sorted() == ["leaf1"])
    #expect(status.ports[.init(switch: "leaf1", port: "swp1")]?.keys.map(\.description) == ["13"])
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

  // MARK: OVN

  private static func wishes(_ effects: [Effect]) -> [NorthboundOwner: NorthboundWish] {
    effects.reduce(into: [:]) { if case .program(let wishes) = $1 { $0.merge(wishes) { $1 } } }
  }

  /// What OVN says to wishes.
  private static func news(_ wishes: [NorthboundOwner: NorthboundWish], _ state: NorthboundReport.State) -> Message {
    var news = NorthboundNews()
    news.reports = wishes.mapValues { NorthboundReport(revision: $0.revision, state: state) }
    return .northbound(news)
  }

  /// A network without a VLAN, and what was asked of OVN for it.
  private static func overlay(readsSouthbound: Bool = false) throws -> (OperatorState, [Effect]) {
    var configuration = Operator.Configuration()
    configuration.northbound = try OVNDatabase(parsing: "unix:/tmp/none")
    if readsSouthbound { configuration.southbound = configuration.northbound }
    var state = OperatorState(configuration: configuration, logger: quiet)
    func metadata(_ uid: String) -> ObjectMeta {
      var metadata = ObjectMeta(name: "overlay", namespace: "test", finalizers: [Netloom.finalizer])
      metadata.uid = uid
      return metadata
    }
    let objects: [WorldObject] = [
      .node(name: "n1", labels: [:], chassis: Chassis(name: "n1", mtu: 1442)), .namespace(name: "test", labels: [:]),
      .subnet(Subnet(metadata: metadata("u3"), spec: .init(cidr: "10.0.0.0/24"))),
      .attachment(L2ServiceAttachment(metadata: metadata("u2"), spec: .init(l2Services: ["overlay"]))),
      .service(L2Service(metadata: metadata("u1"), spec: .init(subnets: ["overlay"]))),
    ]
    let known = Set(objects.map(\.id.kind))
    _ = state.handle(WorldFeed.kinds.subtracting(known).map { .world(.replace($0, [])) }, at: time)
    let effects = objects.flatMap {
      state.handle([.world(.replace($0.id.kind, [(object: $0, version: "5")]))], at: time)
    }
    return (state, effects)
  }

  /// All that follows when every write succeeds, and nobody hears of it.
  private static func settle(_ state: inout OperatorState, _ effects: [Effect]) -> [String] {
    var actions = Self.actions(effects)
    for case .carryOut(let work, _, _) in effects {
      actions += settle(&state, state.handle([.finished(work, [])], at: rested))
    }
    return actions
  }

  private static let pod = PodRecord(
    name: NamespacedName(namespace: "test", name: "a"), uid: "u9", node: "n1", networks: "overlay")

  @Test func ovnIsAskedAtOnceAndNothingIsAskedTwice() throws {
    var (state, effects) = try Self.overlay()
    let owner = NorthboundOwner(WorldID(.service, NamespacedName(namespace: "test", name: "overlay")))
    let wishes = Self.wishes(effects)
    #expect(effects.count { if case .program = $0 { true } else { false } } == 1)
    #expect(wishes[owner]?.fragments?.contains { $0.key == LogicalSwitch.key("test/overlay") } == true)
    // People are told nothing before it is known how it stands.
    #expect(!Self.actions(effects).contains { $0.hasPrefix("set status") }, "\(Self.actions(effects))")

    var news = NorthboundNews()
    news.repairs = [NorthboundRepair(owner: owner, row: LogicalSwitch.key("test/overlay"), found: "it was gone")]
    effects = state.handle([Self.news(wishes, .programmed), .northbound(news)], at: Self.time)
    #expect(!effects.contains { if case .program = $0 { true } else { false } })
    #expect(effects.contains { if case .tellNow(let word) = $0 { word.reason == "DriftRepaired" } else { false } })
    effects += state.handle([.tick], at: Self.rested)
    #expect(Self.settle(&state, effects).contains("set status of L2Service test/overlay: ready"))
  }

  /// Nor before it is known where things are, or that nobody tells.
  @Test func statusesWaitForTheSouthboundDatabase() throws {
    for standing in [SouthboundNews.Standing.followed, .lost("nobody answers")] {
      var (state, effects) = try Self.overlay(readsSouthbound: true)
      effects = state.handle([Self.news(Self.wishes(effects), .programmed)], at: Self.time)
      #expect(!Self.settle(&state, effects).contains { $0.hasPrefix("set status") })
      var news = SouthboundNews()
      news.standing = standing
      effects = state.handle([.southbound(news)], at: Self.rested)
      #expect(Self.settle(&state, effects).contains("set status of L2Service test/overlay: ready"))
    }
  }

  @Test func aPodIsToldItsAddressesWhenOVNHasItsPortAndPeopleWhenNothingIsUnderWay() throws {
    var (state, effects) = try Self.overlay()
    effects = state.handle([Self.news(Self.wishes(effects), .programmed)], at: Self.time)
    _ = Self.settle(&state, effects + state.handle([.tick], at: Self.rested))

    effects = state.handle([.world(.put(.pod(Self.pod), version: "9"))], at: Self.rested)
    let wishes = Self.wishes(effects)
    #expect(wishes.count == 1 && Self.actions(effects).isEmpty, "\(Self.actions(effects))")

    effects = state.handle([Self.news(wishes, .committed)], at: Self.rested)
    #expect(Self.actions(effects) == ["assign Pod test/a: net1 10.0.0.1/24"])
    guard case .carryOut(let work, let actions, _)? = effects.first,
      case .allocate(_, _, let allocations, _)? = actions.first
    else {
      Issue.record("\(effects)")
      return
    }
    var told = Self.pod
    told.allocations = Allocation.text(of: allocations)
    effects = state.handle(
      [.finished(work, [.object(.pod(told), version: "10", isNew: false)])], at: Self.rested)
    #expect(Self.actions(effects).isEmpty)

    // They are not kept waiting for long, whatever OVN does.
    let soon = Moment(timestamp: Self.time.timestamp, elapsed: Silence.rest + Silence.patience - .milliseconds(1))
    #expect(Self.actions(state.handle([.tick], at: soon)).isEmpty)
    let late = Moment(timestamp: Self.time.timestamp, elapsed: Silence.rest + Silence.patience)
    #expect(Self.actions(state.handle([.tick], at: late)).contains("set status of Subnet test/overlay: ready"))
  }

  @Test func aPodIsToldItsAddressesAlsoWhileOVNDoesNotAnswer() throws {
    var (state, effects) = try Self.overlay()
    effects = state.handle([Self.news(Self.wishes(effects), .programmed)], at: Self.time)
    _ = Self.settle(&state, effects + state.handle([.tick], at: Self.rested))
    effects = state.handle([.world(.put(.pod(Self.pod), version: "9"))], at: Self.time)
    #expect(Self.actions(effects).isEmpty)
    var news = NorthboundNews()
    news.connection = .failed("connection refused")
    effects = state.handle([.northbound(news)], at: Self.time)
    #expect(Self.actions(effects).contains("assign Pod test/a: net1 10.0.0.1/24"))
  }
}

extension [Effect] {
  fileprivate var firstDriver: OVSFabricDriver? {
    lazy.compactMap { if case .runDriver(_, let driver, _) = $0 { driver } else { nil } }.first
  }
}
