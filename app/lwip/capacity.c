/* lwIP's pools are static: how many clients they carry was settled when this was built. Main thread. */
#include "capacity.h"

#include "lwip/opt.h"
#include "say.h"

#define CARRIED (BOBBIN_LWIP_CLIENTS - 1u) /* one more stands at the door */

int capacity_check(const struct bobbin_config *config, const struct run_words *words)
{
    (void)words;
    if (config->max_clients <= CARRIED)
        return EXIT_OK;
    say_error("--max-clients %u is more than the %u that this program was built for\n", config->max_clients, CARRIED);
    say_advice("Build it with -DBOBBIN_MAX_CLIENTS=%u in CMAKE_C_FLAGS, or serve fewer.\n", config->max_clients);
    return EXIT_USAGE;
}
