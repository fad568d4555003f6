import OVNModel
import OVSDB

/// What is wanted, what is known of the database, and what there is to do: the engine without I/O.
struct NorthboundLedger {
  /// How many rows one transaction looks at.
  static let batchLimit = 10_000

  /// How an owner's wishes stand.
  private struct Standing {
    var revision = 0
    /// The rows that were not seen to be as it wants them.
    var open: Set<NorthboundKey> = []
    /// The `nb_cfg` by which all others are.
    var committed = 0
    var failures: [NorthboundKey: String] = [:]
  }

  private(set) var wanted = WantedRows()
  private var known: [RowID: NorthboundKey] = [:]
  private var knownIDs: [NorthboundKey: RowID] = [:]
  private var standings: [NorthboundOwner: Standing] = [:]
  /// The owners of which is not known what they want, by their marks, and their rows: those stay as they are.
  private var untold: Set<String> = []
  private var spared: [NorthboundKey: String] = [:]
  /// Whether everything that is wanted is known. Nothing is written before.
  private(set) var isComplete = false
  /// The ports that a chassis has bound.
  private var bound: Set<NorthboundKey> = []
  /// Rows to look at.
  private var dirty: Set<NorthboundKey> = []
  /// Rows that the database cannot hold; they are tried again alone, so that they hold nothing else up.
  private var blocked: Set<NorthboundKey> = []
  private var suspects: Set<NorthboundKey> = []
  /// What was found of rows that somebody else changed.
  private var drift: [NorthboundKey: String] = [:]
  /// Which owners have not been told of a row that they changed.
  private var awaiting: [NorthboundKey: Set<NorthboundOwner>] = [:]
  /// Rows by the rows that they wait for, and the other way round.
  private var waiters: [NorthboundKey: Set<NorthboundKey>] = [:]
  private var waiting: [NorthboundKey: Set<NorthboundKey>] = [:]
  /// Rows by the rows that they refer to, and the other way round.
  private var dependents: [NorthboundKey: Set<NorthboundKey>] = [:]
  private var mentions: [NorthboundKey: Set<NorthboundKey>] = [:]
  private var limit = batchLimit
  /// The `nb_cfg` at which a transaction lost against another writer: it is not tried again before that has moved. That
  /// there was no `nb_cfg` yet is another thing than 0: ovn-northd makes its row, with 0, in a new database.
  private var lostAt: Int??
  private var carried = 0
  private var uncarried: Set<NorthboundOwner> = []
  private var told: Set<NorthboundOwner> = []
  private var repairs: [NorthboundRepair] = []

  /// The database as it is, with what is known of it.
  func observed(_ replica: Replica, _ schema: DatabaseSchema) -> ObservedRows {
    ObservedRows(
      replica: replica, schema: schema, known: known, knownIDs: knownIDs, untold: untold, spared: spared)
  }
}

// MARK: What is wanted

extension NorthboundLedger {
  /// Says all that one owner wants from now on, or that its rows stay as they are.
  mutating func want(_ owner: NorthboundOwner, _ wish: NorthboundWish) {
    standings[owner, default: Standing()].revision = wish.revision
    told.insert(owner)
    guard let fragments = wish.fragments else {
      if wanted.wanted(by: owner).isEmpty { untold.insert(owner.description) }
      return
    }
    for key in wanted.replace(owner, with: fragments).union(released(by: owner)) {
      mention(key)
      dirty.insert(key)
      blocked.remove(key)
      suspects.remove(key)
      open(key, for: [owner])
    }
  }

  /// The rows that stayed as they were until the owner said what it wants.
  private mutating func released(by owner: NorthboundOwner) -> Set<NorthboundKey> {
    guard untold.remove(owner.description) != nil else { return [] }
    let released = spared.filter { $0.value == owner.description }.keys
    for key in released { spared[key] = nil }
    return Set(released)
  }

  /// Everything that is wanted is known: what has our mark and is wanted by nobody goes.
  mutating func complete(_ observed: ObservedRows) {
    isComplete = true
    dirty.formUnion(wanted.keys)
    for table in NorthboundTable.allCases {
      for case let name? in observed.replica.rows(table.rawValue).values.map(\.mark) {
        dirty.insert(NorthboundKey(table, name))
      }
    }
  }

  /// The database was reached: what it could not hold it may hold now.
  mutating func synchronized() {
    lostAt = nil
    suspects.formUnion(blocked)
    blocked = []
  }

  /// Changes were missed: every row is looked at.
  mutating func relearn(_ observed: ObservedRows) {
    known = [:]
    knownIDs = [:]
    bound = []
    told.formUnion(standings.keys)
    for table in NorthboundTable.allCases {
      for row in observed.replica.rows(table.rawValue).values {
        guard let name = row.mark else { continue }
        known[row.id] = NorthboundKey(table, name)
        knownIDs[NorthboundKey(table, name)] = row.id
        if table == .logicalSwitchPort, row.isUp { bound.insert(NorthboundKey(table, name)) }
      }
    }
    if isComplete { complete(observed) }
  }

  /// Keeps up which rows a row refers to.
  private mutating func mention(_ key: NorthboundKey) {
    var now: Set<NorthboundKey> = []
    if let row = wanted[key] {
      now = Set(row.parents.map(\.row))
      for case .references(let keys) in row.columns.values { now.formUnion(keys) }
    }
    let before = mentions[key] ?? []
    for target in before.subtracting(now) { dependents[target]?.remove(key) }
    for target in now.subtracting(before) { dependents[target, default: []].insert(key) }
    mentions[key] = now.isEmpty ? nil : now
  }
}

// MARK: What is observed

extension NorthboundLedger {
  /// Takes in what has changed. What is not as it is wanted, and was not about to be written, is somebody else's doing.
  mutating func changed(_ changes: [RowChange], in replica: Replica, _ schema: DatabaseSchema) {
    var keys: Set<NorthboundKey> = []
    for change in changes {
      guard let table = NorthboundTable(rawValue: change.table) else { continue }
      keys.formUnion(take(change, table))
    }
    let observed = observed(replica, schema)
    carry(observed.carried)
    guard isComplete else { return }
    let plan = NorthboundPlan(
      keys.subtracting(dirty).subtracting(blocked).subtracting(suspects), wanted: wanted, observed: observed)
    spared.merge(plan.spared) { $1 }
    for key in plan.keys {
      let isMissing = plan.waiting[key] != nil && observed.rows(key).isEmpty
      guard let found = plan.findings[key] ?? (isMissing ? "it was gone" : nil) else { continue }
      dirty.insert(key)
      drift[key] = found
      open(key, for: wanted.owners(of: key))
    }
  }

  /// Notes a change of a row; the rows of ours that it is about.
  private mutating func take(_ change: RowChange, _ table: NorthboundTable) -> Set<NorthboundKey> {
    var keys: Set<NorthboundKey> = []
    let marked = (change.new?.mark ?? change.old?.mark).map { NorthboundKey(table, $0) }
    guard let key = known[change.id] ?? marked else {
      retry(namedAs: change, table)
      return []
    }
    keys.insert(key)
    if change.new == nil {
      known[change.id] = nil
      if knownIDs[key] == change.id { knownIDs[key] = nil }
    } else if known[change.id] == nil {
      known[change.id] = key
      if knownIDs[key] == nil { knownIDs[key] = change.id }
      dirty.formUnion(waiters.removeValue(forKey: key) ?? [])
    }
    for column in table.holdingColumns {
      let moved = Set(change.old?[column]?.atoms ?? []).symmetricDifference(change.new?[column]?.atoms ?? [])
      for case .uuid(let id) in moved { if let key = known[id] { keys.insert(key) } }
    }
    if table == .logicalSwitchPort { bind(key, isBound: change.new?.isUp ?? false) }
    return keys
  }

  /// A row of somebody else's may have stood in the way of ours.
  private mutating func retry(namedAs change: RowChange, _ table: NorthboundTable) {
    guard case .string(let name)? = change.old?["name"]?.atom else { return }
    if blocked.remove(NorthboundKey(table, name)) != nil { suspects.insert(NorthboundKey(table, name)) }
  }

  private mutating func bind(_ port: NorthboundKey, isBound: Bool) {
    guard bound.contains(port) != isBound else { return }
    if isBound { bound.insert(port) } else { bound.remove(port) }
    told.formUnion(wanted.owners(of: port))
  }

  /// Takes in how far ovn-northd is.
  private mutating func carry(_ carried: Int) {
    guard carried != self.carried else { return }
    if carried < self.carried { uncarried = Set(standings.keys) }
    self.carried = carried
    for owner in uncarried where standings[owner].map({ $0.committed <= carried }) ?? true {
      uncarried.remove(owner)
      told.insert(owner)
    }
  }
}

// MARK: What there is to do

extension NorthboundLedger {
  /// The next transaction; nil: everything is as it is wanted, or has to wait.
  mutating func next(_ observed: ObservedRows) -> NorthboundPlan? {
    carry(observed.carried)
    guard isComplete, lostAt != .some(observed.requested) else { return nil }
    while let keys = take(observed) {
      let plan = NorthboundPlan(keys, wanted: wanted, observed: observed)
      guard plan.isEmpty else { return plan }
      // The rows are as they are wanted by what was asked for last: that is what has to be carried.
      settle(plan, observed.requested ?? 0)
    }
    return nil
  }

  /// The rows of the next transaction, and with rows that are to be made those that refer to them.
  private mutating func take(_ observed: ObservedRows) -> Set<NorthboundKey>? {
    if dirty.isEmpty {
      guard let key = suspects.popFirst() else { return nil }
      return [key]
    }
    let isWhole = dirty.count <= limit
    var keys = isWhole ? dirty : Set(dirty.sorted { $0.order < $1.order }.prefix(limit))
    for key in keys where observed.rows(key).isEmpty && wanted.contains(key) {
      for dependent in dependents[key] ?? [] where keys.count < limit && !blocked.contains(dependent) {
        keys.insert(dependent)
      }
    }
    dirty.subtract(keys)
    return keys
  }

  /// A transaction was committed.
  mutating func committed(_ plan: NorthboundPlan) {
    limit = min(limit * 2, Self.batchLimit)
    for key in plan.keys {
      guard let found = drift.removeValue(forKey: key), let row = wanted[key] else { continue }
      repairs.append(NorthboundRepair(owner: row.owner, row: key, found: found))
    }
    settle(plan, plan.revision)
    for key in plan.keys { dirty.formUnion(waiters.removeValue(forKey: key) ?? []) }
    // What could not be removed, because others referred to it, perhaps can now.
    let stuck = blocked.filter { !wanted.contains($0) }
    suspects.formUnion(stuck)
    blocked.subtract(stuck)
  }

  /// A transaction was not committed, or may not have been.
  mutating func failed(_ plan: NorthboundPlan, _ error: OVSDBError) {
    switch error.code {
    case .constraintViolation, .referentialIntegrityViolation, .invalidRequest:
      // Halved until the row that is at fault is found.
      limit = max(1, plan.keys.count / 2)
      if plan.keys.count == 1 {
        block(plan.keys[0], "the northbound database refuses it: \(error.reason)")
        limit = Self.batchLimit
      } else {
        dirty.formUnion(plan.keys)
      }
    case .waitTimedOut:
      lostAt = .some(plan.requested)
      dirty.formUnion(plan.keys)
    default: dirty.formUnion(plan.keys)
    }
  }

  private mutating func settle(_ plan: NorthboundPlan, _ revision: Int) {
    spared.merge(plan.spared) { $1 }
    for key in plan.keys {
      for target in waiting.removeValue(forKey: key) ?? [] { waiters[target]?.remove(key) }
      if let reason = plan.blocked[key] {
        block(key, reason)
      } else if let targets = plan.waiting[key] {
        waiting[key] = targets
        for target in targets { waiters[target, default: []].insert(key) }
        open(key, for: wanted.owners(of: key))
        told.formUnion(awaiting[key] ?? [])
      } else {
        blocked.remove(key)
        close(key, revision)
      }
    }
  }

  private mutating func block(_ key: NorthboundKey, _ reason: String) {
    blocked.insert(key)
    open(key, for: wanted.owners(of: key))
    for owner in awaiting[key] ?? [] {
      standings[owner]?.failures[key] = reason
      told.insert(owner)
    }
  }

  private mutating func open(_ key: NorthboundKey, for owners: Set<NorthboundOwner>) {
    awaiting[key, default: []].formUnion(owners)
    for owner in owners where standings[owner]?.open.insert(key).inserted == true { told.insert(owner) }
  }

  private mutating func close(_ key: NorthboundKey, _ revision: Int) {
    for owner in (awaiting.removeValue(forKey: key) ?? []) {
      standings[owner]?.open.remove(key)
      standings[owner]?.failures[key] = nil
      standings[owner]?.committed = revision
      uncarried.insert(owner)
      told.insert(owner)
    }
  }
}

// MARK: What is told

extension NorthboundLedger {
  /// What has changed since this was last asked.
  mutating func takeNews() -> NorthboundNews {
    var news = NorthboundNews()
    for owner in told {
      guard let standing = standings[owner] else { continue }
      news.reports[owner] = NorthboundReport(
        revision: standing.revision, state: state(of: standing), boundPorts: boundPorts(of: owner))
      // Of an owner that wants nothing nothing is left to say.
      if news.reports[owner]?.state == .programmed, wanted.wanted(by: owner).isEmpty { standings[owner] = nil }
    }
    news.repairs = repairs
    told = []
    repairs = []
    return news
  }

  private func boundPorts(of owner: NorthboundOwner) -> Set<String> {
    Set(wanted.wanted(by: owner).lazy.map(\.key).filter(bound.contains).map(\.name))
  }

  private func state(of standing: Standing) -> NorthboundReport.State {
    if let failure = standing.failures.min(by: { $0.key < $1.key }) {
      return .failed("\(failure.key): \(failure.value)")
    }
    if !standing.open.isEmpty {
      let missing = standing.open.lazy.compactMap { waiting[$0]?.min() }.min()
      return .pending(missing.map { "waits for \($0)" })
    }
    return standing.committed <= carried ? .programmed : .committed
  }
}

extension NorthboundKey {
  /// Holders first, so that what they hold can be made after them.
  fileprivate var order: (Int, Self) { (table.holders.isEmpty ? 0 : 1, self) }
}
