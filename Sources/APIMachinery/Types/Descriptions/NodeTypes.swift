/// Node.
let nodeTypeDescriptions = """
  package io.k8s.api.core.v1
  Node object: Node is a worker node in Kubernetes. Each node will have a unique identifier in the cache (i.e. in etcd).
    spec NodeSpec | Spec defines the behavior of a node.
    status NodeStatus | Most recently observed status of the node.
  NodeSpec: NodeSpec describes the attributes that a node is created with.
    configSource any | Deprecated: the dynamic Kubelet config feature is removed.
    externalID string | Deprecated. Not all kubelets will set this field.
    podCIDR string | PodCIDR represents the pod IP range assigned to the node.
    podCIDRs []string merge set | podCIDRs represents the IP ranges assigned to the node for usage by Pods on that node.
    providerID string | ID of the node assigned by the cloud provider in the format: <ProviderName>://<ProviderSpecificNodeID>
    taints []Taint atomic | If specified, the node's taints.
    unschedulable bool | Unschedulable controls node schedulability of new pods. By default, node is schedulable.
  Taint: The node this Taint is attached to has the "effect" on any pod that does not tolerate the Taint.
    effect string ! | The effect of the taint on pods that do not tolerate the taint. Valid effects are NoSchedule, PreferNoSchedule and NoExecute.
    key string ! | The taint key to be applied to a node.
    timeAdded *Time | TimeAdded represents the time at which the taint was added.
    value string | The taint value corresponding to the taint key.
  NodeStatus: NodeStatus is information about the current status of a node.
    addresses []NodeAddress key=type map=type | List of addresses reachable to the node.
    allocatable map[string]Quantity | Allocatable represents the resources of a node that are available for scheduling. Defaults to Capacity.
    capacity map[string]Quantity | Capacity represents the total resources of a node.
    conditions []NodeCondition key=type map=type | Conditions is an array of current observed node conditions.
    config any | Status of the config assigned to the node via the dynamic Kubelet config feature.
    daemonEndpoints NodeDaemonEndpoints | Endpoints of daemons running on the Node.
    declaredFeatures []string atomic | DeclaredFeatures represents the features related to feature gates that are declared by the node.
    features any | Features describes the set of features implemented by the CRI implementation.
    images []ContainerImage atomic | List of container images on this node
    nodeInfo NodeSystemInfo | Set of ids/uuids to uniquely identify the node.
    phase string | NodePhase is the recently observed lifecycle phase of the node. The field is never populated, and now is deprecated.
    runtimeHandlers []any atomic | The available runtime handlers.
    volumesAttached []AttachedVolume atomic | List of volumes that are attached to the node.
    volumesInUse []string atomic | List of attachable volumes in use (mounted) by the node.
  NodeAddress: NodeAddress contains information for the node's address.
    address string ! | The node address.
    type string ! | Node address type, one of Hostname, ExternalIP or InternalIP.
  NodeCondition: NodeCondition contains condition information for a node.
    lastHeartbeatTime Time | Last time we got an update on a given condition.
    lastTransitionTime Time | Last time the condition transit from one status to another.
    message string | Human readable message indicating details about last transition.
    reason string | (brief) reason for the condition's last transition.
    status string ! | Status of the condition, one of True, False, Unknown.
    type string ! | Type of node condition.
  NodeDaemonEndpoints: NodeDaemonEndpoints lists ports opened by daemons running on the Node.
    kubeletEndpoint DaemonEndpoint | Endpoint on which Kubelet is listening.
  DaemonEndpoint: DaemonEndpoint contains information about a single Daemon endpoint.
    Port int32 ! | Port number of the given endpoint.
  ContainerImage: Describe a container image
    names []string atomic | Names by which this image is known.
    sizeBytes int64 | The size of the image in bytes.
  NodeSystemInfo: NodeSystemInfo is a set of ids/uuids to uniquely identify the node.
    architecture string ! | The Architecture reported by the node
    bootID string ! | Boot ID reported by the node.
    containerRuntimeVersion string ! | ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).
    kernelVersion string ! | Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).
    kubeProxyVersion string ! | Deprecated: KubeProxy Version reported by the node.
    kubeletVersion string ! | Kubelet Version reported by the node.
    machineID string ! | MachineID reported by the node.
    operatingSystem string ! | The Operating System reported by the node
    osImage string ! | OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).
    swap any | Swap Info reported by the node.
    systemUUID string ! | SystemUUID reported by the node.
  AttachedVolume: AttachedVolume describes a volume attached to a node
    devicePath string ! | DevicePath represents the device path where the volume should be available
    name string ! | Name of the attached volume
  """
