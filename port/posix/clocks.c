/* POSIX: what time it is. Any thread. */
#include <limits.h>
#include <time.h>

#include "port.h"
#include "port_posix.h"

/* A clock that stands before this, 2024-01-01, was never set: such boards start in 1970 or at their image's date. */
#define WALL_CLOCK_SET 1704067200

/* The coarse clocks are read without a system call everywhere, and are as fine as a timer tick: enough for
 * deadlines. Not every system has them. */
#ifdef CLOCK_MONOTONIC_COARSE
#define MONOTONIC CLOCK_MONOTONIC_COARSE
#else
#define MONOTONIC CLOCK_MONOTONIC
#endif
#ifdef CLOCK_REALTIME_COARSE
#define REALTIME CLOCK_REALTIME_COARSE
#else
#define REALTIME CLOCK_REALTIME
#endif

uint64_t port_clock_ms(void)
{
    struct timespec now;
    clock_gettime(MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1; /* never 0, right after a boot too */
}

int64_t port_wall_clock(void)
{
    struct timespec now;
    if (clock_gettime(REALTIME, &now) != 0 || now.tv_sec < WALL_CLOCK_SET)
        return -1;
    return now.tv_sec;
}

int port_posix_left_ms(uint64_t deadline)
{
    uint64_t now = port_clock_ms();
    if (deadline <= now)
        return 0;
    return deadline - now > INT_MAX ? INT_MAX : (int)(deadline - now);
}
