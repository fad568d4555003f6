/// Volumes of a Pod. Sources of storage systems that no node of this server mounts are kept as they are given.
let volumeTypeDescriptions = """
  package io.k8s.api.core.v1
  Volume: Volume represents a named volume in a pod that may be accessed by any container in the pod.
    awsElasticBlockStore any | awsElasticBlockStore represents an AWS Disk resource. Deprecated.
    azureDisk any | azureDisk represents an Azure Data Disk mount on the host and bind mount to the pod. Deprecated.
    azureFile any | azureFile represents an Azure File Service mount on the host and bind mount to the pod. Deprecated.
    cephfs any | cephFS represents a Ceph FS mount on the host that shares a pod's lifetime. Deprecated.
    cinder any | cinder represents a cinder volume attached and mounted on kubelets host machine. Deprecated.
    configMap *ConfigMapVolumeSource | configMap represents a configMap that should populate this volume
    csi any | csi (Container Storage Interface) represents ephemeral storage that is handled by certain external CSI drivers.
    downwardAPI *DownwardAPIVolumeSource | downwardAPI represents downward API about the pod that should populate this volume
    emptyDir *EmptyDirVolumeSource | emptyDir represents a temporary directory that shares a pod's lifetime.
    ephemeral any | ephemeral represents a volume that is handled by a cluster storage driver.
    fc any | fc represents a Fibre Channel resource that is attached to a kubelet's host machine and then exposed to the pod.
    flexVolume any | flexVolume represents a generic volume resource that is provisioned/attached using an exec based plugin. Deprecated.
    flocker any | flocker represents a Flocker volume attached to a kubelet's host machine. Deprecated.
    gcePersistentDisk any | gcePersistentDisk represents a GCE Disk resource. Deprecated.
    gitRepo any | gitRepo represents a git repository at a particular revision. Deprecated.
    glusterfs any | glusterfs represents a Glusterfs mount on the host that shares a pod's lifetime. Deprecated.
    hostPath *HostPathVolumeSource | hostPath represents a pre-existing file or directory on the host machine that is directly exposed to the container.
    image any | image represents an OCI object (a container image or artifact) pulled and mounted on the kubelet's host machine.
    iscsi any | iscsi represents an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod.
    name string ! | name of the volume. Must be a DNS_LABEL and unique within the pod.
    nfs *NFSVolumeSource | nfs represents an NFS mount on the host that shares a pod's lifetime
    persistentVolumeClaim *PersistentVolumeClaimVolumeSource | persistentVolumeClaimVolumeSource represents a reference to a PersistentVolumeClaim in the same namespace.
    photonPersistentDisk any | photonPersistentDisk represents a PhotonController persistent disk attached and mounted on kubelets host machine. Deprecated.
    portworxVolume any | portworxVolume represents a portworx volume attached and mounted on kubelets host machine. Deprecated.
    projected *ProjectedVolumeSource | projected items for all in one resources secrets, configmaps, and downward API
    quobyte any | quobyte represents a Quobyte mount on the host that shares a pod's lifetime. Deprecated.
    rbd any | rbd represents a Rados Block Device mount on the host that shares a pod's lifetime. Deprecated.
    scaleIO any | scaleIO represents a ScaleIO persistent volume attached and mounted on Kubernetes nodes. Deprecated.
    secret *SecretVolumeSource | secret represents a secret that should populate this volume.
    storageos any | storageOS represents a StorageOS volume attached and mounted on Kubernetes nodes. Deprecated.
    vsphereVolume any | vsphereVolume represents a vSphere volume attached and mounted on kubelets host machine. Deprecated.
  KeyToPath: Maps a string key to a path within a volume.
    key string ! | key is the key to project.
    mode *int32 | mode is Optional: mode bits used to set permissions on this file.
    path string ! | path is the relative path of the file to map the key to.
  ConfigMapVolumeSource: Adapts a ConfigMap into a volume.
    defaultMode *int32 default=420 | defaultMode is optional: mode bits used to set permissions on created files by default.
    items []KeyToPath atomic | items if unspecified, each key-value pair in the Data field of the referenced ConfigMap will be projected into the volume as a file.
    name string | Name of the referent.
    optional *bool | optional specify whether the ConfigMap or its keys must be defined
  SecretVolumeSource: Adapts a Secret into a volume.
    defaultMode *int32 default=420 | defaultMode is Optional: mode bits used to set permissions on created files by default.
    items []KeyToPath atomic | items If unspecified, each key-value pair in the Data field of the referenced Secret will be projected into the volume as a file.
    optional *bool | optional field specify whether the Secret or its keys must be defined
    secretName string | secretName is the name of the secret in the pod's namespace to use.
  DownwardAPIVolumeSource: DownwardAPIVolumeSource represents a volume containing downward API info.
    defaultMode *int32 default=420 | Optional: mode bits to use on created files by default.
    items []DownwardAPIVolumeFile atomic | Items is a list of downward API volume file
  DownwardAPIVolumeFile: DownwardAPIVolumeFile represents information to create the file containing the pod field
    fieldRef *ObjectFieldSelector | Required: Selects a field of the pod: only annotations, labels, name, namespace and uid are supported.
    mode *int32 | Optional: mode bits used to set permissions on this file.
    path string ! | Required: Path is the relative path name of the file to be created.
    resourceFieldRef *ResourceFieldSelector | Selects a resource of the container.
  EmptyDirVolumeSource: Represents an empty directory for a pod.
    medium string | medium represents what type of storage medium should back this directory.
    sizeLimit *Quantity | sizeLimit is the total amount of local storage required for this EmptyDir volume.
  HostPathVolumeSource: Represents a host path mapped into a pod.
    path string ! | path of the directory on the host.
    type *string default="" | type for HostPath Volume. Defaults to "".
  NFSVolumeSource: Represents an NFS mount that lasts the lifetime of a pod.
    path string ! | path that is exported by the NFS server.
    readOnly bool | readOnly here will force the NFS export to be mounted with read-only permissions.
    server string ! | server is the hostname or IP address of the NFS server.
  PersistentVolumeClaimVolumeSource: PersistentVolumeClaimVolumeSource references the user's PVC in the same namespace.
    claimName string ! | claimName is the name of a PersistentVolumeClaim in the same namespace as the pod using this volume.
    readOnly bool | readOnly Will force the ReadOnly setting in VolumeMounts. Default false.
  ProjectedVolumeSource: Represents a projected volume source
    defaultMode *int32 default=420 | defaultMode are the mode bits used to set permissions on created files by default.
    sources []VolumeProjection atomic | sources is the list of volume projections.
  VolumeProjection: Projection that may be projected along with other supported volume types.
    clusterTrustBundle any | ClusterTrustBundle allows a pod to access the `.spec.trustBundle` field of ClusterTrustBundle objects in an auto-updating file.
    configMap *OptionalItems | configMap information about the configMap data to project
    downwardAPI *DownwardAPIVolumeSource | downwardAPI information about the downwardAPI data to project
    podCertificate any | Projects an auto-rotating credential bundle (private key and certificate chain) that the pod can use.
    secret *OptionalItems | secret information about the secret data to project
    serviceAccountToken *ServiceAccountTokenProjection | serviceAccountToken is information about the serviceAccountToken data to project
  OptionalItems: Adapts a ConfigMap or a Secret into a projected volume.
    items []KeyToPath atomic | items if unspecified, each key-value pair in the Data field will be projected into the volume as a file.
    name string | Name of the referent.
    optional *bool | optional specify whether the object or its keys must be defined
  ServiceAccountTokenProjection: ServiceAccountTokenProjection represents a projected service account token volume.
    audience string | audience is the intended audience of the token.
    expirationSeconds *int64 default=3600 | expirationSeconds is the requested duration of validity of the service account token.
    path string ! | path is the path relative to the mount point of the file to project the token into.
  """
