/* lwIP and its one interface. */
#include "lwip_stack.h"

#include <stdbool.h>
#include <string.h>

#include "bobbin/error.h"
#include "lwip/dhcp.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcpip.h"
#include "pools.h"

#define LOOK_MS 10

static struct netif the_netif;

/* What changes when the interface gets an address. */
static struct {
    struct port_mutex mutex;
    struct port_cond changed;
    bool addressed;
} waiting;

static bool is_open; /* the mutex, the condition and lwIP itself */

/* On whichever thread the address came, under the core lock. */
static void note_status(struct netif *netif)
{
    port_mutex_lock(&waiting.mutex);
    waiting.addressed = netif_is_up(netif) && !ip4_addr_isany(netif_ip4_addr(netif));
    port_cond_broadcast(&waiting.changed);
    port_mutex_unlock(&waiting.mutex);
}

static int open_lwip(void)
{
    int error = port_mutex_init(&waiting.mutex);
    if (error < 0 || (error = port_cond_init(&waiting.changed)) < 0)
        return error;
    tcpip_init(NULL, NULL);
    LOCK_TCPIP_CORE();
    bool first = tcp_ext_arg_alloc_id() == 0; /* sockets.c has it */
    UNLOCK_TCPIP_CORE();
    is_open = true;
    return first ? 0 : BOBBIN_INVALID;
}

/* Under the core lock. */
static int bring_up(const struct lwip_stack_config *config)
{
    if (netif_add(&the_netif, &config->address, &config->mask, &config->gateway, config->driver_state, config->driver,
                  tcpip_input) == NULL)
        return BOBBIN_FAILED;
    netif_set_default(&the_netif);
#if LWIP_NETIF_HOSTNAME
    netif_set_hostname(&the_netif, config->name);
#endif
    netif_set_status_callback(&the_netif, note_status);
#if LWIP_IPV6
    netif_create_ip6_linklocal_address(&the_netif, 1);
    the_netif.ip6_autoconfig_enabled = 1;
#endif
    netif_set_up(&the_netif);
    netif_set_link_up(&the_netif);
    note_status(&the_netif);
#if LWIP_DHCP
    if (ip4_addr_isany_val(config->address) && dhcp_start(&the_netif) != ERR_OK)
        return BOBBIN_NO_MEMORY;
#endif
    return 0;
}

int lwip_stack_start(const struct lwip_stack_config *config)
{
    int error = is_open ? 0 : open_lwip();
    if (error < 0 || config == NULL)
        return error;
    LOCK_TCPIP_CORE();
    error = bring_up(config);
    UNLOCK_TCPIP_CORE();
    return error;
}

int lwip_stack_wait(uint64_t deadline)
{
    int error = 0;
    port_mutex_lock(&waiting.mutex);
    while (!waiting.addressed && error == 0)
        error = port_cond_wait(&waiting.changed, &waiting.mutex, deadline);
    port_mutex_unlock(&waiting.mutex);
    return error;
}

/* Under the core lock. An end that was not confirmed is a segment too. */
static bool is_settled(void)
{
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->unsent != NULL || pcb->unacked != NULL)
            return false;
    }
    return true;
}

void lwip_stack_settle(uint64_t deadline)
{
    for (;;) {
        uint64_t now = port_clock_ms(), next = now + LOOK_MS;
        LOCK_TCPIP_CORE();
        bool settled = is_settled();
        UNLOCK_TCPIP_CORE();
        if (settled || now >= deadline)
            return;
        /* Nobody tells when; some peers confirm 40 ms late. */
        port_mutex_lock(&waiting.mutex);
        port_cond_wait(&waiting.changed, &waiting.mutex, next < deadline ? next : deadline);
        port_mutex_unlock(&waiting.mutex);
    }
}

/* Under the core lock. */
static bool find_address(size_t index, struct port_address *address)
{
    const ip4_addr_t *v4 = netif_ip4_addr(&the_netif);
    if (!ip4_addr_isany(v4) && index-- == 0) {
        address->version = 4;
        memcpy(address->ip, v4, 4);
        return true;
    }
#if LWIP_IPV6
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
        if (!ip6_addr_isvalid(netif_ip6_addr_state(&the_netif, i)) || index-- != 0)
            continue;
        address->version = 6;
        memcpy(address->ip, netif_ip6_addr(&the_netif, i)->addr, 16);
        if (ip6_addr_islinklocal(netif_ip6_addr(&the_netif, i)))
            address->scope = netif_get_index(&the_netif);
        return true;
    }
#endif
    return false;
}

int lwip_stack_address(size_t index, struct port_address *address)
{
    memset(address, 0, sizeof *address);
    LOCK_TCPIP_CORE();
    bool found = find_address(index, address);
    UNLOCK_TCPIP_CORE();
    return found ? 0 : BOBBIN_NOT_FOUND;
}
