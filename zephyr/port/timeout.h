/* A deadline of the port as Zephyr's kernel waits. */
#ifndef TIMEOUT_H
#define TIMEOUT_H

#include <zephyr/kernel.h>

#include "port_posix.h"

static inline k_timeout_t timeout_until(uint64_t deadline)
{
    return deadline == PORT_NEVER ? K_FOREVER : K_MSEC(port_posix_left_ms(deadline));
}

#endif
