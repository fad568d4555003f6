import KubernetesClient
import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite struct EventAggregatorTests {
  private let start = Timestamp("2026-01-01T00:00:00Z")!
  private func report(_ message: String, object: String = "a") -> EventAggregator.Report {
    .init(
      object: ObjectReference(kind: "Pod", namespace: "n", name: object, uid: object, resourceVersion: message),
      type: "Warning", reason: "Blocked", message: message)
  }

  @Test func `the same report counts`() {
    var aggregator = EventAggregator(component: "c", instance: "i")
    guard case .create(let event) = aggregator.decide(report("held"), now: start) else {
      Issue.record("not created")
      return
    }
    #expect(event.count == 1 && event.metadata.namespace == "n" && event.metadata.name.hasPrefix("a."))
    var again = report("held")
    again.object.resourceVersion = "later"
    let later = start.advanced(by: .seconds(5))
    guard case .count(let name, .merge(let patch), let whole) = aggregator.decide(again, now: later) else {
      Issue.record("not counted")
      return
    }
    #expect(name == event.metadata.namespacedName)
    #expect(patch == ["count": 2, "lastTimestamp": "2026-01-01T00:00:05Z", "message": "held"])
    #expect(whole.firstTimestamp == "2026-01-01T00:00:00Z" && whole.count == 2)
    guard case .create = aggregator.decide(report("held"), now: later.advanced(by: .seconds(601))) else {
      Issue.record("counted for ever")
      return
    }
  }

  @Test func `many messages of one reason become one event`() {
    var aggregator = EventAggregator(component: "c", instance: "i")
    var created = 0
    var counted = 0
    for index in 0..<20 {
      switch aggregator.decide(report("message \(index)"), now: start) {
      case .create(let event):
        created += 1
        if created == 11 { #expect(event.message == "(combined from similar events): message 10") }
      case .count: counted += 1
      case .drop: Issue.record("dropped")
      }
    }
    #expect(created == 11 && counted == 9)
  }

  @Test func `an object that reports without end is slowed down, others are not`() {
    var aggregator = EventAggregator(component: "c", instance: "i")
    func isDropped(_ object: String, at seconds: Int) -> Bool {
      if case .drop = aggregator.decide(report("x", object: object), now: start.advanced(by: .seconds(seconds))) {
        return true
      }
      return false
    }
    let results = (0..<30).map { _ in isDropped("a", at: 0) }
    #expect(results.filter { !$0 }.count == 25)
    #expect(!isDropped("b", at: 0))
    #expect(!isDropped("a", at: 300))
    #expect(isDropped("a", at: 301))
  }

  @Test func `memory stays bounded`() {
    var aggregator = EventAggregator(component: "c", instance: "i")
    for index in 0..<10_000 {
      _ = aggregator.decide(report("x", object: "o\(index)"), now: start.advanced(by: .seconds(index)))
    }
    let size =
      Mirror(reflecting: aggregator).children.compactMap {
        Mirror(reflecting: $0.value).displayStyle == .dictionary ? Mirror(reflecting: $0.value).children.count : nil
      }.max() ?? 0
    #expect(size <= 2100)
  }
}
