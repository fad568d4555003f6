/// Pod: its specification beside the containers.
let podSpecTypeDescriptions = """
  package io.k8s.api.core.v1
  PodSpec: PodSpec is a description of a pod.
    activeDeadlineSeconds *int64 | Optional duration in seconds the pod may be active on the node relative to StartTime before the system will actively try to mark it failed and kill associated containers.
    affinity *Affinity | If specified, the pod's scheduling constraints
    automountServiceAccountToken *bool | AutomountServiceAccountToken indicates whether a service account token should be automatically mounted.
    containers []Container ! key=name map=name | List of containers belonging to the pod. Containers cannot currently be added or removed. There must be at least one container in a Pod. Cannot be updated.
    dnsConfig *PodDNSConfig | Specifies the DNS parameters of a pod.
    dnsPolicy string default="ClusterFirst" enum=ClusterFirst,ClusterFirstWithHostNet,Default,None | Set DNS policy for the pod. Defaults to "ClusterFirst".
    enableServiceLinks *bool default=true | EnableServiceLinks indicates whether information about services should be injected into pod's environment variables.
    ephemeralContainers []Container key=name map=name | List of ephemeral containers run in this pod.
    hostAliases []HostAlias key=ip map=ip | HostAliases is an optional list of hosts and IPs that will be injected into the pod's hosts file if specified.
    hostIPC bool | Use the host's ipc namespace. Optional: Default to false.
    hostNetwork bool | Host networking requested for this pod. Use the host's network namespace.
    hostPID bool | Use the host's pid namespace. Optional: Default to false.
    hostUsers *bool | Use the host's user namespace. Optional: Default to true.
    hostname string | Specifies the hostname of the Pod. If not specified, the pod's hostname will be set to a system-defined value.
    hostnameOverride *string | HostnameOverride specifies an explicit override for the pod's hostname as perceived by the pod.
    imagePullSecrets []LocalObjectReference key=name map=name | ImagePullSecrets is an optional list of references to secrets in the same namespace to use for pulling any of the images used by this PodSpec.
    initContainers []Container key=name map=name | List of initialization containers belonging to the pod.
    nodeName string | NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName.
    nodeSelector map[string]string | NodeSelector is a selector which must be true for the pod to fit on a node.
    os any | Specifies the OS of the containers in the pod.
    overhead map[string]Quantity | Overhead represents the resource overhead associated with running a pod for a given RuntimeClass.
    preemptionPolicy *string default="PreemptLowerPriority" | PreemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority.
    priority *int32 default=0 | The priority value. Various system components use this field to find the priority of the pod.
    priorityClassName string | If specified, indicates the pod's priority.
    readinessGates []PodReadinessGate atomic | If specified, all readiness gates will be evaluated for pod readiness.
    resourceClaims []any atomic | ResourceClaims defines which ResourceClaims must be allocated and reserved before the Pod is allowed to start.
    resources *ResourceRequirements | Resources is the total amount of CPU and Memory resources required by all containers in the pod.
    restartPolicy string default="Always" enum=Always,Never,OnFailure | Restart policy for all containers within the pod. One of Always, OnFailure, Never. Default to Always.
    runtimeClassName *string | RuntimeClassName refers to a RuntimeClass object in the node.k8s.io group, which should be used to run this pod.
    schedulerName string default="default-scheduler" | If specified, the pod will be dispatched by specified scheduler.
    schedulingGates []PodSchedulingGate key=name map=name | SchedulingGates is an opaque list of values that if specified will block scheduling the pod.
    securityContext *PodSecurityContext default={} | SecurityContext holds pod-level security attributes and common container settings.
    serviceAccount string | DeprecatedServiceAccount is a deprecated alias for ServiceAccountName.
    serviceAccountName string | ServiceAccountName is the name of the ServiceAccount to use to run this pod.
    setHostnameAsFQDN *bool | If true the pod's hostname will be configured as the pod's FQDN, rather than the leaf name (the default).
    shareProcessNamespace *bool | Share a single process namespace between all of the containers in a pod.
    subdomain string | If specified, the fully qualified Pod hostname will be "<hostname>.<subdomain>.<pod namespace>.svc.<cluster domain>".
    terminationGracePeriodSeconds *int64 default=30 | Optional duration in seconds the pod needs to terminate gracefully.
    tolerations []Toleration atomic | If specified, the pod's tolerations.
    topologySpreadConstraints []TopologySpreadConstraint key=topologyKey map=topologyKey,whenUnsatisfiable | TopologySpreadConstraints describes how a group of pods ought to spread across topology domains.
    volumes []Volume key=name retainKeys map=name | List of volumes that can be mounted by containers belonging to the pod.
    workloadRef any | WorkloadRef provides a reference to the Workload object that this Pod belongs to.
  Affinity: Affinity is a group of affinity scheduling rules.
    nodeAffinity *NodeAffinity | Describes node affinity scheduling rules for the pod.
    podAffinity *PodAffinity | Describes pod affinity scheduling rules (e.g. co-locate this pod in the same node, zone, etc. as some other pod(s)).
    podAntiAffinity *PodAffinity | Describes pod anti-affinity scheduling rules (e.g. avoid putting this pod in the same node, zone, etc. as some other pod(s)).
  NodeAffinity: Node affinity is a group of node affinity scheduling rules.
    preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm atomic | The scheduler will prefer to schedule pods to nodes that satisfy the affinity expressions specified by this field.
    requiredDuringSchedulingIgnoredDuringExecution *NodeSelector | If the affinity requirements specified by this field are not met at scheduling time, the pod will not be scheduled onto the node.
  PreferredSchedulingTerm: An empty preferred scheduling term matches all objects with implicit weight 0 (i.e. it's a no-op).
    preference NodeSelectorTerm ! | A node selector term, associated with the corresponding weight.
    weight int32 ! | Weight associated with matching the corresponding nodeSelectorTerm, in the range 1-100.
  NodeSelector: A node selector represents the union of the results of one or more label queries over a set of nodes.
    nodeSelectorTerms []NodeSelectorTerm ! atomic | Required. A list of node selector terms. The terms are ORed.
  NodeSelectorTerm: A null or empty node selector term matches no objects. The requirements of them are ANDed.
    matchExpressions []NodeSelectorRequirement atomic | A list of node selector requirements by node's labels.
    matchFields []NodeSelectorRequirement atomic | A list of node selector requirements by node's fields.
  NodeSelectorRequirement: A node selector requirement is a selector that contains values, a key, and an operator that relates the key and values.
    key string ! | The label key that the selector applies to.
    operator string ! | Represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists, DoesNotExist. Gt, and Lt.
    values []string atomic | An array of string values.
  PodAffinity: Pod affinity is a group of inter pod affinity scheduling rules.
    preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm atomic | The scheduler will prefer to schedule pods to nodes that satisfy the affinity expressions specified by this field.
    requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm atomic | If the affinity requirements specified by this field are not met at scheduling time, the pod will not be scheduled onto the node.
  WeightedPodAffinityTerm: The weights of all of the matched WeightedPodAffinityTerm fields are added per-node to find the most preferred node(s)
    podAffinityTerm PodAffinityTerm ! | Required. A pod affinity term, associated with the corresponding weight.
    weight int32 ! | weight associated with matching the corresponding podAffinityTerm, in the range 1-100.
  PodAffinityTerm: Defines a set of pods that this pod should be co-located (affinity) or not co-located (anti-affinity) with.
    labelSelector *LabelSelector | A label query over a set of resources, in this case pods.
    matchLabelKeys []string atomic | MatchLabelKeys is a set of pod label keys to select which pods will be taken into consideration.
    mismatchLabelKeys []string atomic | MismatchLabelKeys is a set of pod label keys to select which pods will be taken into consideration.
    namespaceSelector *LabelSelector | A label query over the set of namespaces that the term applies to.
    namespaces []string atomic | namespaces specifies a static list of namespace names that the term applies to.
    topologyKey string ! | This pod should be co-located (affinity) or not co-located (anti-affinity) with the pods matching the labelSelector in the specified namespaces.
  PodDNSConfig: PodDNSConfig defines the DNS parameters of a pod in addition to those generated from DNSPolicy.
    nameservers []string atomic | A list of DNS name server IP addresses.
    options []PodDNSConfigOption atomic | A list of DNS resolver options.
    searches []string atomic | A list of DNS search domains for host-name lookup.
  PodDNSConfigOption: PodDNSConfigOption defines DNS resolver options of a pod.
    name string | Name is this DNS resolver option's name. Required.
    value *string | Value is this DNS resolver option's value.
  HostAlias: HostAlias holds the mapping between IP and hostnames that will be injected as an entry in the pod's hosts file.
    hostnames []string atomic | Hostnames for the above IP address.
    ip string ! | IP address of the host file entry.
  PodReadinessGate: PodReadinessGate contains the reference to a pod condition
    conditionType string ! | ConditionType refers to a condition in the pod's condition list with matching type.
  PodSchedulingGate: PodSchedulingGate is associated to a Pod to guard its scheduling.
    name string ! | Name of the scheduling gate. Each scheduling gate must have a unique name field.
  PodSecurityContext: PodSecurityContext holds pod-level security attributes and common container settings.
    appArmorProfile *SecurityProfile | appArmorProfile is the AppArmor options to use by the containers in this pod.
    fsGroup *int64 | A special supplemental group that applies to all containers in a pod.
    fsGroupChangePolicy *string | fsGroupChangePolicy defines behavior of changing ownership and permission of the volume before being exposed inside Pod.
    runAsGroup *int64 | The GID to run the entrypoint of the container process.
    runAsNonRoot *bool | Indicates that the container must run as a non-root user.
    runAsUser *int64 | The UID to run the entrypoint of the container process.
    seLinuxChangePolicy *string | seLinuxChangePolicy defines how the container's SELinux label is applied to all volumes used by the Pod.
    seLinuxOptions *SELinuxOptions | The SELinux context to be applied to all containers.
    seccompProfile *SecurityProfile | The seccomp options to use by the containers in this pod.
    supplementalGroups []int64 atomic | A list of groups applied to the first process run in each container.
    supplementalGroupsPolicy *string | Defines how supplemental groups of the first container processes are calculated.
    sysctls []Sysctl atomic | Sysctls hold a list of namespaced sysctls used for the pod.
    windowsOptions any | The Windows specific settings applied to all containers.
  Sysctl: Sysctl defines a kernel parameter to be set
    name string ! | Name of a property to set
    value string ! | Value of a property to set
  Toleration: The pod this Toleration is attached to tolerates any taint that matches the triple <key,value,effect> using the matching operator <operator>.
    effect string | Effect indicates the taint effect to match. Empty means match all taint effects.
    key string | Key is the taint key that the toleration applies to. Empty means match all taint keys.
    operator string | Operator represents a key's relationship to the value. Valid operators are Exists, Equal, Lt, and Gt. Defaults to Equal.
    tolerationSeconds *int64 | TolerationSeconds represents the period of time the toleration (which must be of effect NoExecute, otherwise this field is ignored) tolerates the taint.
    value string | Value is the taint value the toleration matches to.
  TopologySpreadConstraint: TopologySpreadConstraint specifies how to spread matching pods among the given topology.
    labelSelector *LabelSelector | LabelSelector is used to find matching pods.
    matchLabelKeys []string atomic | MatchLabelKeys is a set of pod label keys to select the pods over which spreading will be calculated.
    maxSkew int32 ! | MaxSkew describes the degree to which pods may be unevenly distributed.
    minDomains *int32 | MinDomains indicates a minimum number of eligible domains.
    nodeAffinityPolicy *string | NodeAffinityPolicy indicates how we will treat Pod's nodeAffinity/nodeSelector when calculating pod topology spread skew.
    nodeTaintsPolicy *string | NodeTaintsPolicy indicates how we will treat node taints when calculating pod topology spread skew.
    topologyKey string ! | TopologyKey is the key of node labels.
    whenUnsatisfiable string ! | WhenUnsatisfiable indicates how to deal with a pod if it doesn't satisfy the spread constraint.
  """
