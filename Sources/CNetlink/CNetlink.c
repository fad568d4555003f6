#define _GNU_SOURCE
#include "include/CNetlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int cnetlink_setns_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int cnetlink_unshare_network(void) { return unshare(CLONE_NEWNET); }

int cnetlink_is_namespace(int descriptor) {
  struct statfs filesystem;
  if (fstatfs(descriptor, &filesystem) < 0) return 0;
  return filesystem.f_type == NSFS_MAGIC || filesystem.f_type == PROC_SUPER_MAGIC;
}

int cnetlink_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cnetlink_pidfd_send_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, (void *)0, 0);
}

int cnetlink_ethtool(int socket, const char *name, unsigned int command, unsigned int *value) {
  struct ethtool_value request = {.cmd = command, .data = *value};
  struct ifreq interface = {0};
  size_t length = strlen(name);
  if (length >= sizeof(interface.ifr_name)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(interface.ifr_name, name, length);
  interface.ifr_data = (char *)&request;
  if (ioctl(socket, SIOCETHTOOL, &interface) < 0) return -1;
  *value = request.data;
  return 0;
}

const char *cnetlink_errno_name(int error) {
  const char *name = strerrorname_np(error);
  return name ? name : "unknown errno";
}

int cnetlink_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }

char **cnetlink_environment(void) { return environ; }

int cnetlink_reap(int pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

void cnetlink_give_back_memory(void) { malloc_trim(0); }

void cnetlink_share_heap(void) { mallopt(M_ARENA_MAX, 1); }
