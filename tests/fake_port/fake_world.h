/* What the fake port's files share: one lock over everything, and one condition that tells of any change. */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H

#include <netinet/in.h>
#include <pthread.h>

#include "fake_port.h"

struct fake_bytes {
    char *data;
    size_t start;
    size_t length; /* from start */
    size_t room;
};

struct fake_socket {
    struct fake_socket *next;
    bool is_listener, open, interrupted;
    bool both; /* an any-address of both families */
    struct fake_socket *adopted; /* the listener that this one stands in for, or NULL */
    struct port_address local;
    size_t backlog;
};

/* A connection: the client's end, and the socket that the server gets once it accepted. */
struct fake_client {
    struct fake_socket socket;
    struct fake_client *next;
    struct fake_socket *listener; /* NULL once accepted, or the listener closed */
    struct port_address peer;
    struct fake_bytes in, out;
    size_t split, window;
    unsigned sends;
    bool accepted, ended, left, dropped, finished, cut;
};

struct fake_thread {
    struct fake_thread *next;
    pthread_t id;
    void (*entry)(void *);
    void *argument;
    const char *where; /* it waits, NULL: it runs */
    bool done;
};

struct fake_fault {
    unsigned first, last; /* call numbers, from 1 */
    int error;
};

struct fake_world {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* for the server's threads */
    pthread_cond_t told;    /* for the test */
    uint64_t generation;
    uint64_t clock_ms;
    int64_t wall;
    size_t running, blocked, joinable, locks, sockets;
    uint16_t next_port;
    size_t new_window;
    unsigned calls[FAKE_CALLS];
    struct fake_fault faults[FAKE_CALLS];
    struct fake_socket *listeners;
    struct fake_client *clients;
    struct fake_thread *threads;
    struct fake_bytes log;
};

extern struct fake_world fake_world;

void fake_lock(void);
void fake_unlock(void);

/* All with the lock held. */
void fake_changed(void);
void fake_wait_change(const char *where); /* may return for nothing */
typedef bool fake_condition(const void *subject);
void fake_wait_until(const char *what, fake_condition *condition, const void *subject);
int fake_fault(enum fake_call call); /* counts the call; 0 or the error it has to fail with */
void fake_append(struct fake_bytes *bytes, const void *data, size_t length);
size_t fake_take(struct fake_bytes *bytes, void *data, size_t size);

struct fake_client *fake_open_client(const struct port_socket *socket, const char *misuse);
int fake_send_room(struct fake_client *client, uint64_t deadline, size_t *room); /* waits for some */
void fake_send_now(struct fake_client *client, const char *data, size_t length, size_t *sent);
int fake_send_piece(struct fake_client *client, const struct port_piece *piece, uint64_t deadline, size_t *sent);

_Noreturn void fake_give_up(const char *what);
bool fake_parse_address(const char *text, struct port_address *address);
void fake_sockets_reset(void);
void fake_files_reset(void);

#endif
