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

  /// The targets that a change has touched.
  public struct Touched: Hashable, Sendable {
    /// Those of which other things are wanted now.
    public var things: Set<Target> = []
    /// Those of which other contributors want things now; includes `things`.
    public var contributors: Set<Target> = []
  }

  /// Sets all that one contributor wants, in the place of what it wanted before.
  public mutating func replace(_ contributor: Contributor, with wants: Set<Want>) -> Touched {
    let before = contributions[contributor] ?? []
    var touched = Touched()
    guard before != wants else { return touched }
    contributions[contributor] = wants.isEmpty ? nil : wants
    for want in before.subtracting(wants) {
      touched.contributors.insert(want.target)
      contributors[want.target]?[want.thing]?.remove(contributor)
      guard contributors[want.target]?[want.thing]?.isEmpty == true else { continue }
      touched.things.insert(want.target)
      contributors[want.target]?[want.thing] = nil
      if contributors[want.target]?.isEmpty == true { contributors[want.target] = nil }
    }
    for want in wants.subtracting(before) {
      touched.contributors.insert(want.target)
      if contributors[want.target]?[want.thing] == nil { touched.things.insert(want.target) }
      contributors[want.target, default: [:]][want.thing, default: []].insert(contributor)
    }
    return touched
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
