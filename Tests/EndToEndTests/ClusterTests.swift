import Testing

extension EndToEndTests {
  /// What is tried on one cluster that all these tests share.
  @Suite(.serialized, .sharedCluster)
  enum ClusterTests {}
}
