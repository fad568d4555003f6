import Testing

@testable import MultiNetwork
