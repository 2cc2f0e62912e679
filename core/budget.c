/* A time that waiting uses up and bytes earn back. */
#include "budget.h"

void budget_start(struct budget *budget, uint32_t timeout_ms, uint32_t min_rate)
{
    budget->left_us = (int64_t)timeout_ms * 1000;
    budget->timeout_ms = timeout_ms;
    budget->min_rate = min_rate;
}

uint64_t budget_deadline(const struct budget *budget, uint64_t now_ms)
{
    return budget->left_us <= 0 ? now_ms : now_ms + ((uint64_t)budget->left_us + 999) / 1000;
}

bool budget_spend(struct budget *budget, uint64_t waited_ms, uint64_t bytes)
{
    int64_t most_us = (int64_t)budget->timeout_ms * 1000;
    int64_t earned_us = bytes < UINT32_MAX ? (int64_t)(bytes * 1000000 / budget->min_rate) : most_us;
    budget->left_us += earned_us - (int64_t)waited_ms * 1000;
    if (budget->left_us > most_us)
        budget->left_us = most_us;
    return budget->left_us > 0;
}
