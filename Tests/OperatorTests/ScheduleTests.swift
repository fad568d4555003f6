import Compiler
import KubernetesModel
import Testing

@testable import Operator

@Suite struct ScheduleTests {
  static let domain = Work.object(WorldID(.bridgeDomain, "dc1-vlan13"))
  static let service = Work.object(WorldID(.service, NamespacedName(namespace: "test", name: "vlan13")))
  static let other = Work.object(WorldID(.service, NamespacedName(namespace: "test", name: "vlan14")))

  private static func begin(_ schedule: inout Schedule) -> Work? { schedule.begin { _ in true }?.0 }

  @Test func networkGoesBeforeWhatPeopleAreTold() {
    var schedule = Schedule(limit: 1)
    schedule.submit(Self.service)
    schedule.submit(Self.other)
    schedule.submit(Self.domain)
    schedule.submit(Self.service)
    #expect(Self.begin(&schedule) == Self.domain)
    #expect(Self.begin(&schedule) == nil)
    schedule.finished(Self.domain)
    #expect(Self.begin(&schedule) == Self.service)
    schedule.finished(Self.service)
    #expect(Self.begin(&schedule) == Self.other)
    schedule.finished(Self.other)
    #expect(schedule.isIdle)
  }

  @Test func onePieceIsDoneOnceAtATime() {
    var schedule = Schedule(limit: 4)
    schedule.submit(Self.service)
    #expect(Self.begin(&schedule) == Self.service)
    schedule.submit(Self.service)
    schedule.submit(Self.service)
    #expect(Self.begin(&schedule) == nil)
    schedule.finished(Self.service)
    #expect(Self.begin(&schedule) == Self.service)
    schedule.finished(Self.service)
    #expect(Self.begin(&schedule) == nil)
    #expect(schedule.isIdle)
  }

  @Test func overtakenWorkIsNotDone() {
    var schedule = Schedule(limit: 1)
    schedule.submit(Self.service)
    schedule.submit(Self.other)
    #expect(schedule.begin { $0 == Self.other ? true : nil }?.0 == Self.other)
    schedule.finished(Self.other)
    #expect(schedule.isIdle)
  }

  @Test func failuresWaitLongerEachTime() {
    var schedule = Schedule(limit: 1)
    var waits: [Duration] = []
    for _ in 0..<12 {
      schedule.submit(Self.service)
      #expect(Self.begin(&schedule) == Self.service)
      waits.append(schedule.failed(Self.service, random: 0))
    }
    #expect(waits.prefix(4) == [.milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400)])
    #expect(waits.last == .seconds(30))
    schedule.submit(Self.service)
    _ = Self.begin(&schedule)
    schedule.finished(Self.service)
    schedule.submit(Self.service)
    _ = Self.begin(&schedule)
    #expect(schedule.failed(Self.service, random: 1) == .milliseconds(25))
  }
}
