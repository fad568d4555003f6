/// The Kubernetes Network Custom Resource Definition De-facto Standard, version 1.3: several networks for one pod.
public enum MultiNetwork {}
