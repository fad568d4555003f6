/// How much may pass a pod's port, each way. The words are CNI's (CONVENTIONS.md, "bandwidth"): seen from the pod.
public struct PortRate: Sendable, Hashable {
  /// What may reach the pod; nil: no limit.
  public var ingress: Limit?
  /// What the pod may send; nil: no limit.
  public var egress: Limit?

  /// Describes limits.
  public init(ingress: Limit? = nil, egress: Limit? = nil) {
    self.ingress = ingress
    self.egress = egress
  }

  /// A token bucket.
  public struct Limit: Sendable, Hashable {
    /// Bits a second in the long run, at least 1000.
    public var rate: Int
    /// Bits that may pass at once after a pause; nil: what Open vSwitch takes by itself.
    public var burst: Int?

    /// Describes a limit.
    public init(rate: Int, burst: Int? = nil) {
      self.rate = rate
      self.burst = burst
    }
  }
}

extension PortRate: LosslessStringConvertible {
  /// Reads a `description`.
  public init?(_ description: String) {
    self.init()
    for part in description.split(separator: " ", omittingEmptySubsequences: false) {
      let words = part.split(separator: "=", omittingEmptySubsequences: false)
      guard words.count == 2, let limit = Limit(String(words[1])) else { return nil }
      switch words[0] {
      case "ingress" where ingress == nil: ingress = limit
      case "egress" where egress == nil: egress = limit
      default: return nil
      }
    }
  }

  /// "ingress=1000000/64000 egress=500000".
  public var description: String {
    [ingress.map { "ingress=\($0)" }, egress.map { "egress=\($0)" }].compactMap { $0 }.joined(separator: " ")
  }
}

extension PortRate.Limit: LosslessStringConvertible {
  /// Reads a `description`.
  public init?(_ description: String) {
    let numbers = description.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(numbers.count), let rate = numbers[0] else { return nil }
    self.init(rate: rate)
    guard numbers.count == 2 else { return }
    guard let burst = numbers[1] else { return nil }
    self.burst = burst
  }

  /// "1000000/64000", or "1000000" without a burst.
  public var description: String { burst.map { "\(rate)/\($0)" } ?? "\(rate)" }
}
