/* What `bobbin serve` and `bobbin echo` share: from options to a running server, and its end. Main thread. */
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "announce.h"
#include "arena.h"
#include "capacity.h"
#include "console.h"
#include "handed.h"
#include "line.h"
#include "network.h"
#include "notify.h"
#include "say.h"
#include "values.h"
#include "why.h"

void run_configure(struct bobbin_config *config, const struct options *options)
{
    config->addresses = options->addresses;
    config->address_count = options->address_count;
    config->port = (uint16_t)options->port;
    config->backlog = (int)options->backlog;
    config->max_clients = (unsigned)options->max_clients;
    /* Who names a cap means every address; the default is for other machines, not for a proxy on this one. */
    config->per_address =
        (unsigned)(options->per_address_given ? options->per_address : BOBBIN_PER_ADDRESS_OF(options->max_clients));
    config->count_loopback = options->per_address_given;
    config->stack_bytes = (size_t)options->stack;
    config->buffer_bytes = (size_t)options->buffer;
    config->paint_stacks = options->stack_report;
    config->idle_timeout_ms = (uint32_t)options->idle_timeout;
    config->request_timeout_ms = (uint32_t)options->request_timeout;
    config->body_timeout_ms = (uint32_t)options->body_timeout;
    config->send_timeout_ms = (uint32_t)options->send_timeout;
    config->min_rate = (uint32_t)options->min_rate;
    config->max_head = (size_t)options->max_head;
    config->max_body = options->max_body;
}

/* The system's own least stack differs: 2 KiB with musl, 16 or 128 KiB with glibc. */
static int check_stack(const struct bobbin_config *config)
{
    const size_t least = (size_t)PTHREAD_STACK_MIN;
    char text[VALUE_TEXT], given[VALUE_TEXT];

    if (config->stack_bytes >= least)
        return EXIT_OK;
    value_print_size(least, text);
    value_print_size(config->stack_bytes, given);
    say_error("--stack: '%s' is too small for a thread of this system; it takes %s or more\n", given, text);
    return EXIT_USAGE;
}

/* A port to try instead. */
static unsigned neighbour(unsigned port)
{
    if (port == 0)
        return 1234;
    return port < 65535 ? port + 1 : port - 1;
}

static int complain_listen(const struct bobbin_config *config, int error, size_t failed)
{
    const char *why = error == BOBBIN_IN_USE       ? "Address already in use"
                      : error == BOBBIN_NO_ADDRESS ? "Cannot assign requested address"
                                                   : bobbin_error_text(error);

    if (config->socket_count != 0) {
        handed_complain(failed);
        return EXIT_FAILED;
    }
    bool named = config->address_count != 0 && failed < config->address_count;

    say_error("cannot listen on %s%sport %u: %s\n", named ? config->addresses[failed] : "", named ? " " : "",
              config->port, why);
    if (error == BOBBIN_DENIED && config->port < 1024)
        say_advice("Ports under 1024 need root or CAP_NET_BIND_SERVICE; try --port 1234.\n");
    else if (error == BOBBIN_IN_USE)
        say_advice("Another program listens there; try another port, such as --port %u (or 0 for any).\n",
                   neighbour(config->port));
    else if (error == BOBBIN_NO_ADDRESS)
        say_advice("It is not an address of this machine.\n");
    return EXIT_FAILED;
}

static sigset_t signals_of_server(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

static void block_signals(void)
{
    sigset_t set = signals_of_server();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* The next of the signals; -1 where `beat_ms` (0: no limit) went by first. */
static int next_signal(const sigset_t *set, uint64_t beat_ms)
{
    struct timespec beat = {.tv_sec = (time_t)(beat_ms / 1000), .tv_nsec = (long)(beat_ms % 1000) * 1000000};

    return beat_ms == 0 ? sigwaitinfo(set, NULL) : sigtimedwait(set, NULL, &beat);
}

/* Returns at the first SIGINT or SIGTERM; from then on a second one ends the program at once. */
static void wait_for_end(struct bobbin *server)
{
    sigset_t set = signals_of_server();
    uint64_t beat_ms = notify_beat_ms();
    int number = 0;

    while (number != SIGINT && number != SIGTERM) {
        number = next_signal(&set, beat_ms);
        if (number == SIGHUP && console_reopen_log() != 0)
            say_error("cannot reopen the access log: %s\n", why_text(errno));
        if (beat_ms != 0 && bobbin_door_turns(server))
            notify_alive();
    }
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigdelset(&set, SIGHUP);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void report(const struct bobbin *server, const struct bobbin_config *config)
{
    char room[80];
    struct line line = {.data = room, .size = sizeof room - 1};

    line_text(&line, "Stack: ");
    line_number(&line, bobbin_stack_peak(server));
    line_text(&line, " of ");
    line_number(&line, config->stack_bytes);
    line_text(&line, " bytes used at most");
    room[line.length] = '\0';
    console_close(config->paint_stacks ? room : NULL);
}

static int serve(struct bobbin *server, const struct bobbin_config *config)
{
    int result = bobbin_start(server);

    if (result != BOBBIN_OK) {
        say_error("cannot start a thread: %s\n", bobbin_error_text(result));
        return EXIT_FAILED;
    }
    notify_ready(bobbin_port(server));
    wait_for_end(server);
    notify_stopping();
    bobbin_stop(server);
    bobbin_wait(server);
    /* It ends anyway: a signal that comes now is too late to take the report and the exit status away. */
    block_signals();
    report(server, config);
    return EXIT_OK;
}

static int open_and_serve(const struct bobbin_config *config, const struct run_words *words,
                          const struct options *options)
{
    struct bobbin_plan plan;
    struct bobbin *server;
    size_t failed = 0;
    void *arena;
    int status = check_stack(config), result;

    if (status == EXIT_OK)
        status = capacity_check(config, words);
    if (status == EXIT_OK)
        status = network_start(options);
    if (status != EXIT_OK)
        return status;
    result = bobbin_plan(config, &plan);
    if (result != BOBBIN_OK) {
        say_error("these options do not go together: %s\n", bobbin_error_text(result));
        return EXIT_FAILED;
    }
    arena = arena_map(plan.bytes);
    if (arena == NULL) {
        char text[VALUE_TEXT];

        value_print_bytes(plan.bytes, text);
        say_error("cannot get %s of address space: %s\n", text, why_text(errno));
        return EXIT_FAILED;
    }
    /* Before the first client: from now on a signal waits for sigwait, and threads inherit that. */
    block_signals();
    result = bobbin_open(&server, config, arena, plan.bytes, &failed);
    if (result == BOBBIN_OK) {
        network_announce(bobbin_port(server), words->path);
        announce(server, config, &plan, words);
        status = serve(server, config);
        bobbin_close(server);
        network_stop();
    } else {
        status = complain_listen(config, result, failed);
    }
    arena_unmap(arena, plan.bytes);
    return status;
}

int run_server(const struct bobbin_config *config, const struct run_words *words, const struct options *options)
{
    struct bobbin_config own = *config;
    struct handed handed;

    if (handed_find(&handed) != 0)
        return EXIT_FAILED;
    if (handed.count != 0) {
        own.addresses = NULL;
        own.address_count = 0;
        own.sockets = handed.sockets;
        own.socket_count = handed.count;
    }
    return open_and_serve(&own, words, options);
}
