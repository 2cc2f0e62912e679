/* How much of each thing lwIP has: pools, mailboxes, windows. Part of lwipopts.h, where is said what may be set; what
 * does not add up does not compile (pools.h). */
#ifndef LWIP_SIZES_H
#define LWIP_SIZES_H

#include "bobbin/config.h"

/* -- how many -- */

/* Clients' threads, of all servers in the program together, those at the door included. */
#ifndef BOBBIN_LWIP_CLIENTS
#define BOBBIN_LWIP_CLIENTS (BOBBIN_MAX_CLIENTS + 1)
#endif
#ifndef BOBBIN_LWIP_LISTENERS /* open at once, of all servers */
#define BOBBIN_LWIP_LISTENERS BOBBIN_LISTENERS
#endif
#ifndef BOBBIN_LWIP_BACKLOG /* connections that wait at a listener, at most 255; port_listen asks for no more */
#define BOBBIN_LWIP_BACKLOG 16
#endif
#ifndef BOBBIN_LWIP_OTHER_SOCKETS /* of the application */
#define BOBBIN_LWIP_OTHER_SOCKETS 4
#endif

#define BOBBIN_LWIP_WAITING (BOBBIN_LWIP_LISTENERS * BOBBIN_LWIP_BACKLOG)

/* Whoever completes a handshake takes a netconn, is in the backlog until it is accepted, and a client then: there are
 * as many as can be. 60 bytes and a mailbox each. */
#ifndef MEMP_NUM_NETCONN
#define MEMP_NUM_NETCONN \
    (BOBBIN_LWIP_CLIENTS + BOBBIN_LWIP_WAITING + BOBBIN_LWIP_LISTENERS + BOBBIN_LWIP_OTHER_SOCKETS)
#endif
/* The same, and connections that nobody has any more but that wait for the last of the peer: when the pool runs out,
 * those in TIME_WAIT, LAST_ACK and CLOSING make room, oldest first. 170 bytes each. */
#ifndef MEMP_NUM_TCP_PCB
#define MEMP_NUM_TCP_PCB (2 * BOBBIN_LWIP_CLIENTS + BOBBIN_LWIP_WAITING + BOBBIN_LWIP_OTHER_SOCKETS)
#endif
#define MEMP_NUM_TCP_PCB_LISTEN BOBBIN_LWIP_LISTENERS
#define MEMP_NUM_UDP_PCB        (LWIP_DHCP + LWIP_MDNS_RESPONDER + BOBBIN_LWIP_OTHER_SOCKETS)
#define MEMP_NUM_NETBUF         BOBBIN_LWIP_OTHER_SOCKETS
#define MEMP_NUM_SYS_TIMEOUT    (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 12 * LWIP_MDNS_RESPONDER)
#define MEMP_NUM_TCPIP_MSG_INPKT 4
#define MEMP_NUM_TCPIP_MSG_API   4

#ifndef ARP_TABLE_SIZE /* hosts on the LAN that are spoken to at once; 24 bytes each */
#define ARP_TABLE_SIZE (BOBBIN_MAX_CLIENTS + 4 < 127 ? BOBBIN_MAX_CLIENTS + 4 : 127)
#endif
#define ARP_QUEUEING 0

/* Messages that wait to be fetched. Of accept: each client of the backlog, with an error between any two, in that
 * half of it where an error is said once (sys_arch.c). */
#define DEFAULT_ACCEPTMBOX_SIZE (2 * (2 * BOBBIN_LWIP_BACKLOG + 2))
/* Segments that a client sent ahead of who reads them. Not all are full: what finds no place is lost, and comes again
 * 200 ms later. With 8 an upload over a window of 8 segments was echoed at 0.25 MB/s, with 16 at 17 to 45. */
#ifndef DEFAULT_TCP_RECVMBOX_SIZE
#define DEFAULT_TCP_RECVMBOX_SIZE (2 * TCP_WND / TCP_MSS)
#endif
#define DEFAULT_UDP_RECVMBOX_SIZE 2
#define DEFAULT_RAW_RECVMBOX_SIZE 2

/* -- TCP -- */

#ifndef TCP_MSS
#define TCP_MSS 1460
#endif
#ifndef TCP_WND /* a client may send this ahead; an upload's speed is this for each round trip */
#define TCP_WND (8 * TCP_MSS)
#endif
#ifndef TCP_SND_BUF /* a reply that is under way, for each client, in MEM */
#define TCP_SND_BUF (8 * TCP_MSS)
#endif
#ifndef TCP_SND_QUEUELEN
#define TCP_SND_QUEUELEN (4 * TCP_SND_BUF / TCP_MSS)
#endif
#ifndef TCP_QUEUE_OOSEQ /* keeps what came behind a lost segment */
#define TCP_QUEUE_OOSEQ 1
#endif
#if TCP_QUEUE_OOSEQ
#define TCP_OOSEQ_MAX_PBUFS 4
#else
#define TCP_OOSEQ_MAX_PBUFS 0
#endif
#ifndef MEMP_NUM_TCP_SEG /* 20 bytes each */
#define MEMP_NUM_TCP_SEG (BOBBIN_LWIP_CLIENTS * TCP_SND_QUEUELEN + MEMP_NUM_TCP_PCB)
#endif

/* -- memory -- */

#define MEM_LIBC_MALLOC  0 /* all of it is static */
#define MEMP_MEM_MALLOC  0
#ifndef MEM_ALIGNMENT
#define MEM_ALIGNMENT __SIZEOF_POINTER__
#endif

#ifndef PBUF_POOL_BUFSIZE /* what comes from the network; a whole frame, or a part of one */
#define PBUF_POOL_BUFSIZE 1536
#endif
/* Of a client that nobody reads, the mailbox holds so many segments and TCP one more, and none beyond its window; the
 * rest is for whoever comes. */
#define BOBBIN_LWIP_PBUFS_A_CLIENT                                                                                   \
    (DEFAULT_TCP_RECVMBOX_SIZE + 1 + TCP_OOSEQ_MAX_PBUFS +                                                           \
     (PBUF_POOL_BUFSIZE < 1518 ? (TCP_WND + PBUF_POOL_BUFSIZE - 1) / PBUF_POOL_BUFSIZE : 0))
#ifndef BOBBIN_LWIP_SPARE_PBUFS
#define BOBBIN_LWIP_SPARE_PBUFS 16
#endif
#ifndef PBUF_POOL_SIZE
#define PBUF_POOL_SIZE (BOBBIN_LWIP_CLIENTS * BOBBIN_LWIP_PBUFS_A_CLIENT + BOBBIN_LWIP_SPARE_PBUFS)
#endif
/* What goes to the network: each client's replies, and their headers. */
#ifndef MEM_SIZE
#define MEM_SIZE (BOBBIN_LWIP_CLIENTS * (TCP_SND_BUF + TCP_SND_BUF / 2) + 8192)
#endif

#endif
