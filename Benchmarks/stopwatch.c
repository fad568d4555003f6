// stopwatch ROUNDS INPUT [NAME=VALUE ...] -- PROGRAM ...
//
// Runs each program once a round and prints a line a run: which program, nanoseconds, kilobytes of memory at most.
// In C because the kernel counts what a process has as the peak of every program that it starts: this one has less than
// what it measures.

#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int run(int number, const char *program, const char *input, char *const *environment) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  char *arguments[] = {(char *)program, NULL};
  pid_t process;
  int status;
  struct rusage usage;
  long long start = now();
  if (posix_spawn(&process, program, &actions, NULL, arguments, environment) != 0) return 1;
  wait4(process, &status, 0, &usage);
  long long end = now();
  posix_spawn_file_actions_destroy(&actions);
  printf("%d %lld %ld\n", number, end - start, usage.ru_maxrss);
  return status;
}

int main(int count, char **words) {
  int dashes = 3;
  while (dashes < count && strcmp(words[dashes], "--") != 0) dashes++;
  if (dashes >= count) {
    printf("usage: stopwatch ROUNDS INPUT [NAME=VALUE ...] -- PROGRAM ...\n");
    return 2;
  }
  words[dashes] = NULL;
  for (int round = 0; round < atoi(words[1]); round++) {
    for (int program = dashes + 1; program < count; program++) {
      if (run(program - dashes - 1, words[program], words[2], words + 3) != 0) {
        printf("%s failed\n", words[program]);
        return 1;
      }
    }
  }
  return 0;
}
