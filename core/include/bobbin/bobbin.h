/* bobbin: a web server for small devices, one thread per client, each on a capped stack, without a heap.
 *
 *     bobbin_config_init ─► bobbin_open ─► bobbin_run (or bobbin_start, bobbin_wait) ─► bobbin_close
 *
 * Each server stands alone; a program may have several. Other threads may call bobbin_stop, nothing else. */
#ifndef BOBBIN_H
#define BOBBIN_H

#include "bobbin/config.h"
#include "bobbin/exchange.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BOBBIN_UNLIMITED UINT64_MAX

/* Who answers what. The most exact pattern wins: at the first segment where two differ, plain text goes before
 * "{name}", and that before "*". */
struct bobbin_route {
    const char *pattern; /* "/hello", "/users/{id}", "/files/" followed by "*" */
    unsigned methods;    /* enum bobbin_method, or'ed */
    bobbin_handler *handler;
    void *context;             /* handed to the handler; the same for all clients at once: lock what changes */
    const char *const *fields; /* names of the request fields it needs, NULL behind the last; or NULL */
    uint64_t max_body;         /* bytes; 0: the server's; BOBBIN_UNLIMITED */
};

struct bobbin_config {
    const struct bobbin_protocol *protocol; /* by bobbin_config_init or bobbin_config_init_echo */
    const struct bobbin_route *routes;      /* read all the time: keep it */
    size_t route_count;

    const char *const *addresses; /* numeric IPv4 or IPv6; none: every address of both families */
    size_t address_count;         /* 0 to BOBBIN_LISTENERS */
    uint16_t port;                /* 0: any, see bobbin_address */
    int backlog;                  /* connections that wait in the system, 1 or more */

    /* In place of addresses, port and backlog: listeners that somebody has opened already, as the system names them
     * (on POSIX descriptors). They stay the caller's, to be closed after bobbin_close; clients that wait in them then
     * are not lost if another server takes them over. */
    const intptr_t *sockets;
    size_t socket_count; /* 0 to BOBBIN_LISTENERS */

    unsigned max_clients; /* served at once, 1 to 65535 */
    unsigned per_address; /* of them from one address, 0: as many as there are */
    bool count_loopback;  /* per_address holds for 127.0.0.0/8 and ::1 too */
    size_t stack_bytes;   /* of each client thread, 1 KiB or more, rounded up to 16; systems want their minimum */
    size_t buffer_bytes;  /* of each client, 512 to 16 MiB */
    void *stacks;         /* NULL: they lie in the memory given; else max_clients + 1, as the system wants them */
    size_t stack_stride;  /* from one of these to the next, stack_bytes or more */
    bool paint_stacks;    /* for bobbin_stack_peak; makes every stack resident */

    uint32_t idle_timeout_ms, request_timeout_ms, body_timeout_ms, send_timeout_ms; /* 1 or more; see config.h */
    uint32_t min_rate, grace_ms;
    size_t max_head, max_request_line, max_fields;
    uint64_t max_body;

    /* Called on the clients' threads, several at once; NULL: nobody listens. */
    void (*connected)(void *context, const struct bobbin_peer *peer);
    void (*finished)(void *context, const struct bobbin_exchange *x); /* a request was answered, or failed */
    void *context;
};

struct bobbin; /* lives at the start of the memory given */

/* What the memory is for; of `bytes`, guard pages and padding are addresses that cost no RAM. */
struct bobbin_plan {
    size_t threads;                                      /* max_clients and the one at the door */
    size_t stack_bytes, buffer_bytes, bookkeeping_bytes; /* for each */
    size_t server_bytes;                                 /* once */
    size_t total_bytes;                                  /* RAM: server + threads x (stack + buffer + bookkeeping) */
    size_t bytes;                                        /* what bobbin_open needs */
};

/* Memory that is enough for bobbin_open, for static arrays; `stack` is 0 where config.stacks has them. */
#define BOBBIN_MEMORY_BYTES(clients, stack, buffer)                                                                  \
    (BOBBIN_SERVER_BYTES + BOBBIN_PAGE_BYTES +                                                                       \
     ((clients) + 1) * (((size_t)(stack) + 15) / 16 * 16 + ((size_t)(buffer) + 15) / 16 * 16 + BOBBIN_CLIENT_BYTES + \
                        3 * (size_t)BOBBIN_PAGE_BYTES))

/* The defaults of config.h, listening on every address at port 1234: the routes over HTTP/1.1 and 1.0, none so far. A
 * program that calls only one of these two has only that one's code. */
void bobbin_config_init(struct bobbin_config *config);
/* The same for the echo protocol: "OK..." and the bytes, to every piece received. */
void bobbin_config_init_echo(struct bobbin_config *config);

/* INVALID: a value outside its range, or a broken pattern; the log says which. */
int bobbin_plan(const struct bobbin_config *config, struct bobbin_plan *plan);

/* Checks the configuration, lays out the memory, listens. The memory stays the caller's, to be left alone until
 * bobbin_close. Routes that overlap are reported to the log. TOO_BIG: the plan needs more than `bytes`; else the
 * errors of listening, and `failed_address` (where not NULL) tells which of config->addresses or config->sockets
 * it was. */
int bobbin_open(struct bobbin **server, const struct bobbin_config *config, void *memory, size_t bytes,
                size_t *failed_address);

/* Where listener `index` listens, as host:port text; NOT_FOUND behind the last. */
int bobbin_address(const struct bobbin *server, size_t index, struct bobbin_peer *address);
uint16_t bobbin_port(const struct bobbin *server); /* of the first listener */

/* Starts to serve, on threads of its own. NO_MEMORY: not even the first thread could start. */
int bobbin_start(struct bobbin *server);

/* Any thread, any number of times: no further client is let in, idle ones are closed, requests in flight have
 * grace_ms to finish. Returns at once. Not for signal handlers. */
void bobbin_stop(struct bobbin *server);

/* Blocks until bobbin_stop was called and the last client thread is joined. When grace_ms are over, sockets are
 * interrupted; a handler that blocks on something else holds it up until it returns. */
void bobbin_wait(struct bobbin *server);

/* bobbin_start and bobbin_wait. */
int bobbin_run(struct bobbin *server);

/* After bobbin_wait, or instead of bobbin_start: closes the listeners; the memory is the caller's again. */
void bobbin_close(struct bobbin *server);

/* For watchdogs: whether newcomers are let in, or told that the house is full. True where a thread waits for them at
 * the door, or somebody came in since this was asked last; false where memory or descriptors have run out for all
 * that time. Blocks where the server is stuck. Any thread, one at a time, between bobbin_start and bobbin_close. */
bool bobbin_door_turns(struct bobbin *server);

/* The deepest use of any client's stack so far, in bytes; 0 without paint_stacks. */
size_t bobbin_stack_peak(const struct bobbin *server);

#ifdef __cplusplus
}
#endif

#endif
