import KubernetesClient
import KubernetesModel

/// Decides how reports become events, so that a thing that happens all the time is one event with a count. As client-go
/// does it: the same report again counts; more than ten different messages of one reason within ten minutes become one
/// event; an object has 25 reports at once and one in five minutes after that. Pure: the moments come in.
struct EventAggregator: Sendable {
  /// Something that happened to an object.
  struct Report: Sendable, Hashable {
    var object: ObjectReference
    var type: String
    var reason: String
    var message: String
    var action: String?
  }

  /// What to write for a report.
  enum Decision: Sendable {
    case create(Event)
    case count(NamespacedName, Patch, orCreate: Event)
    case drop
  }

  private struct Known: Sendable {
    var name: String
    var count: Int
    var first: Timestamp
    var last: Timestamp
  }

  private struct Group: Sendable {
    var messages: Set<String> = []
    var last: Timestamp
  }

  private struct ObjectLimit: Sendable {
    var bucket: TokenBucket
    var last: Timestamp
  }

  private static let similarLimit = 10
  private static let window = Duration.seconds(600)
  /// How many things are remembered; the older half goes when there are more.
  private static let memory = 2048

  private let component: String
  private let instance: String
  private var known: [Report: Known] = [:]
  private var groups: [Report: Group] = [:]
  private var limits: [ObjectReference: ObjectLimit] = [:]
  private var sequence: Int64 = 0

  init(component: String, instance: String) {
    self.component = component
    self.instance = instance
  }

  mutating func decide(_ report: Report, now: Timestamp) -> Decision {
    forgetOld()
    guard mayReport(report.object, now) else { return .drop }
    let report = combine(report, now)
    var key = report
    key.object.resourceVersion = nil
    if key.message.hasPrefix(Self.combined) { key.message = Self.combined }
    guard var entry = known[key], entry.last.duration(to: now) < Self.window else {
      sequence += 1
      // Unique among processes by the microsecond, within this one by the sequence.
      let suffix = String(now.microseconds + sequence, radix: 16)
      let name = "\((report.object.name ?? "").prefix(230)).\(suffix)"
      let entry = Known(name: name, count: 1, first: now, last: now)
      known[key] = entry
      return .create(event(report, entry))
    }
    entry.count += 1
    entry.last = now
    known[key] = entry
    let event = event(report, entry)
    return .count(
      event.metadata.namespacedName,
      .merge([
        "count": .integer(Int64(entry.count)), "lastTimestamp": .string(now.seconds),
        "message": .string(report.message),
      ]), orCreate: event)
  }

  private static let combined = "(combined from similar events): "

  private mutating func combine(_ report: Report, _ now: Timestamp) -> Report {
    var key = report
    key.object.resourceVersion = nil
    key.message = ""
    var group = groups[key] ?? Group(last: now)
    if group.last.duration(to: now) >= Self.window { group.messages = [] }
    group.last = now
    if group.messages.count <= Self.similarLimit { group.messages.insert(report.message) }
    groups[key] = group
    guard group.messages.count > Self.similarLimit else { return report }
    var combined = report
    combined.message = Self.combined + report.message
    return combined
  }

  private mutating func mayReport(_ object: ObjectReference, _ now: Timestamp) -> Bool {
    var key = object
    key.resourceVersion = nil
    var limit = limits[key] ?? ObjectLimit(bucket: TokenBucket(rate: 1.0 / 300, burst: 25), last: now)
    limit.last = now
    defer { limits[key] = limit }
    return limit.bucket.take(now: .microseconds(now.microseconds))
  }

  private func event(_ report: Report, _ entry: Known) -> Event {
    Event(
      metadata: ObjectMeta(name: entry.name, namespace: report.object.namespace ?? "default"),
      involvedObject: report.object, reason: report.reason, message: String(report.message.prefix(1024)),
      type: report.type, count: entry.count, firstTimestamp: entry.first.seconds, lastTimestamp: entry.last.seconds,
      action: report.action, source: .init(component: component), reportingComponent: component,
      reportingInstance: instance)
  }

  private mutating func forgetOld() {
    func trim<Key, Value>(_ entries: inout [Key: Value], _ last: (Value) -> Timestamp) {
      guard entries.count > Self.memory else { return }
      let middle = entries.values.map(last).sorted()[Self.memory / 2]
      entries = entries.filter { last($0.value) > middle }
    }
    trim(&known, \.last)
    trim(&groups, \.last)
    trim(&limits, \.last)
  }
}
