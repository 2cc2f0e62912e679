/* Each of lwIP's pools runs out, with the whole server on it: it stays up, and serves again. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "house.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sockets.h"
#include "lwip/stats.h"
#include "lwip/tcp.h"
#include "lwip/tcpip.h"
#include "mirror.h"
#include "os.h"
#include "pools.h"
#include "test_stack.h"

#define PATIENCE_S 20

/* A visit on a thread of its own: it may take until a segment is sent again. */
struct visit {
    struct port_thread thread;
    void *stack;
    int client, result;
};

static void connect_and_greet(void *argument)
{
    struct visit *visit = argument;
    visit->result = house_connect(visit->client, house_port());
    if (visit->result == 0)
        house_say(visit->client, REQUEST("/hello"));
}

static void start_visit(struct visit *visit)
{
    visit->client = house_client();
    visit->stack = aligned_alloc(65536, (BOBBIN_TEST_STACK + 65535) / 65536 * 65536);
    assert_non_null(visit->stack);
}

static void let_go(struct visit *visit)
{
    assert_int_equal(port_thread_start(&visit->thread, connect_and_greet, visit, visit->stack, BOBBIN_TEST_STACK), 0);
}

static void end_visit(struct visit *visit)
{
    port_thread_join(&visit->thread);
    free(visit->stack);
    assert_int_equal(visit->result, 0);
    house_expect(visit->client, "hello\n");
    lwip_close(visit->client);
}

/* -- pools -- */

/* Pools count under a lock of their own. */
static unsigned used(memp_t pool)
{
    os_protect();
    unsigned count = lwip_stats.memp[pool]->used;
    os_unprotect();
    return count;
}

static unsigned failures(memp_t pool)
{
    os_protect();
    unsigned count = lwip_stats.memp[pool]->err;
    os_unprotect();
    return count;
}

/* Takes all that there is, as a list. */
static void *take_all(memp_t pool)
{
    void **list = NULL, **one;
    LOCK_TCPIP_CORE();
    while ((one = memp_malloc(pool)) != NULL) {
        *one = list;
        list = one;
    }
    UNLOCK_TCPIP_CORE();
    assert_non_null(list);
    return list;
}

static void give_back(memp_t pool, void *list)
{
    LOCK_TCPIP_CORE();
    while (list != NULL) {
        void *next = *(void **)list;
        memp_free(pool, list);
        list = next;
    }
    UNLOCK_TCPIP_CORE();
}

/* All of them: those in TIME_WAIT give theirs up, the newest last, which is first in the list. */
static void *take_pcbs(void)
{
    void **list = NULL, **one;
    LOCK_TCPIP_CORE();
    while ((one = (void *)tcp_new()) != NULL) {
        *one = list;
        list = one;
    }
    UNLOCK_TCPIP_CORE();
    assert_non_null(list);
    return list;
}

static unsigned netconns_before, pbufs_before;

/* Also of those that the last test left there is none but in TIME_WAIT. */
static bool is_quiet(void)
{
    LOCK_TCPIP_CORE();
    bool quiet = tcp_active_pcbs == NULL;
    UNLOCK_TCPIP_CORE();
    return quiet;
}

static int note_pools(void **state)
{
    (void)state;
    alarm(PATIENCE_S);
    house_close_gate();
    while (!is_quiet())
        sched_yield();
    netconns_before = used(MEMP_NETCONN);
    pbufs_before = used(MEMP_PBUF_POOL);
    return 0;
}

/* The next one is served, and nothing stayed behind: the server's side may be a moment later than the client's. */
static int check_pools(void **state)
{
    (void)state;
    house_open_gate();
    house_check_hello();
    while (used(MEMP_NETCONN) != netconns_before || used(MEMP_PBUF_POOL) != pbufs_before)
        sched_yield();
    alarm(0);
    return 0;
}

static void without_netconns_a_newcomer_is_sent_away(void **state)
{
    int client = house_client();
    char byte;
    (void)state;
    void *list = take_all(MEMP_NETCONN);
    int result = house_connect(client, house_port()); /* from the client's side it succeeds */
    if (result == 0)
        result = (int)lwip_recv(client, &byte, 1, 0);
    give_back(MEMP_NETCONN, list);
    assert_int_equal(result, -1);
    lwip_close(client);
}

static void without_pcbs_a_newcomer_comes_again(void **state)
{
    struct visit visit;
    (void)state;
    start_visit(&visit);
    void *list = take_pcbs();
    unsigned before = failures(MEMP_TCP_PCB);
    let_go(&visit);
    while (failures(MEMP_TCP_PCB) == before)
        sched_yield();
    give_back(MEMP_TCP_PCB, list);
    end_visit(&visit);
}

static void without_pbufs_frames_are_lost_and_come_again(void **state)
{
    struct visit visit;
    struct pbuf *list = NULL, *one;
    unsigned lost = mirror_lost();
    (void)state;
    start_visit(&visit);
    while ((one = pbuf_alloc(PBUF_RAW, 1, PBUF_POOL)) != NULL) {
        one->next = list;
        list = one;
    }
    let_go(&visit);
    while (mirror_lost() == lost)
        sched_yield();
    for (; list != NULL; list = one) {
        one = list->next;
        list->next = NULL;
        pbuf_free(list);
    }
    end_visit(&visit);
}

/* The request is there, and its reply finds none. */
static void check_reply_waits_for(void *(*take)(void), void (*give)(void *), unsigned (*failed)(void))
{
    int client = house_client();
    assert_int_equal(house_connect(client, house_port()), 0);
    house_say(client, "POST /gate HTTP/1.1\r\nHost: device\r\nContent-Length: 4\r\n\r\nbody");
    house_wait_inside(1);
    void *list = take();
    unsigned before = failed();
    house_open_gate();
    while (failed() == before)
        sched_yield();
    give(list);
    house_expect(client, "\r\n\r\nbody");
    lwip_close(client);
}

static void *take_segments(void)
{
    return take_all(MEMP_TCP_SEG);
}

static void give_segments(void *list)
{
    give_back(MEMP_TCP_SEG, list);
}

static unsigned segment_failures(void)
{
    return failures(MEMP_TCP_SEG);
}

static void without_segments_a_reply_waits(void **state)
{
    (void)state;
    check_reply_waits_for(take_segments, give_segments, segment_failures);
}

static void *take_memory(void)
{
    void **list = NULL, **one;
    for (size_t size = 16384; size >= sizeof *list; size /= 2) {
        while ((one = mem_malloc((mem_size_t)size)) != NULL) {
            *one = list;
            list = one;
        }
    }
    assert_non_null(list);
    return list;
}

static void give_memory(void *list)
{
    while (list != NULL) {
        void *next = *(void **)list;
        mem_free(list);
        list = next;
    }
}

static unsigned memory_failures(void)
{
    LOCK_TCPIP_CORE();
    unsigned count = lwip_stats.mem.err;
    UNLOCK_TCPIP_CORE();
    return count;
}

static void without_memory_a_reply_waits(void **state)
{
    (void)state;
    check_reply_waits_for(take_memory, give_memory, memory_failures);
}

/* -- mailboxes -- */

static void more_pieces_than_the_mailbox_holds_are_all_read(void **state)
{
    int client = house_client();
    char body[DEFAULT_TCP_RECVMBOX_SIZE + 8 + 1]; /* which the client's side can have under way */
    (void)state;
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    assert_int_equal(house_connect(client, house_port()), 0);
    house_say(client, "POST /gate HTTP/1.1\r\nHost: device\r\nTransfer-Encoding: chunked\r\n\r\n");
    house_wait_inside(1);
    for (size_t i = 0; i < sizeof body - 1; i++)
        house_say(client, "1\r\nx\r\n");
    house_open_gate();
    house_say(client, "0\r\n\r\n");
    house_expect(client, body);
    lwip_close(client);
}

static void note(void *flag)
{
    atomic_fetch_add((atomic_uint *)flag, 1);
}

static void without_messages_to_the_stack_nobody_is_held_up(void **state)
{
    static atomic_uint noted;
    unsigned posted = 0;
    (void)state;
    LOCK_TCPIP_CORE(); /* lwIP's thread cannot go on */
    while (tcpip_try_callback(note, &noted) == ERR_OK)
        posted++;
    UNLOCK_TCPIP_CORE();
    house_check_hello();
    assert_int_equal(posted, MEMP_NUM_TCPIP_MSG_API); /* its mailbox holds more of them than there are */
    while (atomic_load(&noted) < posted)
        sched_yield();
}

/* Nobody accepts. Then somebody does, and the listener ends while others still wait. */
static void a_full_backlog_is_silent_and_ends_with_its_listener(void **state)
{
    enum { ALL = BOBBIN_LWIP_BACKLOG + 8 };
    int clients[ALL], on = 1, accepted = 0;
    struct port_socket listener, client;
    struct port_address at, peer;
    (void)state;
    assert_int_equal(port_listen(&listener, MIRROR_HERE, 0, BOBBIN_LWIP_BACKLOG), 0);
    assert_int_equal(port_local_address(&listener, &at), 0);
    for (int i = 0; i < ALL; i++) {
        clients[i] = house_client();
        lwip_ioctl(clients[i], FIONBIO, &on);
        house_connect(clients[i], at.port);
    }
    house_check_hello(); /* the wire is quiet: what was sent before has arrived */
    while (accepted < BOBBIN_LWIP_BACKLOG / 2 && port_accept(&listener, 1, &client, &peer, PORT_NEVER) == 0) {
        port_close(&client);
        accepted++;
    }
    assert_int_equal(accepted, BOBBIN_LWIP_BACKLOG / 2);
    port_close(&listener);
    for (int i = 0; i < ALL; i++)
        lwip_close(clients[i]);
}

/* -- what lwIP forgets -- */

/* A connection in TIME_WAIT, whose socket is still open, makes room for another; then its owner closes it. */
static void a_forgotten_connection_is_not_another_clients(void **state)
{
    struct port_socket listener, ours;
    struct port_address at, peer;
    char byte;
    (void)state;
    assert_int_equal(port_listen(&listener, MIRROR_HERE, 0, 4), 0);
    assert_int_equal(port_local_address(&listener, &at), 0);
    int first = house_client(), second = house_client();
    assert_int_equal(house_connect(first, at.port), 0);
    assert_int_equal(port_accept(&listener, 1, &ours, &peer, PORT_NEVER), 0);
    port_finish(&ours);
    assert_int_equal(lwip_recv(first, &byte, 1, 0), 0);
    lwip_close(first);
    assert_int_equal(port_recv(&ours, &byte, 1, PORT_NEVER), 0);
    void **ours_was = take_pcbs();
    give_back(MEMP_TCP_PCB, *ours_was);
    *ours_was = NULL;
    give_back(MEMP_TCP_PCB, ours_was); /* the next to be taken */
    assert_int_equal(house_connect(second, house_port()), 0); /* has its memory now */
    port_close(&ours);
    house_say(second, REQUEST("/hello"));
    house_expect(second, "hello\n");
    lwip_close(second);
    port_close(&listener);
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, note_pools, check_pools)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(without_netconns_a_newcomer_is_sent_away),
        POOL_TEST(without_pcbs_a_newcomer_comes_again),
        POOL_TEST(without_pbufs_frames_are_lost_and_come_again),
        POOL_TEST(without_segments_a_reply_waits),
        POOL_TEST(without_memory_a_reply_waits),
        POOL_TEST(more_pieces_than_the_mailbox_holds_are_all_read),
        POOL_TEST(without_messages_to_the_stack_nobody_is_held_up),
        POOL_TEST(a_full_backlog_is_silent_and_ends_with_its_listener),
        POOL_TEST(a_forgotten_connection_is_not_another_clients),
    };
    return cmocka_run_group_tests_name("pools", tests, house_start, house_stop);
}
