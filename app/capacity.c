/* Linux: a client is a descriptor, and of those a program may have so many. Main thread. */
#include "capacity.h"

#include <inttypes.h>
#include <sys/resource.h>

#include "say.h"

/* Descriptors beside those of clients and listeners: the standard three, console, log, and some in passing. */
#define OTHER_FILES 16

static bool raise_to(rlim_t need, const struct rlimit *limit)
{
    struct rlimit wish = {.rlim_cur = need, .rlim_max = limit->rlim_max >= need ? limit->rlim_max : need};

    /* root may raise the hard limit too */
    return limit->rlim_cur >= need || prlimit(0, RLIMIT_NOFILE, &wish, NULL) == 0;
}

/* A socket for each client; and files, of which one that finds no descriptor is answered with 503. */
int capacity_check(const struct bobbin_config *config, const struct run_words *words)
{
    size_t listeners = config->socket_count != 0    ? 2 * config->socket_count
                       : config->address_count != 0 ? config->address_count
                                                    : 1;
    rlim_t need = (rlim_t)config->max_clients + 1 + listeners + OTHER_FILES;
    struct rlimit limit;

    if (prlimit(0, RLIMIT_NOFILE, NULL, &limit) != 0 ||
        raise_to(need + (rlim_t)words->files * (config->max_clients + 1), &limit) || raise_to(need, &limit))
        return EXIT_OK;
    say_error("--max-clients %u needs %" PRIu64 " open files, and this system allows %" PRIu64 "\n",
              config->max_clients, (uint64_t)need, (uint64_t)limit.rlim_max);
    if (limit.rlim_max > need - config->max_clients)
        say_advice("Try --max-clients %" PRIu64 ", or raise the limit (ulimit -Hn).\n",
                   (uint64_t)(limit.rlim_max - (need - config->max_clients)));
    else
        say_advice("Raise the limit (ulimit -Hn).\n");
    return EXIT_FAILED;
}
