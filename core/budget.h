/* How long a peer may keep us waiting: a time, and more of it for each byte that moved (config.h, BOBBIN_MIN_RATE). A
 * peer that keeps above the rate is never cut, one that keeps below it is when the time is used up. Only waiting
 * counts: the time that a handler takes between two calls is its own. Pure; on the client's thread. */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdint.h>

struct budget {
    uint64_t waited_ms;
    uint64_t bytes;
};

/* Until when the peer may keep us waiting now. */
uint64_t budget_deadline(const struct budget *budget, uint64_t now, uint32_t timeout_ms, uint32_t min_rate);

#endif
