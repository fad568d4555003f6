/// The metrics of the process in the text format of Prometheus.
public enum Prometheus {}
