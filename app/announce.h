/* The lines that tell at start where the server is and what memory it has. Main thread, stdout. */
#ifndef ANNOUNCE_H
#define ANNOUNCE_H

#include "run.h"

void announce(const struct bobbin *server, const struct bobbin_config *config, const struct bobbin_plan *plan,
              const struct run_words *words);

#endif
