/* How long a peer may keep us waiting: a time, that waiting uses up and moved bytes earn back, at a least rate
 * (config.h, BOBBIN_MIN_RATE). It never exceeds the time, so that a fast start is no credit for a stop later. A peer
 * that keeps above the rate is never cut, one that keeps below it is in the end. Only waiting counts: what a handler
 * takes between two calls is its own. On the client's thread. */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    int64_t left_us; /* below 0: waited longer than we were ready to, by a late clock */
    uint32_t timeout_ms;
    uint32_t min_rate; /* bytes/s */
};

void budget_start(struct budget *budget, uint32_t timeout_ms, uint32_t min_rate);

/* Until when the peer may keep us waiting, as a deadline of the port. */
uint64_t budget_deadline(const struct budget *budget, uint64_t now_ms);

/* We waited so long, and so many bytes moved. False: nothing is left. */
bool budget_spend(struct budget *budget, uint64_t waited_ms, uint64_t bytes);

#endif
