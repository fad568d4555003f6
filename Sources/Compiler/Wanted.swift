/// What is wanted of every target, as the union of what contributors want.
///
/// A thing is wanted for as long as any contributor wants it, and goes when the last one stops: that is the only rule
/// by which anything in the network is kept or released. It is a pure value: the order of the calls does not matter,
/// only what every contributor wanted last.
public struct Wanted<Target: Hashable & Sendable, Thing: Hashable & Sendable, Contributor: Hashable & Sendable>:
  Sendable
{
  /// One thing wanted of one target.
  public struct Want: Hashable, Sendable {
    /// Of whom it is wanted.
    public var target: Target
    /// What is wanted.
    public var thing: Thing

    /// A thing of a target.
    public init(_ target: Target, _ thing: Thing) {
      self.target = target
      self.thing = thing
    }
  }

  private var contributions: [Contributor: Set<Want>] = [:]
  private var contributors: [Target: [Thing: Set<Contributor>]] = [:]

  /// Nothing is wanted.
  public init() {}

  /// Sets all that one contributor wants, in the place of what it wanted before.
  ///
  /// - Returns: the targets of which the wanted things, or who wants them, are now others.
  public mutating func replace(_ contributor: Contributor, with wants: Set<Want>) -> Set<Target> {
    let before = contributions[contributor] ?? []
    guard before != wants else { return [] }
    contributions[contributor] = wants.isEmpty ? nil : wants
    var changed: Set<Target> = []
    for want in before.subtracting(wants) {
      contributors[want.target]?[want.thing]?.remove(contributor)
      if contributors[want.target]?[want.thing]?.isEmpty == true { contributors[want.target]?[want.thing] = nil }
      if contributors[want.target]?.isEmpty == true { contributors[want.target] = nil }
      changed.insert(want.target)
    }
    for want in wants.subtracting(before) {
      contributors[want.target, default: [:]][want.thing, default: []].insert(contributor)
      changed.insert(want.target)
    }
    return changed
  }

  /// The things wanted of a target.
  public func things(of target: Target) -> some Collection<Thing> & Sendable { (contributors[target] ?? [:]).keys }

  /// Who wants a thing of a target.
  public func contributors(to thing: Thing, of target: Target) -> Set<Contributor> {
    contributors[target]?[thing] ?? []
  }

  /// Whether anybody wants a thing of a target.
  public func wants(_ thing: Thing, of target: Target) -> Bool { contributors[target]?[thing] != nil }

  /// Every target of which something is wanted.
  public var targets: some Collection<Target> & Sendable { contributors.keys }

  /// What one contributor wants.
  public func wants(of contributor: Contributor) -> Set<Want> { contributions[contributor] ?? [] }
}
