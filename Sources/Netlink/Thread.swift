import Glibc

/// Runs `body` on a fresh, detached POSIX thread. Entering a network namespace for good is only safe on a thread that
/// nothing else will ever use.
func startThread(_ body: sending @escaping () -> Void) throws(NetlinkError) {
  let box = Unmanaged.passRetained(ThreadBody(body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  pthread_attr_setstacksize(&attributes, 256 * 1024)
  var thread = pthread_t()
  let code = pthread_create(&thread, &attributes, runThreadBody, box.toOpaque())
  if code != 0 {
    box.release()
    throw NetlinkError("start", on: "a thread", errno: code)
  }
}

/// Runs `body` on a fresh thread and waits for its result.
func onFreshThread<Success: Sendable>(
  _ body: @escaping @Sendable () -> Result<Success, NetlinkError>
) throws(NetlinkError) -> Success {
  let handover = Handover<Result<Success, NetlinkError>>()
  try startThread { handover.put(body()) }
  return try handover.take().get()
}

private final class ThreadBody {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

private func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().body()
  return nil
}

/// Passes one value from one thread to another that waits for it.
/// `@unchecked Sendable`: the value is written before `sem_post` and read after `sem_wait`, which order the two.
private final class Handover<Value: Sendable>: @unchecked Sendable {
  private var value: Value?
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func put(_ value: Value) {
    self.value = value
    sem_post(semaphore)
  }

  func take() -> Value {
    while sem_wait(semaphore) != 0 {}
    return value!
  }
}
