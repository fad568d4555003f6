import Testing

@testable import OpenVSwitchEngine

@Suite("What makes a switch a chassis of OVN")
struct ChassisTests {
  private let wanted = DesiredChassis(
    settings: ["ovn-remote": "tcp:10.0.0.1:6642"], defaults: ["system-id": "worker1"],
    bridgeMappings: ["blue": "br-a", "red": "br-b"])

  /// What the entries are after the change, and all that is said.
  private func apply(_ desired: DesiredChassis, to present: [String: String]) -> ([String: String], [SwitchProblem]) {
    let (change, problems, remarks) = desired.change(from: present)
    var result = present
    for (key, value) in change.removed where result[key] == value { result[key] = nil }
    for (key, value) in change.added where result[key] == nil { result[key] = value }
    return (result, problems + remarks)
  }

  @Test("entries of others stay, ours are added, and nothing happens the second time")
  func merging() {
    let foreign = ["rundir": "/run", "system-id": "0815", "ovn-bridge-mappings": "green:br-x"]
    let (first, said) = apply(wanted, to: foreign)
    #expect(said.isEmpty)
    #expect(first["rundir"] == "/run" && first["system-id"] == "0815")
    #expect(first["ovn-remote"] == "tcp:10.0.0.1:6642")
    #expect(first["ovn-bridge-mappings"] == "green:br-x,blue:br-a,red:br-b")
    #expect(wanted.change(from: first).change.isEmpty)
  }

  @Test("what is ours goes when it is not wanted any more, and only that")
  func leaving() {
    let foreign = ["ovn-bridge-mappings": "green:br-x", "hostname": "h"]
    let (present, _) = apply(wanted, to: foreign)
    #expect(apply(DesiredChassis(), to: present).0 == foreign)
  }

  @Test("what somebody changed of ours is put back")
  func repair() {
    var (present, _) = apply(wanted, to: [:])
    present["ovn-remote"] = "tcp:6.6.6.6:6642"
    present["ovn-bridge-mappings"] = "blue:br-other,yellow:br-y"
    let (repaired, said) = apply(wanted, to: present)
    #expect(said.isEmpty)
    #expect(repaired["ovn-remote"] == "tcp:10.0.0.1:6642")
    #expect(repaired["ovn-bridge-mappings"] == "yellow:br-y,blue:br-a,red:br-b")
  }

  @Test("what others have set otherwise is told and left alone")
  func conflicts() {
    let foreign = ["ovn-remote": "unix:/other", "ovn-bridge-mappings": "blue:br-x"]
    let (present, said) = apply(wanted, to: foreign)
    #expect(present["ovn-remote"] == "unix:/other")
    #expect(present["ovn-bridge-mappings"] == "blue:br-x,red:br-b")
    #expect(said.map(\.bridge) == ["br-a", "br-int"])
  }

  @Test("a change gives way to what somebody else wrote at the same moment")
  func race() {
    let (change, _, _) = wanted.change(from: ["ovn-bridge-mappings": "green:br-x"])
    #expect(change.removed["ovn-bridge-mappings"] == "green:br-x")
  }
}
