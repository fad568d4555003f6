import Metrics
import Synchronization

/// Keeps what a process measures by swift-metrics, and prints it in the text exposition format 0.0.4 of Prometheus.
///
/// - A counter's name ends in `_total`, a timer's in `_seconds`; what is missing is added. A character that Prometheus does
///   not allow in a name becomes an underscore.
/// - Timers, and recorders that aggregate, are histograms: unlike the quantiles of a summary they can be added up over
///   processes. A timer's buckets reach from half a millisecond to a minute, a recorder's from 1 to 10^9.
/// - Who makes a metric of the same name and dimensions again gets the same one. A name stands for one kind only: a metric
///   of another kind gets its kind behind the name.
public final class PrometheusRegistry: MetricsFactory {
  private let families = Mutex<[String: Family]>([:])

  private struct Family {
    var kind: Kind
    var series: [Labels: any Series] = [:]
  }

  private enum Kind: String {
    case counter, gauge, histogram
  }

  public init() {}

  /// Everything, sorted by name and labels.
  public func text() -> String {
    // Copied first: who measures does not wait for who prints.
    let families = self.families.withLock { $0 }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      text += "# TYPE \(name) \(family.kind.rawValue)\n"
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) { series.print(name, labels, to: &text) }
    }
    return text
  }

  private func series<S: Series>(_ kind: Kind, _ name: String, _ dimensions: [(String, String)], _ make: () -> S) -> S {
    let labels = Labels(dimensions)
    return families.withLock { families in
      let isTaken = families[name].map { $0.kind != kind } ?? false
      let name = isTaken ? "\(name)_\(kind.rawValue)" : name
      if let known = families[name]?.series[labels] as? S { return known }
      let new = make()
      families[name, default: Family(kind: kind)].series[labels] = new
      return new
    }
  }

  private func forget(_ handler: AnyObject) {
    families.withLock { families in
      for (name, var family) in families {
        family.series = family.series.filter { $0.value !== handler }
        families[name] = family.series.isEmpty ? nil : family
      }
    }
  }

  // MARK: - MetricsFactory

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(.counter, PrometheusName.metric(label, suffix: "_total"), dimensions, Scalar.init)
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(.counter, PrometheusName.metric(label, suffix: "_total"), dimensions, Scalar.init)
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(.gauge, PrometheusName.metric(label), dimensions, Scalar.init)
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    let name = PrometheusName.metric(label)
    if aggregate { return series(.histogram, name, dimensions) { Histogram(bounds: Histogram.magnitudes) } }
    return series(.gauge, name, dimensions, Scalar.init)
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(.histogram, PrometheusName.metric(label, suffix: "_seconds"), dimensions) {
      Histogram(bounds: Histogram.seconds)
    }
  }

  public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
  public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
  public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
  public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }
}
