/// Service.
let serviceTypeDescriptions = """
  package io.k8s.api.core.v1
  Service object: Service is a named abstraction of software service (for example, mysql) consisting of local port (for example 3306) that the proxy listens on, and the selector that determines which pods will answer requests sent through the proxy.
    spec ServiceSpec | Spec defines the behavior of a service.
    status ServiceStatus | Most recently observed status of the service. Populated by the system. Read-only.
  ServiceSpec: ServiceSpec describes the attributes that a user creates on a service.
    allocateLoadBalancerNodePorts *bool | allocateLoadBalancerNodePorts defines if NodePorts will be automatically allocated for services with type LoadBalancer.
    clusterIP string | clusterIP is the IP address of the service and is usually assigned randomly. Valid values are "None", empty string (""), or a valid IP address.
    clusterIPs []string atomic | ClusterIPs is a list of IP addresses assigned to this service, and are usually assigned randomly.
    externalIPs []string atomic | externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.
    externalName string | externalName is the external reference that discovery mechanisms will return as an alias for this service (e.g. a DNS CNAME record).
    externalTrafficPolicy string enum=Cluster,Local | externalTrafficPolicy describes how nodes distribute service traffic they receive on one of the Service's "externally-facing" addresses.
    healthCheckNodePort int32 | healthCheckNodePort specifies the healthcheck nodePort for the service.
    internalTrafficPolicy *string enum=Cluster,Local | InternalTrafficPolicy describes how nodes distribute service traffic they receive on the ClusterIP.
    ipFamilies []string atomic | IPFamilies is a list of IP families (e.g. IPv4, IPv6) assigned to this service.
    ipFamilyPolicy *string enum=PreferDualStack,RequireDualStack,SingleStack | IPFamilyPolicy represents the dual-stack-ness requested or required by this Service.
    loadBalancerClass *string | loadBalancerClass is the class of the load balancer implementation this Service belongs to.
    loadBalancerIP string | Only applies to Service Type: LoadBalancer. Deprecated.
    loadBalancerSourceRanges []string atomic | If specified and supported by the platform, traffic through the cloud-provider load-balancer will be restricted to the specified client IPs.
    ports []ServicePort key=port map=port,protocol | The list of ports that are exposed by this service.
    publishNotReadyAddresses bool | publishNotReadyAddresses indicates that any agent which deals with endpoints for this Service should disregard any indications of ready/not-ready.
    selector map[string]string | Route service traffic to pods with label keys and values matching this selector.
    sessionAffinity string default="None" enum=ClientIP,None | Supports "ClientIP" and "None". Used to maintain session affinity.
    sessionAffinityConfig *SessionAffinityConfig | sessionAffinityConfig contains the configurations of session affinity.
    trafficDistribution *string | TrafficDistribution offers a way to express preferences for how traffic is distributed to Service endpoints.
    type string default="ClusterIP" enum=ClusterIP,ExternalName,LoadBalancer,NodePort | type determines how the Service is exposed. Defaults to ClusterIP.
  ServicePort: ServicePort contains information on service's port.
    appProtocol *string | The application protocol for this port.
    name string | The name of this port within the service. This must be a DNS_LABEL.
    nodePort int32 | The port on each node on which this service is exposed when type is NodePort or LoadBalancer.
    port int32 ! | The port that will be exposed by this service.
    protocol string default="TCP" enum=SCTP,TCP,UDP | The IP protocol for this port. Supports "TCP", "UDP", and "SCTP". Default is TCP.
    targetPort IntOrString | Number or name of the port to access on the pods targeted by the service.
  SessionAffinityConfig: SessionAffinityConfig represents the configurations of session affinity.
    clientIP *ClientIPConfig | clientIP contains the configurations of Client IP based session affinity.
  ClientIPConfig: ClientIPConfig represents the configurations of Client IP based session affinity.
    timeoutSeconds *int32 | timeoutSeconds specifies the seconds of ClientIP type session sticky time.
  ServiceStatus: ServiceStatus represents the current status of a service.
    conditions []Condition key=type map=type | Current service state
    loadBalancer LoadBalancerStatus | LoadBalancer contains the current status of the load-balancer, if one is present.
  LoadBalancerStatus: LoadBalancerStatus represents the status of a load-balancer.
    ingress []LoadBalancerIngress atomic | Ingress is a list containing ingress points for the load-balancer.
  LoadBalancerIngress: LoadBalancerIngress represents the status of a load-balancer ingress point.
    hostname string | Hostname is set for load-balancer ingress points that are DNS based
    ip string | IP is set for load-balancer ingress points that are IP based
    ipMode *string | IPMode specifies how the load-balancer IP behaves.
    ports []PortStatus atomic | Ports is a list of records of service ports
  PortStatus: PortStatus represents the error condition of a service port
    error *string | Error is to record the problem with the service port
    port int32 ! | Port is the port number of the service port of which status is recorded here
    protocol string ! | Protocol is the protocol of the service port of which status is recorded here
  """
