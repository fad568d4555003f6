/// Namespace, ConfigMap, Secret, ServiceAccount and Lease, and the reference types they share.
let coreTypeDescriptions = """
  package io.k8s.api.core.v1
  Namespace object: Namespace provides a scope for Names. Use of multiple namespaces is optional.
    spec NamespaceSpec | Spec defines the behavior of the Namespace.
    status NamespaceStatus | Status describes the current status of a Namespace.
  NamespaceSpec: NamespaceSpec describes the attributes on a Namespace.
    finalizers []string atomic | Finalizers is an opaque list of values that must be empty to permanently remove object from storage.
  NamespaceStatus: NamespaceStatus is information about the current status of a Namespace.
    conditions []NamespaceCondition key=type map=type | Represents the latest available observations of a namespace's current state.
    phase string | Phase is the current lifecycle phase of the namespace.
  NamespaceCondition: NamespaceCondition contains details about state of namespace.
    lastTransitionTime Time | Last time the condition transitioned from one status to another.
    message string | Human-readable message indicating details about last transition.
    reason string | Unique, one-word, CamelCase reason for the condition's last transition.
    status string ! | Status of the condition, one of True, False, Unknown.
    type string ! | Type of namespace controller condition.
  ConfigMap object: ConfigMap holds configuration data for pods to consume.
    binaryData map[string]bytes | BinaryData contains the binary data. Each key must consist of alphanumeric characters, '-', '_' or '.'.
    data map[string]string | Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'.
    immutable *bool | Immutable, if set to true, ensures that data stored in the ConfigMap cannot be updated (only object metadata can be modified).
  Secret object: Secret holds secret data of a certain type. The total bytes of the values in the Data field must be less than MaxSecretSize bytes.
    data map[string]bytes | Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string.
    immutable *bool | Immutable, if set to true, ensures that data stored in the Secret cannot be updated (only object metadata can be modified).
    stringData map[string]string | stringData allows specifying non-binary secret data in string form. It is provided as a write-only input field for convenience.
    type string | Used to facilitate programmatic handling of secret data.
  ServiceAccount object: ServiceAccount binds together a name, a principal that can be authenticated and authorized, and a set of secrets.
    automountServiceAccountToken *bool | AutomountServiceAccountToken indicates whether pods running as this service account should have an API token automatically mounted.
    imagePullSecrets []LocalObjectReference atomic | ImagePullSecrets is a list of references to secrets in the same namespace to use for pulling any images in pods that reference this ServiceAccount.
    secrets []ObjectReference key=name map=name | Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use.
  ObjectReference: ObjectReference contains enough information to let you inspect or modify the referred object.
    apiVersion string | API version of the referent.
    fieldPath string | If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement.
    kind string | Kind of the referent.
    name string | Name of the referent.
    namespace string | Namespace of the referent.
    resourceVersion string | Specific resourceVersion to which this reference is made, if any.
    uid string | UID of the referent.
  LocalObjectReference: LocalObjectReference contains enough information to let you locate the referenced object inside the same namespace.
    name string | Name of the referent.
  TypedLocalObjectReference: TypedLocalObjectReference contains enough information to let you locate the typed referenced object inside the same namespace.
    apiGroup *string | APIGroup is the group for the resource being referenced.
    kind string ! | Kind is the type of resource being referenced.
    name string ! | Name is the name of resource being referenced.
  TypedObjectReference: TypedObjectReference contains enough information to let you locate the typed referenced object.
    apiGroup *string | APIGroup is the group for the resource being referenced.
    kind string ! | Kind is the type of resource being referenced.
    name string ! | Name is the name of resource being referenced.
    namespace *string | Namespace is the namespace of resource being referenced.
  package io.k8s.api.coordination.v1
  Lease object: Lease defines a lease concept.
    spec LeaseSpec | spec contains the specification of the Lease.
  LeaseSpec: LeaseSpec is a specification of a Lease.
    acquireTime *MicroTime | acquireTime is a time when the current lease was acquired.
    holderIdentity *string | holderIdentity contains the identity of the holder of a current lease.
    leaseDurationSeconds *int32 | leaseDurationSeconds is a duration that candidates for a lease need to wait to force acquire it. This is measured against the time of last observed renewTime.
    leaseTransitions *int32 | leaseTransitions is the number of transitions of a lease between holders.
    preferredHolder *string | PreferredHolder signals to a lease holder that the lease has a more optimal holder and should be given up.
    renewTime *MicroTime | renewTime is a time when the current holder of a lease has last updated the lease.
    strategy *string | Strategy indicates the strategy for picking the leader for coordinated leader election.
  """
