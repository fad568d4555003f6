import Metrics
import Testing

@testable import Prometheus

@Suite("The text format of Prometheus")
struct ExpositionTests {
  private let registry = PrometheusRegistry()

  @Test("counters, gauges and meters, sorted, equal ones as one")
  func scalars() {
    Counter(label: "requests", dimensions: [("verb", "list"), ("kind", "Pod")], factory: registry).increment(by: 2)
    Counter(label: "requests_total", dimensions: [("kind", "Pod"), ("verb", "list")], factory: registry).increment()
    FloatingPointCounter(label: "requests", factory: registry).increment(by: 0.5)
    Gauge(label: "depth", factory: registry).record(-1.25)
    Meter(label: "open", factory: registry).set(7)
    Meter(label: "open", factory: registry).decrement(by: 3)
    #expect(
      registry.text() == """
        # TYPE depth gauge
        depth -1.25
        # TYPE open gauge
        open 4
        # TYPE requests_total counter
        requests_total 0.5
        requests_total{kind="Pod",verb="list"} 3

        """)
  }

  @Test("a timer is a histogram in seconds, whose buckets hold all that is not larger")
  func timer() {
    let timer = Timer(label: "reconcile", dimensions: [("controller", "a")], factory: registry)
    timer.recordMilliseconds(1)
    timer.recordMilliseconds(2)
    timer.recordSeconds(90)
    let lines = registry.text().split(separator: "\n").map(String.init)
    #expect(lines.first == "# TYPE reconcile_seconds histogram")
    #expect(lines.contains(#"reconcile_seconds_bucket{controller="a",le="0.0005"} 0"#))
    #expect(lines.contains(#"reconcile_seconds_bucket{controller="a",le="0.001"} 1"#))
    #expect(lines.contains(#"reconcile_seconds_bucket{controller="a",le="0.0025"} 2"#))
    #expect(lines.contains(#"reconcile_seconds_bucket{controller="a",le="60"} 2"#))
    #expect(lines.contains(#"reconcile_seconds_bucket{controller="a",le="+Inf"} 3"#))
    #expect(lines.contains(#"reconcile_seconds_sum{controller="a"} 90.003"#))
    #expect(lines.last == #"reconcile_seconds_count{controller="a"} 3"#)
    #expect(lines.count == Histogram.seconds.count + 4)
  }

  @Test("a recorder that aggregates is a histogram of magnitudes")
  func recorder() {
    let recorder = Recorder(label: "bytes", factory: registry)
    recorder.record(10)
    recorder.record(11)
    #expect(registry.text().contains("bytes_bucket{le=\"10\"} 1\n"))
    #expect(registry.text().contains("bytes_bucket{le=\"100\"} 2\n"))
  }

  @Test(
    "names and values are made such as Prometheus reads",
    arguments: [
      ("http.requests-5xx", "key", "value", #"http_requests_5xx{key="value"} 1"#),
      ("2nd", "1st", "a\"b", #"_2nd{_1st="a\"b"} 1"#),
      ("ns:rate", "ns:rate", #"back\slash"#, #"ns:rate{ns_rate="back\\slash"} 1"#),
      ("größe", "ö", "zwei\nZeilen ä", #"gr__e{_="zwei\nZeilen ä"} 1"#),
      ("", "", "", #"_{_=""} 1"#),
    ])
  func names(label: String, dimension: String, value: String, line: String) {
    Gauge(label: label, dimensions: [(dimension, value)], factory: registry).record(1)
    #expect(registry.text().hasSuffix("\(line)\n"))
  }

  @Test("numbers that are none")
  func numbers() {
    for (number, text) in [
      (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e300, "1e+300"), (0.1, "0.1"),
    ] {
      Gauge(label: "number", factory: registry).record(number)
      #expect(registry.text() == "# TYPE number gauge\nnumber \(text)\n")
    }
  }

  @Test("a name is of one kind")
  func kinds() {
    Gauge(label: "same", factory: registry).record(1)
    Recorder(label: "same", factory: registry).record(1)
    #expect(registry.text().contains("# TYPE same gauge\nsame 1\n# TYPE same_histogram histogram\n"))
  }

  @Test("what is destroyed is no longer printed")
  func destroyed() {
    let gauge = Gauge(label: "gone", dimensions: [("a", "b")], factory: registry)
    Gauge(label: "gone", factory: registry).record(1)
    gauge.destroy()
    #expect(registry.text() == "# TYPE gone gauge\ngone 1\n")
  }

  @Test("nothing is lost when many count at once, and who prints sees each family whole")
  func concurrency() async {
    await withDiscardingTaskGroup { tasks in
      for worker in 0..<8 {
        tasks.addTask {
          for number in 0..<1000 {
            Counter(label: "count", dimensions: [("worker", "\(worker % 2)")], factory: registry).increment()
            if number % 100 == 0 { #expect(registry.text().hasPrefix("# TYPE count_total counter\n")) }
          }
        }
      }
    }
    let text = registry.text()
    #expect(text == "# TYPE count_total counter\ncount_total{worker=\"0\"} 4000\ncount_total{worker=\"1\"} 4000\n")
  }
}
