import Metrics

/// What is measured of the writing to the northbound database.
enum NorthboundMetrics {
  /// Rows of ours that somebody changed or removed, and that were put back.
  static let repairs = Counter(label: "netloom_ovn_repairs_total")
  private static let transactions = Counter(label: "netloom_ovn_transactions_total")
  private static let rows = Counter(label: "netloom_ovn_rows_total")
  private static let latency = Timer(label: "netloom_ovn_transaction_seconds")

  /// A transaction was committed.
  static func written(rows count: Int, in time: Duration) {
    transactions.increment()
    rows.increment(by: count)
    let (seconds, attoseconds) = time.components
    latency.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
