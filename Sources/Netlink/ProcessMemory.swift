import CNetlink

/// The memory of this process.
public enum ProcessMemory {
  /// Gives what the allocator keeps, but nobody uses, back to the kernel (malloc_trim(3)): after work that leaves much
  /// garbage. Takes about a millisecond for 10 MB.
  public static func giveBack() { cnetlink_give_back_memory() }
}
