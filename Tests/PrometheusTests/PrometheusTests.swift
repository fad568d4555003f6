import Testing

@testable import Prometheus
