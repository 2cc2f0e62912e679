/* Whether the system below can have as many clients at once as are asked for. Main thread. */
#ifndef CAPACITY_H
#define CAPACITY_H

#include "run.h"

/* EXIT_OK; else it is told on stderr what stands in the way, and the result is the exit status. */
int capacity_check(const struct bobbin_config *config, const struct run_words *words);

#endif
