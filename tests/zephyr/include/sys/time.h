/* As far as Zephyr 3.4 has it. */
#ifndef STUB_SYS_TIME_H
#define STUB_SYS_TIME_H

#include <sys/types.h>

struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};

#endif
