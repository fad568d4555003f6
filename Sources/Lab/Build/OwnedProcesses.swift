import CNetlink
import Files
import Glibc

/// Processes found again by the files that hold their numbers.
enum OwnedProcesses {
  /// Ends every process whose number stands in a `*.pid` file of a folder, and waits until it is gone.
  ///
  /// A number may have been given to another program since: only a process whose command line names `mark`, the
  /// folder of the lab, is ended. Harmless when there is none.
  static func stop(pidFilesIn folder: String, mark: String) {
    stop(pidFiles: Files.entries(of: folder).filter { $0.hasSuffix(".pid") }.map { "\(folder)/\($0)" }, mark: mark)
  }

  /// The same for these files.
  static func stop(pidFiles: [String], mark: String) {
    let handles = pidFiles.compactMap { open($0, mark: mark) }
    for handle in handles { _ = cnetlink_pidfd_send_signal(handle, SIGKILL) }
    for handle in handles {
      var descriptor = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
      poll(&descriptor, 1, 5000)
      close(handle)
    }
  }

  /// Sends a signal to the processes whose numbers stand in these files.
  static func signal(_ number: Int32, pidFiles: [String], mark: String) {
    for handle in pidFiles.compactMap({ open($0, mark: mark) }) {
      _ = cnetlink_pidfd_send_signal(handle, number)
      close(handle)
    }
  }

  /// A handle of the process, if it runs and is ours.
  private static func open(_ pidFile: String, mark: String) -> Int32? {
    guard let text = try? Files.read(pidFile),
      let process = Int32(String(decoding: text, as: UTF8.self).filter { $0.isNumber })
    else { return nil }
    let handle = cnetlink_pidfd_open(process)
    guard handle >= 0 else { return nil }
    // Read after the handle was taken: from here on the number cannot mean another process.
    guard let command = try? Files.read("/proc/\(process)/cmdline"),
      String(decoding: command, as: UTF8.self).contains(mark)
    else {
      close(handle)
      return nil
    }
    return handle
  }
}
