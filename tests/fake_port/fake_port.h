/* The test's side of the fake port: a port whose network is a script and whose clock is moved by hand.
 *
 * Threads, mutexes and the stacks they run on are real, so sanitizers see them. All calls here come from the test's
 * own thread, except the gate. Whatever waits gives up after FAKE_PATIENCE_MS of real time: it then prints what every
 * thread of the server is doing, and aborts. */
#ifndef FAKE_PORT_H
#define FAKE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define FAKE_PATIENCE_MS 30000
#define FAKE_START_MS    1000      /* of port_clock_ms, after fake_reset */
#define FAKE_START_WALL  784111777 /* Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110 §5.6.7 */

/* -- the world -- */

/* A new world: no clients, no faults, an empty log, the clocks at their start. Before each test. */
void fake_reset(void);

/* What the server left behind; all of them 0 after a proper end. */
size_t fake_open_sockets(void);
size_t fake_live_threads(void); /* started and not joined */
size_t fake_open_locks(void);   /* mutexes and conditions */

/* Waits until every thread of the server is blocked inside the port: nothing more happens until the test acts. */
void fake_wait_quiet(void);

/* Moves the clock and wakes every waiter whose deadline passed. Quiet before and after. */
void fake_clock_advance(uint64_t ms);
void fake_wall_set(int64_t seconds); /* -1: unknown */

/* -- faults -- */

enum fake_call {
    FAKE_LISTEN,
    FAKE_ACCEPT,
    FAKE_RECV,
    FAKE_SEND,
    FAKE_THREAD_START,
    FAKE_GUARD,
    FAKE_MUTEX_INIT,
    FAKE_COND_INIT,
    FAKE_ROOT_OPEN,
    FAKE_FILE_OPEN,
    FAKE_FILE_READ,
    FAKE_SEND_FILE,
    FAKE_FOLDER_NEXT,
    FAKE_FOLDER_LOOK,
    FAKE_CALLS, /* how many there are */
};

/* The `nth` call from now on (1: the next), and those after it, `times` in all, fail with `error`. A call that is
 * blocked already is not struck; an accept is struck when it has a client, so that the client is left waiting. */
void fake_fail_call(enum fake_call call, unsigned nth, unsigned times, int error);
unsigned fake_calls(enum fake_call call); /* since fake_reset */

/* -- files: a tree in memory, empty after fake_reset -- */

#define FAKE_ROOT     "/www" /* for port_root_open: the tree, or a folder of it behind a slash */
#define FAKE_PATH_MAX 4095   /* bytes that port_file_open takes */

/* Paths are those of port_file_open; the folders that lead there are made. What stood there before is replaced, as by
 * a rename: who has it open keeps it. Links there are none. */
void fake_file_add(const char *path, const void *data, size_t length, int64_t modified);
void fake_folder_add(const char *path);
void fake_special_add(const char *path); /* a device, a FIFO or a socket */

/* Of what stands there, also for who has it open. A size beyond the data reads as zeros. */
void fake_file_resize(const char *path, uint64_t size);
void fake_file_touch(const char *path, int64_t modified, uint32_t modified_ns);
void fake_file_deny(const char *path); /* no permission to open it */
void fake_file_remove(const char *path);

size_t fake_open_files(void); /* roots and files that the server left open */

/* -- log -- */

unsigned fake_log_count(const char *part); /* lines that hold `part`, without case; "": all */
bool fake_log_printable(void);             /* no line held anything but printable ASCII */
void fake_log_print(void);                 /* for a failing test's message */

/* -- clients -- */

struct fake_client; /* lives until fake_reset */

void fake_drop_all(void); /* every client there is resets its connection */

/* Connects from the numeric address `from` (NULL: 192.0.2.1) to `to` (NULL: 127.0.0.1, or ::1 where `from` is
 * version 6). NULL: nobody listens there, or the backlog is full. */
struct fake_client *fake_connect(const char *from, const char *to, uint16_t port);
struct port_address fake_client_address(const struct fake_client *client);

void fake_feed(struct fake_client *client, const void *data, size_t length);
void fake_feed_text(struct fake_client *client, const char *text);
void fake_split(struct fake_client *client, size_t most); /* a port_recv gives at most `most` bytes */
void fake_end(struct fake_client *client);                /* it ends its side, and goes on reading */
void fake_leave(struct fake_client *client);              /* it closes: nobody reads what the server sends */
void fake_drop(struct fake_client *client);               /* it resets the connection */

/* How many bytes the server may be ahead of the reader before its port_send blocks; SIZE_MAX at first. */
void fake_window(struct fake_client *client, size_t bytes);
void fake_window_of_new(size_t bytes); /* of clients that connect from now on */

/* Reads what the server sent: waits for `size` bytes, or for the end of the stream. Returns how many came. */
size_t fake_read(struct fake_client *client, void *buffer, size_t size);

/* What came and was not read so far; does not wait. */
size_t fake_unread(const struct fake_client *client);
unsigned fake_sends(const struct fake_client *client); /* port_send calls that had bytes to send */

void fake_wait_end(struct fake_client *client);    /* the server ended its side of the stream, or closed */
void fake_wait_closed(struct fake_client *client); /* the server closed the socket */
bool fake_is_ended(const struct fake_client *client);
bool fake_is_closed(const struct fake_client *client);
bool fake_is_accepted(const struct fake_client *client);
bool fake_was_cut(const struct fake_client *client);   /* closed with input unread: TCP would have sent a reset */
size_t fake_untaken(const struct fake_client *client); /* fed, and not received by the server */

/* -- a gate that handlers stop at; a thread in front of it counts as blocked -- */

struct fake_gate {
    bool open;
    unsigned waiting;
};

void fake_gate_pass(struct fake_gate *gate); /* waits until it is open; any thread */
void fake_gate_open(struct fake_gate *gate);
void fake_gate_wait(struct fake_gate *gate, unsigned waiting); /* until so many threads stand before it */

#endif
