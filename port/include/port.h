/* The contract that a port fulfils: sockets, threads, locks, clocks and a log sink.
 *
 * Results are a count >= 0 or a negative enum bobbin_error (bobbin/error.h): errno and EINTR end inside the
 * port. A deadline is an absolute time of port_clock_ms(); a call whose deadline has passed returns
 * BOBBIN_TIMEOUT, at most PORT_LATE_MS after it; one that need not wait may succeed all the same. 0 is a time long
 * past, never "for ever"; PORT_NEVER is that.
 *
 * One implementation is chosen at link time. tests/contract holds each to these words. */
#ifndef PORT_H
#define PORT_H

#include <stddef.h>
#include <stdint.h>

#define PORT_NEVER   UINT64_MAX
#define PORT_LATE_MS 50 /* how late a call may return: a port may keep a socket's timer while it is this near */

struct port_socket {
    intptr_t handle;
    uint32_t recv_ms; /* the port's note of the timers that the socket has now */
    uint32_t send_ms;
    intptr_t bell; /* the port's too, such as what wakes who waits at an adopted listener; 0: none */
};

struct port_address {
    uint8_t ip[16];  /* network order; version 4 uses the first four; never an IPv4-mapped IPv6 address */
    uint32_t scope;  /* link-local IPv6: the interface, else 0 */
    uint16_t port;   /* host order */
    uint8_t version; /* 4 or 6 */
};

struct port_piece {
    const void *data;
    size_t length;
};

/* Room for whatever a port keeps; each port asserts that its own fits. */
struct port_thread {
    uintptr_t room[4];
};
struct port_mutex {
    uint64_t room[10];
};
struct port_cond {
    uint64_t room[6];
};

enum port_log_level { PORT_LOG_ERROR, PORT_LOG_WARNING, PORT_LOG_INFO };

/* -- sockets: a socket has one owner thread; only port_interrupt may be called by others -- */

/* Listens on a numeric address, or on every address of both families where `address` is NULL. port 0: any.
 * Accepted sockets send without delay (no Nagle). IN_USE, DENIED, NO_ADDRESS, UNSUPPORTED, NO_MEMORY. */
int port_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog);

/* Listens with somebody else's listener, named as the system does: a socket's `handle`. It stays its owner's, who may
 * share it with other programs: port_interrupt and port_close end what goes on here alone, clients that wait to be
 * accepted go on waiting, and the owner closes it later. INVALID: not a TCP socket that listens. NO_FILES,
 * NO_MEMORY; UNSUPPORTED. */
int port_adopt(struct port_socket *listener, intptr_t handle);

/* Where the listener listens; tells the port that was picked. An any-address of both families is version 6. */
int port_local_address(const struct port_socket *listener, struct port_address *address);

/* Waits for a client at any of the listeners. Any number of threads may wait on the same ones; a client wakes
 * one. NO_FILES and NO_MEMORY leave the client waiting; CLOSED says that a listener was interrupted. A client
 * that left before it was accepted is passed over. */
int port_accept(const struct port_socket *listeners, size_t count, struct port_socket *client,
                struct port_address *peer, uint64_t deadline);

/* At least one byte, at most `size`; 0 when the peer has ended its side. size > 0. */
int port_recv(struct port_socket *socket, void *buffer, size_t size, uint64_t deadline);

/* Sends every byte of all pieces (0 <= count <= PORT_PIECES) and returns 0, or fails. Never raises a signal, never
 * returns short. `*sent`, where not NULL, tells how many bytes went out, after a failure too. */
#define PORT_PIECES 4
int port_send(struct port_socket *socket, const struct port_piece *pieces, size_t count, uint64_t deadline,
              size_t *sent);

/* Ends our side of the stream: the peer reads the end after what was sent. */
void port_finish(struct port_socket *socket);

/* From any thread: calls blocked on the socket return, and later ones fail (CLOSED; port_recv may say 0). For
 * a listener, port_accept returns CLOSED in every thread that waits. The socket stays its owner's to close. */
void port_interrupt(struct port_socket *socket);

void port_close(struct port_socket *socket);

/* -- threads -- */

/* Runs entry(argument) on the given stack: `size` bytes at `stack`, 16-byte aligned; it and `thread` stay as they
 * are until port_thread_join returned. No signal is delivered to it. NO_MEMORY; INVALID: the system wants more
 * stack. */
int port_thread_start(struct port_thread *thread, void (*entry)(void *), void *argument, void *stack, size_t size);

void port_thread_join(struct port_thread *thread);

/* Pages, where memory can be protected page by page; else 0. */
size_t port_page_bytes(void);

/* Makes whole pages inaccessible, so that a stack that runs over faults at once, and gives them back. UNSUPPORTED,
 * NO_MEMORY. */
int port_guard(void *pages, size_t size);
void port_unguard(void *pages, size_t size);

/* Fills a stack that no thread uses yet, and later tells how deep it was used, in bytes. */
void port_stack_paint(void *stack, size_t size);
size_t port_stack_peak(const void *stack, size_t size);

/* -- locks -- */

int port_mutex_init(struct port_mutex *mutex);
void port_mutex_destroy(struct port_mutex *mutex);
void port_mutex_lock(struct port_mutex *mutex);
void port_mutex_unlock(struct port_mutex *mutex);

int port_cond_init(struct port_cond *cond);
void port_cond_destroy(struct port_cond *cond);
/* 0 or TIMEOUT; may wake for nothing. */
int port_cond_wait(struct port_cond *cond, struct port_mutex *mutex, uint64_t deadline);
void port_cond_signal(struct port_cond *cond); /* wakes one of those that wait at least */
void port_cond_broadcast(struct port_cond *cond);

/* -- clocks and log -- */

uint64_t port_clock_ms(void); /* monotonic; never 0 */

/* Seconds since 1970-01-01 UTC, or -1 while the device does not know the time. */
int64_t port_wall_clock(void);

/* One line without its end; printable ASCII only. Any thread. */
void port_log(enum port_log_level level, const char *text, size_t length);

#endif
