/* The server tests' fixture: starting, stopping and the handlers that most tests use. */
#include "server_fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATIENCE_S 100

/* -- handlers -- */

static int hello(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    f->handled++;
    return bobbin_reply_text(x, "hello\n");
}

static int gate(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    f->handled++;
    fake_gate_pass(&f->gate);
    return bobbin_reply_text(x, "hello\n");
}

static int echo(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    int got;

    f->handled++;
    f->body_length = 0;
    while ((got = bobbin_read(x, f->body + f->body_length, FIXTURE_BODY_MAX - f->body_length)) > 0)
        f->body_length += (size_t)got;
    f->result = got;
    return got < 0 ? got : bobbin_reply(x, "application/octet-stream", f->body, f->body_length);
}

static int ignore(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    f->handled++;
    return bobbin_reply_text(x, "ignored\n");
}

static int flood(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    char piece[512];

    f->handled++;
    memset(piece, 'f', sizeof piece);
    int result = bobbin_length(x, FIXTURE_BODY_MAX);
    for (size_t sent = 0; sent < FIXTURE_BODY_MAX && result >= 0; sent += sizeof piece)
        result = bobbin_write(x, piece, sizeof piece);
    f->result = result;
    return result < 0 ? result : 0;
}

const struct bobbin_route fixture_routes[] = {
    {.pattern = "/hello", .methods = BOBBIN_GET, .handler = hello},
    {.pattern = "/gate", .methods = BOBBIN_GET, .handler = gate},
    {.pattern = "/echo", .methods = BOBBIN_POST, .handler = echo},
    {.pattern = "/ignore", .methods = BOBBIN_POST, .handler = ignore},
    {.pattern = "/flood", .methods = BOBBIN_GET, .handler = flood},
};
const size_t fixture_route_count = sizeof fixture_routes / sizeof *fixture_routes;

#define ROUTES_MAX 16

/* Routes are read all the time, and each has to know its fixture. */
static struct bobbin_route routes_in_use[ROUTES_MAX];

void fixture_routes_set(struct fixture *f, const struct bobbin_route *routes, size_t count)
{
    assert_true(count <= ROUTES_MAX);
    memcpy(routes_in_use, routes, count * sizeof *routes);
    for (size_t i = 0; i < count; i++)
        routes_in_use[i].context = f;
    f->config.routes = routes_in_use;
    f->config.route_count = count;
}

static pthread_mutex_t peer_lock = PTHREAD_MUTEX_INITIALIZER;

/* Called by several threads at once. */
static void note_connected(void *context, const struct bobbin_peer *peer)
{
    struct fixture *f = context;
    pthread_mutex_lock(&peer_lock);
    f->peer = *peer;
    pthread_mutex_unlock(&peer_lock);
    f->connected++;
}

static void note_finished(void *context, const struct bobbin_exchange *x)
{
    struct fixture *f = context;
    f->finished_status = bobbin_reply_status(x);
    f->finished++;
}

/* -- beginning and end -- */

int fixture_setup(void **state)
{
    static const char *const loopback[] = {"127.0.0.1", "::1"};
    struct fixture *f = calloc(1, sizeof *f);

    if (f == NULL)
        return -1;
    alarm(PATIENCE_S);
    fake_reset();
    bobbin_config_init(&f->config);
    fixture_routes_set(f, fixture_routes, fixture_route_count);
    f->config.addresses = loopback;
    f->config.address_count = 2;
    f->config.port = 0;
    f->config.backlog = 16;
    f->config.max_clients = 4;
    f->config.stack_bytes = BOBBIN_TEST_STACK;
    f->config.connected = note_connected;
    f->config.finished = note_finished;
    f->config.context = f;
    *state = f;
    return 0;
}

int fixture_open(struct fixture *f)
{
    struct bobbin_plan plan;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    assert_int_equal(bobbin_plan(&f->config, &plan), 0);
    if (f->memory != NULL)
        munmap(f->memory, f->bytes); /* of an attempt that failed */
    size_t whole = (plan.bytes + page - 1) / page * page;
    f->bytes = whole + page;
    f->memory = mmap(NULL, f->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(f->memory != MAP_FAILED);
    char *end = (char *)f->memory + whole;
    assert_int_equal(mprotect(end, page, PROT_NONE), 0);
    char *start = end - plan.bytes;
    start -= (uintptr_t)start % 16; /* as a caller's array would be; at most 15 bytes go unwatched */
    int result = bobbin_open(&f->server, &f->config, start, plan.bytes, NULL);
    f->opened = result == 0;
    if (f->opened)
        f->port = bobbin_port(f->server);
    return result;
}

static void run(void *context)
{
    struct fixture *f = context;
    f->run_result = bobbin_run(f->server);
}

void fixture_start(struct fixture *f)
{
    assert_int_equal(fixture_open(f), 0);
    f->runner_stack = aligned_alloc(65536, (BOBBIN_TEST_STACK + 65535) / 65536 * 65536);
    assert_non_null(f->runner_stack);
    f->run_result = 1;
    assert_int_equal(port_thread_start(&f->runner, run, f, f->runner_stack, BOBBIN_TEST_STACK), 0);
    f->running = true;
    fake_wait_quiet();
    assert_int_equal(f->run_result, 1);
}

void fixture_stop(struct fixture *f)
{
    bobbin_stop(f->server);
    fake_wait_quiet();
}

bool fixture_has_stopped(struct fixture *f)
{
    fake_wait_quiet();
    return f->run_result != 1;
}

void fixture_end(struct fixture *f)
{
    if (f->running) {
        fake_gate_open(&f->gate);
        bobbin_stop(f->server);
        fake_drop_all(); /* whoever still waits for a client is told that it is gone */
        port_thread_join(&f->runner);
        f->running = false;
        assert_int_equal(f->run_result, 0);
    }
    if (f->opened)
        bobbin_close(f->server);
    f->opened = false;
    free(f->runner_stack);
    f->runner_stack = NULL;
    if (f->memory != NULL)
        munmap(f->memory, f->bytes);
    f->memory = NULL;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;

    fixture_end(f);
    assert_int_equal(fake_live_threads(), 0);
    assert_int_equal(fake_open_sockets(), 0);
    assert_int_equal(fake_open_locks(), 0);
    assert_true(fake_log_printable());
    free(f);
    alarm(0);
    return 0;
}
