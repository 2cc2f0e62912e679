/* As far as Zephyr 3.4 has it: no coarse clocks. */
#ifndef STUB_TIME_H
#define STUB_TIME_H

#include <sys/types.h>

#define CLOCK_REALTIME  1
#define CLOCK_MONOTONIC 4

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};

int clock_gettime(clockid_t clock, struct timespec *now);

#endif
