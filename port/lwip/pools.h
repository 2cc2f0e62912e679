/* The sums behind lwipopts.h: what does not add up does not compile. */
#ifndef PORT_LWIP_POOLS_H
#define PORT_LWIP_POOLS_H

#include "lwip/opt.h"

/* Mailboxes are of two sizes. */
#define BOX_SMALL DEFAULT_TCP_RECVMBOX_SIZE
#define BOX_LARGE (DEFAULT_ACCEPTMBOX_SIZE > TCPIP_MBOX_SIZE ? DEFAULT_ACCEPTMBOX_SIZE : TCPIP_MBOX_SIZE)

_Static_assert(DEFAULT_UDP_RECVMBOX_SIZE <= BOX_SMALL, "a mailbox of UDP is one of the small ones");
_Static_assert(BOX_SMALL < TCPIP_MBOX_SIZE && BOX_SMALL < DEFAULT_ACCEPTMBOX_SIZE, "mailboxes are of two sizes");
_Static_assert(MEMP_NUM_TCPIP_MSG_API < TCPIP_MBOX_SIZE, "TCPIP_MBOX_SIZE: all messages, so that none is lost");
_Static_assert(BOBBIN_LWIP_BACKLOG >= 1 && BOBBIN_LWIP_BACKLOG <= 255, "BOBBIN_LWIP_BACKLOG is 1 to 255");
_Static_assert(BOBBIN_LWIP_LISTENERS >= 1, "a server listens somewhere: BOBBIN_LWIP_LISTENERS");
_Static_assert(BOBBIN_LWIP_CLIENTS > BOBBIN_MAX_CLIENTS, "beside the clients one more thread stands at the door");
_Static_assert(MEMP_NUM_NETCONN >= BOBBIN_LWIP_CLIENTS + BOBBIN_LWIP_WAITING + BOBBIN_LWIP_LISTENERS,
               "MEMP_NUM_NETCONN: clients, the listeners, and the backlog of each; else newcomers are reset");
_Static_assert(MEMP_NUM_TCP_PCB > BOBBIN_LWIP_CLIENTS + BOBBIN_LWIP_WAITING,
               "MEMP_NUM_TCP_PCB: clients, the backlog of each listener, and one that is on its way out; else "
               "newcomers hear nothing");
_Static_assert(MEMP_NUM_TCP_PCB_LISTEN >= BOBBIN_LWIP_LISTENERS, "MEMP_NUM_TCP_PCB_LISTEN: the listeners");
_Static_assert(PBUF_POOL_SIZE > BOBBIN_LWIP_CLIENTS * BOBBIN_LWIP_PBUFS_A_CLIENT,
               "PBUF_POOL_SIZE: what all clients may leave unread, and some; else the stack goes deaf");
_Static_assert(MEMP_NUM_TCP_SEG >= BOBBIN_LWIP_CLIENTS * TCP_SND_QUEUELEN,
               "MEMP_NUM_TCP_SEG: TCP_SND_QUEUELEN for each client; else one who does not read stops the others");
_Static_assert(MEM_SIZE >= BOBBIN_LWIP_CLIENTS * TCP_SND_BUF,
               "MEM_SIZE: TCP_SND_BUF for each client; else one who does not read stops the others");
_Static_assert(DEFAULT_ACCEPTMBOX_SIZE / 2 > 2 * BOBBIN_LWIP_BACKLOG,
               "DEFAULT_ACCEPTMBOX_SIZE: a full one loses clients");
_Static_assert(SYS_ARCH_THREADS > BOBBIN_LWIP_CLIENTS, "SYS_ARCH_THREADS: the clients' threads, and main");

/* A stack may have to begin where a page does. */
#ifndef SYS_ARCH_STACK_ALIGN
#define SYS_ARCH_STACK_ALIGN 16
#endif

#endif
