/* lwIP: what stands in a newcomer's way, and goes. */
#include "lwip/priv/tcp_priv.h"
#include "port_lwip.h"

#define HANDSHAKE_TICKS 2 /* of 500 ms: a second at most, half a one at least */

/* Under the core lock: of the connections that were begun a while ago and not completed. */
static struct tcp_pcb *oldest_half_open(const struct tcp_pcb_listen *listener)
{
    struct tcp_pcb *oldest = NULL;
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->state != SYN_RCVD || pcb->listener != listener || tcp_ticks - pcb->tmr < HANDSHAKE_TICKS)
            continue;
        if (oldest == NULL || tcp_ticks - pcb->tmr >= tcp_ticks - oldest->tmr) /* the list has the youngest first */
            oldest = pcb;
    }
    return oldest;
}

/* They count in the backlog, and lwIP keeps each for 20 s: as many SYNs as the backlog is long, from addresses that
 * nobody has, would make the listener deaf for so long. When it is full, the oldest makes room, unless it is of a
 * crowd that comes just now: then the newcomer is not heard, and knocks again a second later. Without a word, since
 * its sender may be somebody else. */
static void make_room(const struct tcp_pcb_listen *listener)
{
    struct tcp_pcb *oldest = listener->accepts_pending < listener->backlog ? NULL : oldest_half_open(listener);
    if (oldest != NULL)
        tcp_abandon(oldest, 0);
}

signed char port_lwip_segment(struct tcp_pcb *pcb, const struct tcp_hdr *header)
{
    if ((TCPH_FLAGS(header) & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
        return ERR_OK;
    if (pcb->state == LISTEN)
        make_room((const void *)pcb);
    /* We ended a connection, and its client has the port again: for two minutes lwIP would answer with an ACK of the
     * old one. A SYN behind its last byte begins a new one (RFC 6191 §2), and is heard when it is sent again. */
    if (pcb->state == TIME_WAIT && TCP_SEQ_GT(header->seqno, pcb->rcv_nxt)) {
        tcp_abandon(pcb, 0);
        return ERR_ABRT;
    }
    return ERR_OK;
}
