/* The server and its slots: what client threads share, and under which lock.
 *
 * A slot has a thread of its own, started when it is first needed and joined at the end. The threads take turns at
 * the door: whoever lets a client in serves it, and there is one more of them than clients, so that somebody can
 * always open the door, to make room or to say that the house is full. */
#ifndef SERVER_H
#define SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bobbin/bobbin.h"
#include "port.h"

/* Only the slot's thread changes its phase, under the lock, but for: IDLE or FRESH to BUSY and back without it, and
 * to LEAVING by whoever takes the slot away from an idle client, under the lock. */
enum slot_phase {
    SLOT_FREE,     /* no thread, or one at the door */
    SLOT_FRESH,    /* waits for a client's first request */
    SLOT_IDLE,     /* waits for its next one */
    SLOT_BUSY,     /* from a request's first byte to its reply's last */
    SLOT_REFUSING, /* says that the house is full */
    SLOT_LEAVING,  /* was idle, is asked to go */
};

struct client;

struct slot {
    atomic_uint phase;
    atomic_uint idle_since; /* port_clock_ms(), its low 32 bits */
    struct port_socket socket;
    struct port_address peer;
    struct port_thread thread;
    struct client *client;
    void *stack;
};

struct bobbin {
    struct bobbin_config config;
    struct port_socket listeners[BOBBIN_LISTENERS];
    size_t listener_count;
    struct slot *slots;
    size_t slot_count; /* max_clients + 1 */
    size_t stack_bytes;
    size_t guard_bytes;   /* below each stack; 0: none */
    atomic_uint stopping; /* a truth; RISC-V exchanges single bytes by a library only */
    atomic_uint waiting;  /* threads at the door that wait for somebody to become idle or to leave */

    struct port_mutex lock;         /* what follows */
    struct port_cond left;          /* a client left, or the server stops */
    struct port_cond ended;         /* a thread ended, or the server stops */
    size_t started;                 /* slots that have a thread: the first so many */
    size_t guarded;                 /* slots whose guard page is set, likewise */
    size_t running;                 /* threads that have not ended */
    size_t at_door;                 /* threads in port_accept, or on their way there */
    size_t active;                  /* clients let in */
    unsigned turns, turns_seen;     /* of the door: how often somebody came; when bobbin_door_turns was asked last */
    bool accept_fails, start_fails; /* of late, and the log has it */
};

/* Whether bobbin_stop was called: under the lock, or where it will do to learn of it a moment later. */
static inline bool server_stops(const struct bobbin *server)
{
    return atomic_load_explicit(&server->stopping, memory_order_relaxed) != 0;
}

/* Under the lock: the slot's phase, as far as nobody changes it without the lock. */
static inline unsigned slot_phase(const struct slot *slot)
{
    return atomic_load_explicit(&slot->phase, memory_order_relaxed);
}

/* door.c: what a slot's thread runs; `argument` is its struct client. */
void door_run(void *argument);

/* Under the lock: gives the next slot its thread. NO_MEMORY: there is none left, or the system refuses. */
int door_start_thread(struct bobbin *server);

/* Any thread, under the lock: asks the client that has been idle longest to leave; of the clients from one address,
 * unless `from` is NULL. False: nobody is idle. */
bool door_evict(struct bobbin *server, const struct port_address *from);

/* The client's thread: waits for a request's first byte as one whose slot may be taken away. The count that
 * port_recv gave; CLOSED: it was taken, or the server stops. */
struct stream;
int slot_await(struct slot *slot, struct bobbin *server, struct stream *stream, bool fresh);

/* The client's thread: lingers after the last reply (stream_linger), as one whose slot may be taken away. */
void slot_linger(struct slot *slot, struct bobbin *server, struct stream *stream);

/* memory.c: the guard page below a slot's stack; NULL: there are none. */
void *memory_guard_page(const struct bobbin *server, const struct slot *slot);

/* memory.c: lays the server out in its memory, after bobbin_plan said that it fits. */
struct bobbin *memory_lay_out(const struct bobbin_config *config, const struct bobbin_plan *plan, void *memory);

#endif
