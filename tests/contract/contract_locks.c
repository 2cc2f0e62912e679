/* Mutexes, conditions and clocks. */
#include <stdatomic.h>
#include <string.h>

#include "contract.h"

#define ROUNDS 2000

/* What the workers of one test share, under its mutex. */
struct shared {
    struct port_mutex mutex;
    struct port_cond cond;
    unsigned count, inside, waiting, woken;
    bool go, met;
    uint64_t deadline, returned_ms;
    int result;
    atomic_bool arrived, entered;
};

static void shared_open(struct shared *shared)
{
    memset(shared, 0, sizeof *shared);
    memset(&shared->mutex, 0xee, sizeof shared->mutex); /* whatever was there before */
    memset(&shared->cond, 0xee, sizeof shared->cond);
    assert_int_equal(port_mutex_init(&shared->mutex), 0);
    assert_int_equal(port_cond_init(&shared->cond), 0);
}

static void shared_close(struct shared *shared)
{
    port_cond_destroy(&shared->cond);
    port_mutex_destroy(&shared->mutex);
}

static void start(struct contract_worker *worker, struct shared *shared, void (*entry)(void *))
{
    worker->buffer = (char *)shared;
    contract_start(worker, entry);
}

static struct shared *shared_of(void *worker)
{
    return (struct shared *)(void *)((struct contract_worker *)worker)->buffer;
}

static void count_up(void *worker)
{
    struct shared *shared = shared_of(worker);

    for (int i = 0; i < ROUNDS; i++) {
        port_mutex_lock(&shared->mutex);
        if (shared->inside++ > 0)
            shared->met = true;
        shared->count++;
        shared->inside--;
        port_mutex_unlock(&shared->mutex);
    }
}

static void mutex_lets_one_in(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct shared shared;

    (void)state;
    shared_open(&shared);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        start(&workers[i], &shared, count_up);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        contract_join(&workers[i]);
    assert_false(shared.met);
    assert_int_equal(shared.count, CONTRACT_THREADS * ROUNDS);
    shared_close(&shared);
}

static void enter(void *worker)
{
    struct shared *shared = shared_of(worker);

    atomic_store(&shared->arrived, true);
    port_mutex_lock(&shared->mutex);
    atomic_store(&shared->entered, true);
    port_mutex_unlock(&shared->mutex);
}

static void a_held_mutex_keeps_others_out(void **state)
{
    struct contract_worker worker = {0};
    struct shared shared;

    (void)state;
    shared_open(&shared);
    port_mutex_lock(&shared.mutex);
    start(&worker, &shared, enter);
    for (int i = 0; i < 20000 || !atomic_load(&shared.arrived); i++) { /* the clock's call lets others run as well */
        (void)port_clock_ms();
        assert_false(atomic_load(&shared.entered));
    }
    port_mutex_unlock(&shared.mutex);
    contract_join(&worker);
    assert_true(shared.entered);
    shared_close(&shared);
}

/* -- conditions -- */

static void wait_for_go(void *worker)
{
    struct shared *shared = shared_of(worker);

    port_mutex_lock(&shared->mutex);
    shared->waiting++;
    while (!shared->go && shared->result == 0)
        shared->result = port_cond_wait(&shared->cond, &shared->mutex, shared->deadline);
    shared->woken++;
    shared->returned_ms = port_clock_ms();
    port_mutex_unlock(&shared->mutex);
}

static void broadcast_wakes_all_that_wait(void **state)
{
    const uint64_t deadlines[] = {PORT_NEVER, port_clock_ms() + 3600000};

    (void)state;
    for (size_t round = 0; round < 2; round++) {
        struct contract_worker workers[CONTRACT_THREADS] = {0};
        struct shared shared;

        shared_open(&shared);
        shared.deadline = deadlines[round];
        for (size_t i = 0; i < CONTRACT_THREADS; i++)
            start(&workers[i], &shared, wait_for_go);
        contract_peer->settle();
        port_mutex_lock(&shared.mutex);
        assert_int_equal(shared.waiting, CONTRACT_THREADS); /* all of them gave the mutex back */
        shared.go = true;
        port_cond_broadcast(&shared.cond);
        port_mutex_unlock(&shared.mutex);
        for (size_t i = 0; i < CONTRACT_THREADS; i++)
            contract_join(&workers[i]);
        assert_int_equal(shared.woken, CONTRACT_THREADS);
        assert_int_equal(shared.result, 0);
        shared_close(&shared);
    }
}

static void broadcast_without_the_mutex_wakes_too(void **state)
{
    struct contract_worker worker = {0};
    struct shared shared;

    (void)state;
    shared_open(&shared);
    shared.deadline = PORT_NEVER;
    start(&worker, &shared, wait_for_go);
    contract_peer->settle();
    port_mutex_lock(&shared.mutex);
    shared.go = true;
    port_mutex_unlock(&shared.mutex);
    port_cond_broadcast(&shared.cond);
    contract_join(&worker);
    assert_int_equal(shared.result, 0);
    shared_close(&shared);
}

/* A queue's use: as many signals as there are things to take, and nobody is left behind. */
static void take_one(void *worker)
{
    struct shared *shared = shared_of(worker);

    port_mutex_lock(&shared->mutex);
    shared->waiting++;
    while (shared->count == 0 && shared->result == 0)
        shared->result = port_cond_wait(&shared->cond, &shared->mutex, shared->deadline);
    shared->count--;
    shared->woken++;
    port_mutex_unlock(&shared->mutex);
}

static void each_signal_wakes_one_that_waits(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct shared shared;

    (void)state;
    shared_open(&shared);
    shared.deadline = PORT_NEVER;
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        start(&workers[i], &shared, take_one);
    contract_peer->settle();
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        port_mutex_lock(&shared.mutex);
        shared.count++;
        port_cond_signal(&shared.cond);
        port_mutex_unlock(&shared.mutex);
    }
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        contract_join(&workers[i]);
    assert_int_equal(shared.woken, CONTRACT_THREADS);
    assert_int_equal(shared.count, 0);
    assert_int_equal(shared.result, 0);
    port_cond_signal(&shared.cond); /* nobody waits: nothing happens */
    shared_close(&shared);
}

static void cond_wait_times_out_at_its_deadline(void **state)
{
    struct contract_worker worker = {0};
    struct shared shared;

    (void)state;
    shared_open(&shared);
    shared.deadline = port_clock_ms() + CONTRACT_SHORT_MS;
    start(&worker, &shared, wait_for_go);
    contract_peer->pass(CONTRACT_SHORT_MS + PORT_LATE_MS);
    contract_join(&worker);
    assert_int_equal(shared.result, BOBBIN_TIMEOUT);
    assert_true(shared.returned_ms >= shared.deadline);
    shared_close(&shared);
}

static void cond_wait_takes_deadline_zero_as_long_past_and_holds_the_mutex(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct shared shared;

    (void)state;
    shared_open(&shared);
    port_mutex_lock(&shared.mutex);
    assert_int_equal(port_cond_wait(&shared.cond, &shared.mutex, 0), BOBBIN_TIMEOUT);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        start(&workers[i], &shared, count_up);
    for (int i = 0; i < ROUNDS; i++) { /* held again: nobody else comes in */
        if (shared.inside++ > 0)
            shared.met = true;
        shared.inside--;
    }
    assert_int_equal(shared.count, 0);
    port_mutex_unlock(&shared.mutex);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        contract_join(&workers[i]);
    assert_false(shared.met);
    shared_close(&shared);
}

/* -- clocks -- */

static void clock_is_monotonic_and_never_0(void **state)
{
    uint64_t last = port_clock_ms();

    (void)state;
    assert_true(last > 0);
    for (int i = 0; i < 10000; i++) {
        uint64_t now = port_clock_ms();
        assert_true(now >= last);
        last = now;
    }
    contract_peer->pass(1);
    assert_true(port_clock_ms() >= last);
}

static void wall_clock_is_unknown_or_after_1970(void **state)
{
    (void)state;
    int64_t now = port_wall_clock();
    assert_true(now == -1 || now > 0);
}

int contract_run_locks(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(mutex_lets_one_in),
        CONTRACT_TEST(a_held_mutex_keeps_others_out),
        CONTRACT_TEST(broadcast_wakes_all_that_wait),
        CONTRACT_TEST(broadcast_without_the_mutex_wakes_too),
        CONTRACT_TEST(each_signal_wakes_one_that_waits),
        CONTRACT_TEST(cond_wait_times_out_at_its_deadline),
        CONTRACT_TEST(cond_wait_takes_deadline_zero_as_long_past_and_holds_the_mutex),
        CONTRACT_TEST(clock_is_monotonic_and_never_0),
        CONTRACT_TEST(wall_clock_is_unknown_or_after_1970),
    };
    return cmocka_run_group_tests_name("locks", tests, NULL, NULL);
}
