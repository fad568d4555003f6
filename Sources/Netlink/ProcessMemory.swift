import CNetlink

/// The memory of this process.
public enum ProcessMemory {
  /// Gives what the allocator keeps, but nobody uses, back to the kernel (malloc_trim(3)): after work that leaves much
  /// garbage. Takes about a millisecond for 10 MB.
  public static func giveBack() { cnetlink_give_back_memory() }

  /// Has all threads share one heap from now on (mallopt(3), `M_ARENA_MAX`): what one of them leaves the others can use.
  /// For a process whose threads hand over what they allocate; it then needs a tenth less. At its start.
  public static func shareHeap() { cnetlink_share_heap() }
}
