/// What a reader of events wants to hear about. Everybody hears of `synchronized` and `disconnected`.
enum Interest: Sendable, Hashable {
  case everything
  case statusOnly
  case table(String)
  case row(RowKey)
}

/// The readers of a client's events, found by what they want to hear: a change costs what its readers cost, however
/// many others wait for other rows.
struct Subscribers: Sendable {
  private var mailboxes: [Interest: [Int: Mailbox]] = [:]
  private var lastID = 0

  mutating func add(_ mailbox: Mailbox, for interest: Interest) -> Int {
    lastID += 1
    mailboxes[interest, default: [:]][lastID] = mailbox
    return lastID
  }

  mutating func remove(_ id: Int, from interest: Interest) {
    mailboxes[interest]?[id] = nil
    if mailboxes[interest]?.isEmpty == true { mailboxes[interest] = nil }
  }

  func tellAll(_ event: ReplicaEvent) {
    for mailbox in mailboxes.values.joined() { mailbox.value.put(event) }
  }

  func tell(_ changes: [RowChange]) {
    guard !changes.isEmpty else { return }
    mailboxes[.everything]?.values.forEach { $0.put(.changed(changes)) }
    for (table, changes) in Dictionary(grouping: changes, by: \.table) {
      mailboxes[.table(table)]?.values.forEach { $0.put(.changed(changes)) }
      for change in changes {
        mailboxes[.row(RowKey(table: table, id: change.id))]?.values.forEach { $0.put(.changed([change])) }
      }
    }
  }

  func endAll() {
    for mailbox in mailboxes.values.joined() { mailbox.value.end() }
  }
}
