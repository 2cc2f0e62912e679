/* A whole server on the fake port, for tests that move its clock by hand.
 *
 * The server runs in bobbin_run on a thread of its own, so that fake_wait_quiet waits for all of it. The teardown
 * stops it and asserts that neither a socket nor a thread nor a lock stayed. */
#ifndef SERVER_FIXTURE_H
#define SERVER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bobbin/bobbin.h"
#include "fake_port.h"
#include "test_stack.h"

#define FIXTURE_BODY_MAX  131072
#define FIXTURE_SETTLE_MS 600 /* past BOBBIN_FRESH_MS, before any timeout */

/* The server, and what its handlers noted. */
struct fixture {
    struct bobbin_config config; /* for the test to change, before fixture_start */
    struct bobbin *server;
    void *memory;
    size_t bytes;
    uint16_t port;
    struct port_thread runner;
    void *runner_stack;
    bool opened, running;
    atomic_int run_result; /* 1 while bobbin_run has not returned */

    struct fake_gate gate; /* of /gate and of tests' own handlers */
    atomic_uint handled;   /* requests that came to a handler of the fixture's */
    atomic_uint connected, finished;
    atomic_int finished_status; /* of the last */
    struct bobbin_peer peer;    /* of the last that connected */

    atomic_int result;           /* what the call that a test is about returned to its handler */
    char body[FIXTURE_BODY_MAX]; /* what /echo has read */
    size_t body_length;
};

/* /hello answers "hello\n"; /gate too, once the gate is open; POST /echo answers the body it read; POST /ignore
 * answers "ignored\n" without reading; /flood sends FIXTURE_BODY_MAX bytes of a known length. */
extern const struct bobbin_route fixture_routes[];
extern const size_t fixture_route_count;

int fixture_setup(void **state); /* a configuration of 4 clients at 127.0.0.1, no server yet */
int fixture_teardown(void **state);

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

void fixture_routes_set(struct fixture *f, const struct bobbin_route *routes, size_t count);
int fixture_open(struct fixture *f);   /* bobbin_open, with memory that ends at a page nobody may touch */
void fixture_start(struct fixture *f); /* fixture_open and bobbin_run, then quiet */
void fixture_stop(struct fixture *f);  /* bobbin_stop, then quiet */
bool fixture_has_stopped(struct fixture *f);
void fixture_end(struct fixture *f); /* stops and closes the server; the teardown does, before it counts */

/* -- clients -- */

struct fake_client *fixture_connect(struct fixture *f);
struct fake_client *fixture_connect_from(struct fixture *f, const char *from);
void fixture_get(struct fake_client *client, const char *path); /* HTTP/1.1 */

struct reply {
    int status; /* 0: the stream ended before a whole head came */
    char head[4096];
    char body[FIXTURE_BODY_MAX + 1]; /* decoded; with a NUL behind */
    size_t length;
    bool whole; /* the body ended as it said it would */
    bool chunked;
    bool to_end; /* the body lasted until the stream ended */
};

/* Reads one reply; the result holds until the next call. `head_only`: to HEAD. */
const struct reply *fixture_reply(struct fake_client *client, bool head_only);
/* A field's value, until the next call; NULL: it has none of that name. */
const char *fixture_field(const struct reply *reply, const char *name);

/* Reads a reply and asserts its status. */
const struct reply *fixture_expect(struct fake_client *client, int status);
/* A request for /hello is answered. */
void fixture_expect_hello(struct fake_client *client);
/* Nothing more comes, and the server ended the stream. */
void fixture_expect_end(struct fake_client *client);
/* The server is quiet, waits for the client, and has nothing to say. */
void fixture_expect_open(struct fake_client *client);

#endif
