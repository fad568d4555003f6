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
