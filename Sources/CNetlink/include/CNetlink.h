#ifndef NETLOOM_CNETLINK_H
#define NETLOOM_CNETLINK_H

// The Linux calls that Swift's Glibc module does not offer (they need _GNU_SOURCE or are function-like macros).
// This header includes no glibc header on purpose: that would clash with the Glibc module. Every function returns
// -1 and sets errno when it fails.

/// Moves the calling thread into the network namespace behind `descriptor`.
int cnetlink_setns_network(int descriptor);

/// Gives the calling thread a new, empty network namespace.
int cnetlink_unshare_network(void);

/// 1 when the file is a namespace (or another file of procfs, where old kernels keep namespaces), else 0.
int cnetlink_is_namespace(int descriptor);

/// A descriptor that becomes readable when the process ends.
int cnetlink_pidfd_open(int pid);

/// Sends a signal to the process behind a descriptor of `cnetlink_pidfd_open`: never to one that took its number.
int cnetlink_pidfd_send_signal(int pidfd, int signal);

/// Runs an ethtool command that takes one value (ETHTOOL_STXCSUM...) on the interface called `name`, in the network
/// namespace of `socket`. ETHTOOL_G... commands put what they read into `*value`.
int cnetlink_ethtool(int socket, const char *name, unsigned int command, unsigned int *value);

/// "ENODEV" and the like; never null.
const char *cnetlink_errno_name(int error);

/// pipe2(2) with O_CLOEXEC: a descriptor without that flag would leak into programs started at the same moment.
int cnetlink_pipe(int descriptors[2]);

/// The process's environment, as execve(2) takes it.
char **cnetlink_environment(void);

/// wait(2) for one process that is known to have ended; the status as in wait(2), or -1.
int cnetlink_reap(int pid);

/// Gives memory that the allocator keeps, but nobody uses, back to the kernel: malloc_trim(3), which Swift does not see.
void cnetlink_give_back_memory(void);

/// One heap for all threads: mallopt(3) with M_ARENA_MAX, which Swift does not see.
void cnetlink_share_heap(void);

#endif
