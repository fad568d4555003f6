/// The messages that kubectl and typed Go clients send, as field numbers, names and types (k8s.io/api generated.proto).
///
/// Clients choose protobuf for the bodies of built-in kinds without asking; only what they read falls back to JSON. A type
/// with "?" may be zero or empty and yet be meant; without it, such values are those of absent fields.
enum ProtobufMessages {
  static let text = """
    Unknown: 1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string
    TypeMeta: 1 apiVersion string, 2 kind string
    ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 5 uid string, 6 resourceVersion string, \
    7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int?, \
    11 labels map<string>, 12 annotations map<string>, 13 ownerReferences []OwnerReference, 14 finalizers []string
    OwnerReference: 1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool?, \
    7 blockOwnerDeletion bool?
    ObjectReference: 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, \
    6 resourceVersion string, 7 fieldPath string
    LocalObjectReference: 1 name string
    ConfigMap: 1 metadata ObjectMeta, 2 data map<string>, 3 binaryData map<bytes>, 4 immutable bool?
    Secret: 1 metadata ObjectMeta, 2 data map<bytes>, 3 type string, 4 stringData map<string>, 5 immutable bool?
    Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
    NamespaceSpec: 1 finalizers []string
    NamespaceStatus: 1 phase string
    ServiceAccount: 1 metadata ObjectMeta, 2 secrets []ObjectReference, 3 imagePullSecrets []LocalObjectReference, \
    4 automountServiceAccountToken bool?
    Service: 1 metadata ObjectMeta, 2 spec ServiceSpec
    ServiceSpec: 1 ports []ServicePort, 2 selector map<string>, 3 clusterIP string, 4 type string, 5 externalIPs []string, \
    7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges []string, 10 externalName string, \
    11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, \
    17 ipFamilyPolicy string, 18 clusterIPs []string, 19 ipFamilies []string, 20 allocateLoadBalancerNodePorts bool?, \
    21 loadBalancerClass string, 22 internalTrafficPolicy string
    ServicePort: 1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol string
    Lease: 1 metadata ObjectMeta, 2 spec LeaseSpec
    LeaseSpec: 1 holderIdentity string?, 2 leaseDurationSeconds int?, 3 acquireTime MicroTime, 4 renewTime MicroTime, \
    5 leaseTransitions int?, 6 strategy string, 7 preferredHolder string
    Event: 1 metadata ObjectMeta, 2 involvedObject ObjectReference, 3 reason string, 4 message string, 5 source EventSource, \
    6 firstTimestamp Time, 7 lastTimestamp Time, 8 count int, 9 type string, 10 eventTime MicroTime, 11 series EventSeries, \
    12 action string, 13 related ObjectReference, 14 reportingComponent string, 15 reportingInstance string
    EventSource: 1 component string, 2 host string
    EventSeries: 1 count int, 2 lastObservedTime MicroTime
    Binding: 1 metadata ObjectMeta, 2 target ObjectReference
    DeleteOptions: 1 gracePeriodSeconds int?, 2 preconditions Preconditions, 3 orphanDependents bool?, \
    4 propagationPolicy string, 5 dryRun []string
    Preconditions: 1 uid string, 2 resourceVersion string
    Eviction: 1 metadata ObjectMeta, 2 deleteOptions DeleteOptions
    TokenRequest: 1 metadata ObjectMeta, 2 spec TokenRequestSpec
    TokenRequestSpec: 1 audiences []string, 4 expirationSeconds int?
    TokenReview: 1 metadata ObjectMeta, 2 spec TokenReviewSpec
    TokenReviewSpec: 1 token string, 2 audiences []string
    SelfSubjectReview: 1 metadata ObjectMeta
    SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec
    SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
    ResourceAttributes: 1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, \
    6 subresource string, 7 name string
    NonResourceAttributes: 1 path string, 2 verb string
    """

  /// The kinds whose bodies are read.
  static let kinds: Set<String> = [
    "ConfigMap", "Secret", "Namespace", "ServiceAccount", "Service", "Lease", "Event", "Binding", "DeleteOptions",
    "Eviction", "TokenRequest", "TokenReview", "SelfSubjectReview", "SelfSubjectAccessReview",
  ]
}
