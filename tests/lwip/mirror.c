/* The mirror: IPv4 packets with source and destination exchanged, which leaves all checksums as they are. */
#include "mirror.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lwip/ip4.h"
#include "lwip/pbuf.h"
#include "lwip/tcpip.h"
#include "lwip_stack.h"
#include "test_stack.h"

#define RING 256

/* The wire: packets under way, each in memory of the test's own. */
static struct {
    struct port_mutex mutex;
    struct port_cond changed;
    struct packet {
        u16_t length;
        char bytes[1600];
    } packets[RING];
    unsigned first, count;
    struct netif *netif;
    struct port_thread thread;
} wire;

static atomic_uint lost;

/* Under the core lock. A full wire loses what comes. */
static err_t send_packet(struct netif *netif, struct pbuf *p, const ip4_addr_t *next)
{
    (void)netif;
    (void)next;
    port_mutex_lock(&wire.mutex);
    if (wire.count < RING && p->tot_len <= sizeof wire.packets->bytes) {
        struct packet *packet = &wire.packets[(wire.first + wire.count++) % RING];
        char exchanged[4];
        packet->length = pbuf_copy_partial(p, packet->bytes, p->tot_len, 0);
        memcpy(exchanged, packet->bytes + 12, 4);
        memcpy(packet->bytes + 12, packet->bytes + 16, 4);
        memcpy(packet->bytes + 16, exchanged, 4);
        port_cond_signal(&wire.changed);
    }
    port_mutex_unlock(&wire.mutex);
    return ERR_OK;
}

static void deliver(const struct packet *packet)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, packet->length, PBUF_POOL);
    if (p == NULL) {
        atomic_fetch_add(&lost, 1);
        return;
    }
    pbuf_take(p, packet->bytes, packet->length);
    if (wire.netif->input(p, wire.netif) != ERR_OK)
        pbuf_free(p);
}

static void run(void *unused)
{
    static struct packet packet;
    (void)unused;
    for (;;) {
        port_mutex_lock(&wire.mutex);
        while (wire.count == 0)
            port_cond_wait(&wire.changed, &wire.mutex, PORT_NEVER);
        packet = wire.packets[wire.first];
        wire.first = (wire.first + 1) % RING;
        wire.count--;
        port_mutex_unlock(&wire.mutex);
        deliver(&packet);
    }
}

static err_t start(struct netif *netif)
{
    netif->name[0] = 'm';
    netif->name[1] = 'i';
    netif->mtu = 1500;
    netif->output = send_packet;
    wire.netif = netif;
    return ERR_OK;
}

void mirror_start(void)
{
    struct lwip_stack_config config = {.driver = start};
    char *stack = aligned_alloc(65536, (BOBBIN_TEST_STACK + 65535) / 65536 * 65536);
    assert_non_null(stack);
    assert_int_equal(port_mutex_init(&wire.mutex), 0);
    assert_int_equal(port_cond_init(&wire.changed), 0);
    IP4_ADDR(&config.address, 10, 99, 0, 1);
    IP4_ADDR(&config.mask, 255, 255, 255, 0);
    assert_int_equal(lwip_stack_start(&config), 0);
    assert_int_equal(port_thread_start(&wire.thread, run, NULL, stack, BOBBIN_TEST_STACK), 0);
}

unsigned mirror_lost(void)
{
    return atomic_load(&lost);
}
