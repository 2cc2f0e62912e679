/* What only a host can show: signals that must not come, and a page that must not be touched. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract.h"

static volatile sig_atomic_t signals;

static void note_signal(int number)
{
    (void)number;
    signals++;
}

static void catch_signal(int number, struct sigaction *before)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    signals = 0;
    sigaction(number, &action, before);
}

static void no_signal_is_delivered_to_threads(void **state)
{
    struct contract_worker worker = {0};
    struct contract_pair pair;
    struct sigaction before;
    sigset_t one, mask;
    char byte;
    int number = 0;

    (void)state;
    catch_signal(SIGUSR1, &before);
    contract_pair_open(&pair);
    worker = (struct contract_worker){.socket = &pair.server, .deadline = PORT_NEVER, .buffer = &byte, .size = 1};
    contract_start(&worker, contract_recv);
    contract_peer->settle();
    /* This thread takes none either, so that the worker would be the only one left to get it. */
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &one, &mask);
    kill(getpid(), SIGUSR1);
    contract_peer->send(pair.client, "x", 1);
    contract_join(&worker);
    assert_int_equal(worker.result, 1);
    assert_int_equal(signals, 0);
    assert_int_equal(sigwait(&one, &number), 0);
    assert_int_equal(number, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGUSR1, &before, NULL);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void send_to_peer_that_left_raises_no_signal(void **state)
{
    const struct port_piece piece = {"x", 1};
    struct contract_pair pair;
    struct sigaction before;
    int result = 0;

    (void)state;
    catch_signal(SIGPIPE, &before);
    contract_pair_open(&pair);
    contract_peer->leave(pair.client);
    for (int i = 0; i < 100000 && result >= 0; i++)
        result = port_send(&pair.server, &piece, 1, PORT_NEVER, NULL);
    assert_int_equal(result, BOBBIN_CLOSED);
    assert_int_equal(port_send(&pair.server, &piece, 1, PORT_NEVER, NULL), BOBBIN_CLOSED);
    port_interrupt(&pair.server);
    assert_int_equal(port_send(&pair.server, &piece, 1, PORT_NEVER, NULL), BOBBIN_CLOSED);
    assert_int_equal(signals, 0);
    sigaction(SIGPIPE, &before, NULL);
    contract_pair_close(&pair);
}

static void a_guarded_page_faults_until_it_is_given_back_and_its_neighbours_do_not(void **state)
{
    size_t page = port_page_bytes();
    int status = 0;

    (void)state;
    if (page == 0) {
        char byte;
        assert_int_equal(port_guard(&byte, 0), BOBBIN_UNSUPPORTED);
        skip();
    }
    assert_int_equal(page & (page - 1), 0);
    char *pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    assert_int_equal(port_guard(pages + page, page), 0);
    pages[page - 1] = pages[2 * page] = 1;
    for (size_t at = page; at < 2 * page; at += page - 1) { /* its first and its last byte */
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            signal(SIGSEGV, SIG_DFL); /* not a sanitizer's */
            signal(SIGBUS, SIG_DFL);
            ((volatile char *)pages)[at] = 1;
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_true(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
    }
    port_unguard(pages + page, page);
    memset(pages, 1, 3 * page);
    munmap(pages, 3 * page);
}

int contract_run_host(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(no_signal_is_delivered_to_threads),
        CONTRACT_TEST(send_to_peer_that_left_raises_no_signal),
        CONTRACT_TEST(a_guarded_page_faults_until_it_is_given_back_and_its_neighbours_do_not),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
