/// Pod: its containers and its status.
let podTypeDescriptions = """
  package io.k8s.api.core.v1
  Pod object: Pod is a collection of containers that can run on a host. This resource is created by clients and scheduled onto hosts.
    spec PodSpec | Specification of the desired behavior of the pod.
    status PodStatus | Most recently observed status of the pod. This data may not be up to date. Populated by the system. Read-only.
  Container: A single application container that you want to run within a pod.
    args []string atomic | Arguments to the entrypoint. The container image's CMD is used if this is not provided.
    command []string atomic | Entrypoint array. Not executed within a shell. The container image's ENTRYPOINT is used if this is not provided.
    env []EnvVar key=name map=name | List of environment variables to set in the container. Cannot be updated.
    envFrom []EnvFromSource atomic | List of sources to populate environment variables in the container.
    image string | Container image name.
    imagePullPolicy string enum=Always,IfNotPresent,Never | Image pull policy. One of Always, Never, IfNotPresent. Defaults to Always if :latest tag is specified, or IfNotPresent otherwise.
    lifecycle *Lifecycle | Actions that the management system should take in response to container lifecycle events. Cannot be updated.
    livenessProbe *Probe | Periodic probe of container liveness. Container will be restarted if the probe fails.
    name string ! | Name of the container specified as a DNS_LABEL. Each container in a pod must have a unique name (DNS_LABEL). Cannot be updated.
    ports []ContainerPort key=containerPort map=containerPort,protocol | List of ports to expose from the container.
    readinessProbe *Probe | Periodic probe of container service readiness. Container will be removed from service endpoints if the probe fails.
    resizePolicy []ContainerResizePolicy atomic | Resources resize policy for the container.
    resources ResourceRequirements | Compute Resources required by this container.
    restartPolicy *string | RestartPolicy defines the restart behavior of individual containers in a pod.
    restartPolicyRules []any atomic | Represents a list of rules to be checked to determine if the container should be restarted on exit.
    securityContext *SecurityContext | SecurityContext defines the security options the container should be run with.
    startupProbe *Probe | StartupProbe indicates that the Pod has successfully initialized.
    stdin bool | Whether this container should allocate a buffer for stdin in the container runtime.
    stdinOnce bool | Whether the container runtime should close the stdin channel after it has been opened by a single attach.
    targetContainerName string | If set, the name of the container from PodSpec that this ephemeral container targets.
    terminationMessagePath string default="/dev/termination-log" | Path at which the file to which the container's termination message will be written is mounted into the container's filesystem.
    terminationMessagePolicy string default="File" enum=FallbackToLogsOnError,File | Indicate how the termination message should be populated.
    tty bool | Whether this container should allocate a TTY for itself, also requires 'stdin' to be true.
    volumeDevices []VolumeDevice key=devicePath map=devicePath | volumeDevices is the list of block devices to be used by the container.
    volumeMounts []VolumeMount key=mountPath map=mountPath | Pod volumes to mount into the container's filesystem. Cannot be updated.
    workingDir string | Container's working directory.
  ContainerPort: ContainerPort represents a network port in a single container.
    containerPort int32 ! | Number of port to expose on the pod's IP address. This must be a valid port number, 0 < x < 65536.
    hostIP string | What host IP to bind the external port to.
    hostPort int32 | Number of port to expose on the host.
    name string | If specified, this must be an IANA_SVC_NAME and unique within the pod.
    protocol string default="TCP" enum=SCTP,TCP,UDP | Protocol for port. Must be UDP, TCP, or SCTP. Defaults to "TCP".
  ContainerResizePolicy: ContainerResizePolicy represents resource resize policy for the container.
    resourceName string ! | Name of the resource to which this resource resize policy applies.
    restartPolicy string ! | Restart policy to apply when specified resource is resized.
  EnvVar: EnvVar represents an environment variable present in a Container.
    name string ! | Name of the environment variable.
    value string | Variable references $(VAR_NAME) are expanded using the previously defined environment variables in the container.
    valueFrom *EnvVarSource | Source for the environment variable's value. Cannot be used if value is not empty.
  EnvVarSource: EnvVarSource represents a source for the value of an EnvVar.
    configMapKeyRef *ConfigMapKeySelector | Selects a key of a ConfigMap.
    fieldRef *ObjectFieldSelector | Selects a field of the pod.
    fileKeyRef any | FileKeyRef selects a key of the env file.
    resourceFieldRef *ResourceFieldSelector | Selects a resource of the container.
    secretKeyRef *SecretKeySelector | Selects a key of a secret in the pod's namespace
  ConfigMapKeySelector: Selects a key from a ConfigMap.
    key string ! | The key to select.
    name string | Name of the referent.
    optional *bool | Specify whether the ConfigMap or its key must be defined
  SecretKeySelector: SecretKeySelector selects a key of a Secret.
    key string ! | The key of the secret to select from. Must be a valid secret key.
    name string | Name of the referent.
    optional *bool | Specify whether the Secret or its key must be defined
  ObjectFieldSelector: ObjectFieldSelector selects an APIVersioned field of an object.
    apiVersion string default="v1" | Version of the schema the FieldPath is written in terms of, defaults to "v1".
    fieldPath string ! | Path of the field to select in the specified API version.
  ResourceFieldSelector: ResourceFieldSelector represents container resources (cpu, memory) and their output format
    containerName string | Container name: required for volumes, optional for env vars
    divisor *Quantity | Specifies the output format of the exposed resources, defaults to "1"
    resource string ! | Required: resource to select
  EnvFromSource: EnvFromSource represents the source of a set of ConfigMaps or Secrets
    configMapRef *OptionalReference | The ConfigMap to select from
    prefix string | Optional text to prepend to the name of each environment variable.
    secretRef *OptionalReference | The Secret to select from
  OptionalReference: A reference to an object of the same namespace that may be absent.
    name string | Name of the referent.
    optional *bool | Specify whether the object must be defined
  ResourceRequirements: ResourceRequirements describes the compute resource requirements.
    claims []ResourceClaim map=name | Claims lists the names of resources, defined in spec.resourceClaims, that are used by this container.
    limits map[string]Quantity | Limits describes the maximum amount of compute resources allowed.
    requests map[string]Quantity | Requests describes the minimum amount of compute resources required.
  ResourceClaim: ResourceClaim references one entry in PodSpec.ResourceClaims.
    name string ! | Name must match the name of one entry in pod.spec.resourceClaims of the Pod where this field is used.
    request string | Request is the name chosen for a request in the referenced claim.
  Lifecycle: Lifecycle describes actions that the management system should take in response to container lifecycle events.
    postStart *LifecycleHandler | PostStart is called immediately after a container is created.
    preStop *LifecycleHandler | PreStop is called immediately before a container is terminated.
    stopSignal *string | StopSignal defines which signal will be sent to a container when it is being stopped.
  LifecycleHandler: LifecycleHandler defines a specific action that should be taken in a lifecycle hook.
    exec *ExecAction | Exec specifies a command to execute in the container.
    httpGet *HTTPGetAction | HTTPGet specifies an HTTP GET request to perform.
    sleep *SleepAction | Sleep represents a duration that the container should sleep.
    tcpSocket *TCPSocketAction | Deprecated. TCPSocket is NOT supported as a LifecycleHandler and kept for backward compatibility.
  Probe: Probe describes a health check to be performed against a container to determine whether it is alive or ready to receive traffic.
    exec *ExecAction | Exec specifies a command to execute in the container.
    failureThreshold int32 default=3 | Minimum consecutive failures for the probe to be considered failed after having succeeded.
    grpc *GRPCAction | GRPC specifies a GRPC HealthCheckRequest.
    httpGet *HTTPGetAction | HTTPGet specifies an HTTP GET request to perform.
    initialDelaySeconds int32 | Number of seconds after the container has started before liveness probes are initiated.
    periodSeconds int32 default=10 | How often (in seconds) to perform the probe.
    successThreshold int32 default=1 | Minimum consecutive successes for the probe to be considered successful after having failed.
    tcpSocket *TCPSocketAction | TCPSocket specifies a connection to a TCP port.
    terminationGracePeriodSeconds *int64 | Optional duration in seconds the pod needs to terminate gracefully upon probe failure.
    timeoutSeconds int32 default=1 | Number of seconds after which the probe times out.
  ExecAction: ExecAction describes a "run in container" action.
    command []string atomic | Command is the command line to execute inside the container, the working directory for the command is root ('/') in the container's filesystem.
  GRPCAction: GRPCAction specifies an action involving a GRPC service.
    port int32 ! | Port number of the gRPC service.
    service *string always | Service is the name of the service to place in the gRPC HealthCheckRequest.
  HTTPGetAction: HTTPGetAction describes an action based on HTTP Get requests.
    host string | Host name to connect to, defaults to the pod IP.
    httpHeaders []HTTPHeader atomic | Custom headers to set in the request. HTTP allows repeated headers.
    path string default="/" | Path to access on the HTTP server.
    port IntOrString ! | Name or number of the port to access on the container.
    scheme string default="HTTP" | Scheme to use for connecting to the host. Defaults to HTTP.
  HTTPHeader: HTTPHeader describes a custom header to be used in HTTP probes
    name string ! | The header field name.
    value string ! | The header field value
  SleepAction: SleepAction describes a "sleep" action.
    seconds int64 ! | Seconds is the number of seconds to sleep.
  TCPSocketAction: TCPSocketAction describes an action based on opening a socket
    host string | Optional: Host name to connect to, defaults to the pod IP.
    port IntOrString ! | Number or name of the port to access on the container.
  SecurityContext: SecurityContext holds security configuration that will be applied to a container.
    allowPrivilegeEscalation *bool | AllowPrivilegeEscalation controls whether a process can gain more privileges than its parent process.
    appArmorProfile *SecurityProfile | appArmorProfile is the AppArmor options to use by this container.
    capabilities *Capabilities | The capabilities to add/drop when running containers.
    privileged *bool | Run container in privileged mode. Processes in privileged containers are essentially equivalent to root on the host.
    procMount *string | procMount denotes the type of proc mount to use for the containers.
    readOnlyRootFilesystem *bool | Whether this container has a read-only root filesystem. Default is false.
    runAsGroup *int64 | The GID to run the entrypoint of the container process.
    runAsNonRoot *bool | Indicates that the container must run as a non-root user.
    runAsUser *int64 | The UID to run the entrypoint of the container process.
    seLinuxOptions *SELinuxOptions | The SELinux context to be applied to the container.
    seccompProfile *SecurityProfile | The seccomp options to use by this container.
    windowsOptions any | The Windows specific settings applied to all containers.
  SecurityProfile: SecurityProfile defines a pod's or container's AppArmor or seccomp settings.
    localhostProfile *string | localhostProfile indicates a profile defined in a file on the node should be used.
    type string ! | type indicates which kind of profile will be applied: Localhost, RuntimeDefault, Unconfined.
  Capabilities: Adds and removes POSIX capabilities from running containers.
    add []string atomic | Added capabilities
    drop []string atomic | Removed capabilities
  SELinuxOptions: SELinuxOptions are the labels to be applied to the container
    level string | Level is SELinux level label that applies to the container.
    role string | Role is a SELinux role label that applies to the container.
    type string | Type is a SELinux type label that applies to the container.
    user string | User is a SELinux user label that applies to the container.
  VolumeDevice: volumeDevice describes a mapping of a raw block device within a container.
    devicePath string ! | devicePath is the path inside of the container that the device will be mapped to.
    name string ! | name must match the name of a persistentVolumeClaim in the pod
  VolumeMount: VolumeMount describes a mounting of a Volume within a container.
    mountPath string ! | Path within the container at which the volume should be mounted. Must not contain ':'.
    mountPropagation *string | mountPropagation determines how mounts are propagated from the host to container and the other way around.
    name string ! | This must match the Name of a Volume.
    readOnly bool | Mounted read-only if true, read-write otherwise (false or unspecified). Defaults to false.
    recursiveReadOnly *string | RecursiveReadOnly specifies whether read-only mounts should be handled recursively.
    subPath string | Path within the volume from which the container's volume should be mounted. Defaults to "" (volume's root).
    subPathExpr string | Expanded path within the volume from which the container's volume should be mounted.
  PodStatus: PodStatus represents information about the status of a pod.
    allocatedResources map[string]Quantity | AllocatedResources is the total requests allocated for this pod by the node.
    conditions []PodCondition key=type map=type | Current service state of pod.
    containerStatuses []ContainerStatus atomic | Statuses of containers in this pod.
    ephemeralContainerStatuses []ContainerStatus atomic | Statuses for any ephemeral containers that have run in this pod.
    extendedResourceClaimStatus any | Status of extended resource claim backed by DRA.
    hostIP string | hostIP holds the IP address of the host to which the pod is assigned.
    hostIPs []PodIP merge atomic | hostIPs holds the IP addresses allocated to the host.
    initContainerStatuses []ContainerStatus atomic | Statuses of init containers in this pod.
    message string | A human readable message indicating details about why the pod is in this condition.
    nominatedNodeName string | nominatedNodeName is set only when this pod preempts other pods on the node.
    observedGeneration int64 | If set, this represents the .metadata.generation that the pod status was set based upon.
    phase string | The phase of a Pod is a simple, high-level summary of where the Pod is in its lifecycle: Pending, Running, Succeeded, Failed, Unknown.
    podIP string | podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.
    podIPs []PodIP key=ip map=ip | podIPs holds the IP addresses allocated to the pod.
    qosClass string | The Quality of Service (QOS) classification assigned to the pod based on resource requirements.
    reason string | A brief CamelCase message indicating details about why the pod is in this state.
    resize string | Status of resources resize desired for pod's containers. Deprecated.
    resourceClaimStatuses []any atomic | Status of resource claims.
    resources any | Resources represents the compute resource requests and limits that have been applied at the pod level.
    startTime *Time | RFC 3339 date and time at which the object was acknowledged by the Kubelet.
  PodCondition: PodCondition contains details for the current condition of this pod.
    lastProbeTime Time | Last time we probed the condition.
    lastTransitionTime Time | Last time the condition transitioned from one status to another.
    message string | Human-readable message indicating details about last transition.
    observedGeneration int64 | If set, this represents the .metadata.generation that the pod condition was set based upon.
    reason string | Unique, one-word, CamelCase reason for the condition's last transition.
    status string ! | Status is the status of the condition. Can be True, False, Unknown.
    type string ! | Type is the type of the condition.
  PodIP: PodIP represents a single IP address allocated to the pod.
    ip string ! | IP is the IP address assigned to the pod
  ContainerStatus: ContainerStatus contains details for the current status of this container.
    allocatedResources map[string]Quantity | AllocatedResources represents the compute resources allocated for this container by the node.
    allocatedResourcesStatus []any atomic | AllocatedResourcesStatus represents the status of various resources allocated for this Pod.
    containerID string | ContainerID is the ID of the container in the format '<type>://<container_id>'.
    image string ! | Image is the name of container image that the container is running.
    imageID string ! | ImageID is the image ID of the container's image.
    lastState ContainerState | LastTerminationState holds the last termination state of the container.
    name string ! | Name is a DNS_LABEL representing the unique name of the container.
    ready bool ! | Ready specifies whether the container is currently passing its readiness check.
    resources *ResourceRequirements | Resources represents the compute resource requests and limits that have been successfully enacted on the running container.
    restartCount int32 ! | RestartCount holds the number of times the container has been restarted.
    started *bool | Started indicates whether the container has finished its postStart lifecycle hook and passed its startup probe.
    state ContainerState | State holds details about the container's current condition.
    stopSignal *string | StopSignal reports the effective stop signal for this container
    user any | User represents user identity information initially attached to the first process of the container
    volumeMounts []any atomic | Status of volume mounts.
  ContainerState: ContainerState holds a possible state of container. Only one of its members may be specified.
    running *ContainerStateRunning | Details about a running container
    terminated *ContainerStateTerminated | Details about a terminated container
    waiting *ContainerStateWaiting | Details about a waiting container
  ContainerStateRunning: ContainerStateRunning is a running state of a container.
    startedAt Time | Time at which the container was last (re-)started
  ContainerStateTerminated: ContainerStateTerminated is a terminated state of a container.
    containerID string | Container's ID in the format '<type>://<container_id>'
    exitCode int32 ! | Exit status from the last termination of the container
    finishedAt Time | Time at which the container last terminated
    message string | Message regarding the last termination of the container
    reason string | (brief) reason from the last termination of the container
    signal int32 | Signal from the last termination of the container
    startedAt Time | Time at which previous execution of the container started
  ContainerStateWaiting: ContainerStateWaiting is a waiting state of a container.
    message string | Message regarding why the container is not yet running.
    reason string | (brief) reason the container is not yet running.
  """
