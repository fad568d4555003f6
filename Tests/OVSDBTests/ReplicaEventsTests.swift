import Testing

@testable import OVSDB

@Suite(.timeLimit(.minutes(1)))
struct ReplicaEventsTests {
  @Test func aReaderThatFallsBehindIsToldOnceAndCatchesUp() async {
    let mailbox = Mailbox(capacity: 3)
    for _ in 0..<3 { mailbox.put(.changed([])) }
    mailbox.put(.changed([]))
    mailbox.put(.synchronized)
    var words: [String] = []
    words.append(await mailbox.next()?.word ?? "end")
    words.append(await mailbox.next()?.word ?? "end")
    mailbox.end()
    words.append(await mailbox.next()?.word ?? "end")
    #expect(words == ["overflowed", "synchronized", "end"])
  }

  @Test func cancellationEndsAWait() async {
    let mailbox = Mailbox(capacity: 3)
    let reader = Task { await mailbox.next()?.word ?? "end" }
    reader.cancel()
    #expect(await reader.value == "end")
  }

  @Test func eachReaderHearsWhatItAskedFor() async {
    var subscribers = Subscribers()
    let (a, b) = (RowID(rawValue: 1), RowID(rawValue: 2))
    let interests: [Interest] = [
      .everything, .statusOnly, .table("Port"), .table("Bridge"), .row(RowKey(table: "Port", id: b)),
    ]
    let mailboxes = interests.map { _ in Mailbox(capacity: 10) }
    let ids = zip(interests, mailboxes).map { subscribers.add($1, for: $0) }
    subscribers.tell([
      RowChange(table: "Port", id: a, old: nil, new: nil), RowChange(table: "Port", id: b, old: nil, new: nil),
    ])
    subscribers.tellAll(.synchronized)
    subscribers.remove(ids[0], from: interests[0])
    subscribers.tellAll(.synchronized)
    subscribers.endAll()
    mailboxes[0].end()
    var heard: [[String]] = []
    for mailbox in mailboxes {
      var words: [String] = []
      while let event = await mailbox.next() {
        if case .changed(let changes) = event { words.append("\(changes.count)") } else { words.append(event.word) }
      }
      heard.append(words)
    }
    let twice = ["synchronized", "synchronized"]
    #expect(heard == [["2", "synchronized"], twice, ["2"] + twice, twice, ["1"] + twice])
  }
}
