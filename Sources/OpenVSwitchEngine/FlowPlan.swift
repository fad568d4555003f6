import OpenFlow

/// The steps from the flows that a bridge has to those that are wanted.
struct FlowPlan: Sendable, Hashable {
  /// The steps, in order; none when the bridge is as it is wanted.
  private(set) var requests: [OpenFlowRequest] = []

  /// - Parameters:
  ///   - wanted: what ports are held to, by OpenFlow port number.
  ///   - observed: our flows of these ports, and of ports that are to have none; all meters.
  init(wanted: [Int: PortPolicy], observed: OpenFlowAnswer) {
    let ports = wanted.map { PortFlows($0.value, number: $0.key) }
    let flows = ports.reduce(into: Set<Flow>()) { $0.formUnion($1.flows) }
    let present = Set(observed.flows)
    let meters = Dictionary(observed.meters.map { ($0.id, $0) }) { $1 }
    let wantedMeters = ports.compactMap(\.meter).sorted { $0.id < $1.id }
    for meter in wantedMeters where meters[meter.id] != meter {
      requests.append(meters[meter.id] == nil ? .addMeter(meter) : .changeMeter(meter))
    }
    // What is allowed is allowed before the rest is forbidden, and what is to be forbidden is so before old flows go.
    requests += flows.subtracting(present).sorted { $0.priority > $1.priority }.map { .add($0) }
    let places = Set(flows.map(Place.init))
    requests += present.filter { !places.contains(Place($0)) }.sorted { $0.priority > $1.priority }.map { .remove($0) }
    // A meter is known for ours by a flow of ours that uses it.
    let old = Set(observed.flows.compactMap(\.meter)).subtracting(wantedMeters.map(\.id))
    requests += old.sorted().map { .removeMeter($0) }
  }

  /// What two flows of one switch cannot have in common: adding the one replaces the other.
  private struct Place: Hashable {
    let table: UInt8
    let priority: UInt16
    let match: Set<MatchField>

    init(_ flow: Flow) { (table, priority, match) = (flow.table, flow.priority, flow.match) }
  }
}

extension Flow {
  fileprivate var meter: UInt32? {
    if case .normal(let meter?) = treatment { meter } else { nil }
  }
}
