/* lwIP's driver for a TAP device: a thread reads frames straight into lwIP's buffers and walks up the stack with
 * each, under the core lock; whoever sends, under it too, writes them to the device. */
#include "tap.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ethernet.h"
#include "lwip/tcpip.h"
#include "netif/ethernet.h"
#include "port.h"

#define MTU         1500
#define FRAME_BYTES (SIZEOF_ETH_HDR + MTU) /* which has ETH_PAD_SIZE in front */
#define PIECES      32                     /* of a frame that is sent; TCP's have two or three */

_Static_assert(PBUF_POOL_BUFSIZE >= FRAME_BYTES, "a frame has to fit one buffer of the pool");

static _Alignas(16) unsigned char stack[TCPIP_THREAD_STACKSIZE]; /* as deep as lwIP's own thread goes */
static struct port_thread receiver;

/* Under the core lock. A device that is full, or off on the system's side, loses the frame as a wire does. */
static err_t send_frame(struct netif *netif, struct pbuf *frame)
{
    static struct iovec pieces[PIECES]; /* the lock guards it; a client's stack is small */
    const struct tap *tap = netif->state;
    size_t count = 0, skip = ETH_PAD_SIZE;

    for (const struct pbuf *at = frame; at != NULL; at = at->next) {
        if (count == PIECES)
            return ERR_BUF;
        pieces[count++] = (struct iovec){.iov_base = (char *)at->payload + skip, .iov_len = at->len - skip};
        skip = 0;
    }
    while (writev(tap->fd, pieces, (int)count) < 0 && errno == EINTR)
        ;
    return ERR_OK;
}

/* The length of the next frame; without a buffer it is read into the void. -1: there is none, ever again. */
static int read_frame(const struct tap *tap, struct pbuf *frame)
{
    struct pollfd waiting = {.fd = tap->fd, .events = POLLIN};
    char nowhere;

    for (;;) {
        ssize_t got = frame == NULL ? read(tap->fd, &nowhere, 1)
                                    : read(tap->fd, (char *)frame->payload + ETH_PAD_SIZE, FRAME_BYTES);

        if (got > 0)
            return (int)got;
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        (void)poll(&waiting, 1, -1);
    }
}

static void receive(void *argument)
{
    static const char gone[] = "the TAP device is gone";
    struct netif *netif = argument;
    struct tap *tap = netif->state;

    for (;;) {
        struct pbuf *frame = pbuf_alloc(PBUF_RAW, ETH_PAD_SIZE + FRAME_BYTES, PBUF_POOL);
        int length = read_frame(tap, frame);

        if (length < 0) {
            port_log(PORT_LOG_ERROR, gone, sizeof gone - 1);
            if (frame != NULL)
                pbuf_free(frame);
            for (;;)
                (void)poll(NULL, 0, -1); /* nobody would join it */
        }
        if (frame == NULL) {
            tap->dropped++;
            continue;
        }
        pbuf_realloc(frame, (u16_t)(ETH_PAD_SIZE + length));
        /* What netif->input comes to, which reads the interface's flags before it has the lock. */
        LOCK_TCPIP_CORE();
        err_t error = ethernet_input(frame, netif);
        UNLOCK_TCPIP_CORE();
        if (error != ERR_OK)
            pbuf_free(frame);
    }
}

err_t tap_netif(struct netif *netif)
{
    const struct tap *tap = netif->state;

    netif->name[0] = 't';
    netif->name[1] = 'p';
    netif->hwaddr_len = TAP_MAC_BYTES;
    memcpy(netif->hwaddr, tap->mac, TAP_MAC_BYTES);
    netif->mtu = MTU;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP |
                   NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
#if LWIP_IPV6
    netif->output_ip6 = ethip6_output;
#endif
    netif->linkoutput = send_frame;
    return port_thread_start(&receiver, receive, netif, stack, sizeof stack) == 0 ? ERR_OK : ERR_MEM;
}
