import Glibc

extension OpenVSwitchEngine {
  /// Whether this machine's kernel has the openvswitch datapath (built in or loaded).
  public static func machineHasKernelDatapath() -> Bool { access("/sys/module/openvswitch", F_OK) == 0 }
}
