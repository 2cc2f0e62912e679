/* Waiting and bytes to a deadline. Pure. */
#include "budget.h"

uint64_t budget_deadline(const struct budget *budget, uint64_t now, uint32_t timeout_ms, uint32_t min_rate)
{
    uint64_t earned_ms = timeout_ms + budget->bytes / min_rate * 1000 + budget->bytes % min_rate * 1000 / min_rate;
    return earned_ms > budget->waited_ms ? now + earned_ms - budget->waited_ms : now;
}
