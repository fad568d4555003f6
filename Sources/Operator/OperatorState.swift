import Callbacks
import Compiler
import FabricEngines
import KubernetesClient
import KubernetesEngine
import KubernetesModel
import Logging
import NetloomAPI
import OVNEngine
import OVNModel

/// What has to be done outside the operator's one task.
enum Effect: Sendable {
  /// Carry out actions of one piece of work, one after the other.
  case carryOut(Work, [Action], observed: WorldObject?)
  /// Send a message after a time.
  case later(Message, after: Duration)
  /// Run the driver of a fabric until the stream ends.
  case runDriver(String, OVSFabricDriver, until: AsyncStream<Void>)
  /// Read the credentials of a fabric's switches.
  case readCredentials(Fabric)
  /// Let go of an object: tell its callback the last state, give the ports of a fabric back.
  case letGo(WorldID, uid: String?, last: (CallbackSubject, CallbackState, delivered: String?)?, OVSFabricDriver?)
  /// Tell a callback the state of an object.
  case callBack(CallbackSubject, CallbackState, delivered: String?)
  /// Tell nothing more of an object.
  case forget(CallbackSubject)
  /// Note on an object which state was delivered.
  case note(Work, token: String, observed: WorldObject)
  /// Tell the engine of OVN's northbound database what objects want from now on; that of all others it knows.
  case program([NorthboundOwner: NorthboundWish])
  /// Write an event.
  case tellNow(Announcement)
}

/// The operator without any I/O: messages go in, effects come out.
struct OperatorState {
  private var world = WorldState()
  private var compiler: Compiler
  private var fabrics: FabricController
  private var northbound = NorthboundController()
  private var southbound: SouthboundController
  /// Whether OVN has said how everything stands that was there when this process began.
  private var isAnswered = false
  private var schedule: Schedule
  /// The objects of which the engines and the callback have let go, and those that are being let go of.
  private var released: Set<CallbackSubject> = []
  private var releasing: Set<CallbackSubject> = []
  /// The states that were delivered and are to be noted.
  private var notes: [WorldID: (uid: String?, token: String)] = [:]
  private var isComplete = false
  private var invariants: InvariantReport
  private var gauges = AddressGauges()
  /// When ticks come.
  private var ticks: Set<Duration> = []
  /// When people are told.
  private var silence = Silence()
  private let logger: Logger

  init(configuration: Operator.Configuration, logger: Logger) {
    compiler = Compiler(
      quarantine: configuration.quarantine, macPrefix: configuration.macPrefix,
      hasOVN: configuration.northbound != nil)
    southbound = SouthboundController(isRead: configuration.southbound != nil)
    fabrics = FabricController(logger: logger)
    schedule = Schedule(limit: configuration.concurrency)
    invariants = InvariantReport(logger: logger)
    self.logger = logger
  }

  /// Deals with messages, in order, and compiles once.
  mutating func handle(_ messages: [Message], at time: Moment) -> [Effect] {
    var effects: [Effect] = []
    var changes: [Compiler.Change] = []
    var changedFabrics: [String: FabricStatus] = [:]
    for message in messages {
      switch message {
      case .world(let event): changes += world.changes(from: event)
      case .finished(let work, let answers):
        schedule.finished(work)
        for answer in answers { changes += self.changes(from: answer) }
      case .failed(let work, let error):
        effects.append(failed(work, error))
      case .retry(let work): schedule.submit(work)
      case .tick: ticks = ticks.filter { $0 > time.elapsed }
      case .fabric(let name, let status): changedFabrics[name] = status
      case .northbound(let news):
        let answers = northbound.take(news) { compiler.world[$0] != nil }
        changes += answers
        for case .northbound(let id, _) in answers where id.kind == .pod { schedule.submit(.object(id)) }
        effects += northbound.announcements(of: news.repairs) { compiler.world[$0]?.metadata?.uid }.map { .tellNow($0) }
      case .southbound(let news): changes += southbound.take(news)
      case .credentials(let fabric, let credentials): fabrics.set(credentials, of: fabric)
      case .released(let id, let uid):
        let subject = CallbackSubject(id: id, uid: uid)
        releasing.remove(subject)
        released.insert(subject)
        schedule.submit(.object(id))
      case .delivered(let id, let uid, let token):
        notes[id] = (uid, token)
        schedule.submit(.note(id))
      }
    }
    effects += callbacks(for: changes)
    compiler.apply(changes)
    effects += take(fabrics.apply(changes))
    for (name, status) in changedFabrics { report(status, of: name, at: time) }
    // Before everything is known, what is not known yet would look as if it were gone.
    let wasComplete = isComplete
    guard becomesComplete() else { return effects }
    fabrics.program()
    // A new specification is reported on when the driver has looked at it; a status that somebody wrote, at once.
    for case .put(.bridgeDomain(let domain)) in changes
    where domain.status?.observedGeneration == domain.metadata.generation {
      schedule.submit(.report(WorldID(.bridgeDomain, domain.metadata.name)))
    }
    effects += compile(at: time)
    let wishes = northbound.takeWishes()
    if !wishes.isEmpty || !wasComplete { effects.append(.program(wishes)) }
    effects += begin(onlyUrgent: true, at: time)
    if !isSilent(at: time) { effects += begin(onlyUrgent: false, at: time) }
    return effects + watch(at: time)
  }

  /// Compiles, also what follows from having asked OVN for rows.
  private mutating func compile(at time: Moment) -> [Effect] {
    var effects: [Effect] = []
    var asked: [Compiler.Change] = []
    repeat {
      compiler.apply(asked)
      asked = []
      for action in compiler.compile(at: time) {
        switch action {
        case .announce(let announcement): effects.append(.tellNow(announcement))
        case .program(let id, let fragments): asked.append(northbound.program(id, fragments))
        default: schedule.submit(.object(action.id))
        }
      }
    } while !asked.isEmpty
    return effects
  }

  /// Begins as much work as may be done at once.
  private mutating func begin(onlyUrgent: Bool, at time: Moment) -> [Effect] {
    var effects: [Effect] = []
    while let (_, effect) = schedule.begin(onlyUrgent: onlyUrgent, { [self] in details(of: $0, at: time) }) {
      if case .letGo(let id, let uid, _, _) = effect {
        releasing.insert(CallbackSubject(id: id, uid: uid))
        schedule.finished(.object(id))
      }
      effects.append(effect)
    }
    return effects
  }

  /// Whether people are told later: what is written to tell them is in the way of what the network waits for, and
  /// overtaken by it.
  private mutating func isSilent(at time: Moment) -> Bool {
    // What OVN has had for long is not reported as missing only because this process has just begun.
    isAnswered = isAnswered || !northbound.isWriting && !southbound.isUndecided
    silence.update(isWriting: schedule.isUrgent, isProgramming: northbound.isBusy, at: time.elapsed)
    return !isAnswered || silence.end.map { time.elapsed < $0 } ?? false
  }

  // MARK: What is measured, and what time brings

  /// Looks whether everything is as it must be, and arranges to be woken when time alone changes something.
  private mutating func watch(at time: Moment) -> [Effect] {
    let (subnets, pods) = compiler.takeChanges()
    gauges.update(subnets, from: compiler, at: time)
    var effects: [Effect] = invariants.check(compiler, changed: pods, at: time)
      .compactMap { compiler.announcement(of: $0) }.map { .tellNow($0) }
    var moments = [invariants.nextFull, compiler.nextChange(after: time)].compactMap(\.self)
    if let end = silence.end, end > time.elapsed { moments.append(end) }
    if let next = moments.min(), ticks.min().map({ next < $0 }) ?? true {
      ticks.insert(next)
      effects.append(.later(.tick, after: max(.zero, next - time.elapsed)))
    }
    return effects
  }

  // MARK: The world

  private mutating func becomesComplete() -> Bool {
    if !isComplete, world.isComplete {
      isComplete = true
      // The drivers may have said all they have to say before the objects were known.
      for name in fabrics.bridgeDomains { schedule.submit(.report(WorldID(.bridgeDomain, name))) }
      logger.info("everything is known; working")
    }
    return isComplete
  }

  private mutating func changes(from answer: ActionWriter.Answer) -> [Compiler.Change] {
    switch answer {
    case .object(let object, let version, let isNew):
      world.changes(fromAnswer: object, version: version, isNew: isNew)
    case .absent(let id): world.changes(fromAbsenceOf: id)
    case .accepted: []
    }
  }

  private mutating func failed(_ work: Work, _ error: KubernetesAPIError) -> Effect {
    let delay = schedule.failed(work, random: Double.random(in: 0..<1))
    logger.log(
      level: error.isConflict ? .debug : .warning, "a write failed, trying again",
      metadata: ["object": "\(work.id)", "error": "\(error)", "in": "\(delay)"])
    return .later(.retry(work), after: delay)
  }

  // MARK: Work

  /// What there is to do about a piece of work by now; nil: nothing.
  private func details(of work: Work, at time: Moment) -> Effect? {
    switch work {
    case .object(let id):
      let actions = compiler.actions(for: id).filter { $0.isWrite && $0.id == id }
      guard !actions.isEmpty else { return nil }
      // A pod is told its addresses when OVN has its ports.
      if id.kind == .pod, northbound.isWriting(id) { return nil }
      if let effect = letGo(id, actions) { return effect }
      let subject = CallbackSubject(id: id, uid: compiler.world[id]?.metadata?.uid)
      return releasing.contains(subject) ? nil : .carryOut(work, actions, observed: compiler.world[id])
    case .report(let id):
      guard let domain = fabrics.report(of: id.name.name, now: time.timestamp), let status = domain.status else {
        return nil
      }
      return .carryOut(
        work, [.setStatus(id, .bridgeDomain(status), uid: domain.metadata.uid)], observed: .bridgeDomain(domain))
    case .note(let id):
      guard let note = notes[id], let object = compiler.world[id], object.metadata?.uid == note.uid,
        object.metadata?.annotations?[CallbackSubject.annotation] != note.token
      else { return nil }
      return .note(work, token: note.token, observed: object)
    }
  }

  /// Before an object goes: its callback is told, and the ports of a fabric are given back.
  private func letGo(_ id: WorldID, _ actions: [Action]) -> Effect? {
    guard
      case .removeFinalizer(_, let uid)? = actions.first(where: {
        if case .removeFinalizer = $0 { true } else { false }
      })
    else { return nil }
    let subject = CallbackSubject(id: id, uid: uid)
    guard !released.contains(subject), !releasing.contains(subject), let object = compiler.world[id] else { return nil }
    let last = state(of: object, isLast: true)
    guard last != nil || id.kind == .fabric else { return nil }
    return .letGo(
      id, uid: uid,
      last: last.map { (subject, $0, delivered: object.metadata?.annotations?[CallbackSubject.annotation]) },
      id.kind == .fabric ? fabrics.driver(of: id.name.name) : nil)
  }

  // MARK: Fabrics

  private mutating func take(_ starts: [FabricController.Start]) -> [Effect] {
    starts.map { start in
      switch start {
      case .driver(let name, let driver, let stop): .runDriver(name, driver, until: stop)
      case .credentials(let fabric): .readCredentials(fabric)
      }
    }
  }

  /// Takes in what the driver of a fabric says.
  private mutating func report(_ status: FabricStatus, of name: String, at time: Moment) {
    guard let reports = fabrics.set(status, of: name, now: time.timestamp) else { return }
    compiler.apply([.put(.switches(fabric: name, reports.switches))])
    for domain in reports.domains { schedule.submit(.report(WorldID(.bridgeDomain, domain.metadata.name))) }
  }

  // MARK: Callbacks

  /// Tells the callbacks of objects that have come into another state.
  private mutating func callbacks(for changes: [Compiler.Change]) -> [Effect] {
    changes.compactMap { change in
      switch change {
      case .put(let object):
        let subject = CallbackSubject(id: object.id, uid: object.metadata?.uid)
        guard !releasing.contains(subject), !released.contains(subject), let state = state(of: object) else {
          return nil
        }
        return .callBack(subject, state, delivered: object.metadata?.annotations?[CallbackSubject.annotation])
      case .remove(let id):
        let object = compiler.world[id]
        let subject = CallbackSubject(id: id, uid: object?.metadata?.uid)
        released.remove(subject)
        notes[id] = nil
        return object?.resource?.callbackURL == nil ? nil : .forget(subject)
      case .northbound, .bound, .southbound: return nil
      }
    }
  }

  private func state(of object: WorldObject, isLast: Bool = false) -> CallbackState? {
    do { return try CallbackState(of: object, isLast: isLast) } catch {
      logger.error(
        "an object cannot be written as JSON for its callback",
        metadata: ["object": "\(object.id)", "error": "\(error)"])
      return nil
    }
  }
}
