/* lwIP's options for bobbin. What says #ifndef may be set by a board or with -D; a pool is sized from the clients, so
 * that a full house is a 503 and never a stack that has gone deaf. What is impossible does not compile: pools.h.
 * Costs are RAM, on a 32-bit machine, where nothing else is said. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include "bobbin/config.h"

/* -- what of lwIP there is -- */

#define NO_SYS                  0
#define LWIP_SOCKET             1
#define LWIP_NETCONN            1
#define LWIP_COMPAT_SOCKETS     0 /* recv() stays the system's: lwIP's is lwip_recv() */
#define LWIP_SOCKET_SELECT      0
#define LWIP_SOCKET_POLL        1
#define LWIP_RAW                0
#define LWIP_DNS                0
#define LWIP_UDP                1 /* DHCP, mDNS */
#define LWIP_TCP                1
#define LWIP_ICMP               1
#define LWIP_NETIF_API          0
#define LWIP_NETIF_HOSTNAME     1
#define LWIP_ETHERNET           1
#define LWIP_NETIF_TX_SINGLE_PBUF 0

#ifndef LWIP_IPV4
#define LWIP_IPV4 1
#endif
#ifndef LWIP_IPV6 /* 25 KB of flash */
#define LWIP_IPV6 1
#endif
#ifndef LWIP_DHCP /* 6 KB of flash */
#define LWIP_DHCP 1
#endif
#ifndef LWIP_MDNS_RESPONDER /* NAME.local; 9 KB of flash */
#define LWIP_MDNS_RESPONDER 1
#endif
#ifndef LWIP_HAVE_LOOPIF /* 127.0.0.1 */
#define LWIP_HAVE_LOOPIF 1
#endif
#ifndef IP_REASSEMBLY /* of fragments, which no HTTP client sends; they would hold pbufs */
#define IP_REASSEMBLY 0
#endif
#ifndef IP_FRAG
#define IP_FRAG 0
#endif
#define LWIP_IPV6_REASS 0
#define LWIP_IPV6_FRAG  0

#define LWIP_NETIF_STATUS_CALLBACK         1 /* lwip_stack_wait */
#define LWIP_NETIF_LOOPBACK                LWIP_HAVE_LOOPIF
#define LWIP_NETIF_LOOPBACK_MULTITHREADING 1
#define LWIP_IGMP                          LWIP_MDNS_RESPONDER
#define LWIP_IPV6_MLD                      LWIP_IPV6
#define LWIP_NUM_NETIF_CLIENT_DATA         LWIP_MDNS_RESPONDER
#define LWIP_NETIF_EXT_STATUS_CALLBACK     LWIP_MDNS_RESPONDER /* announces anew when the address changes */
#define MDNS_MAX_SERVICES                  1

/* -- threads -- */

/* A call runs on its caller's thread, under the core lock, and so does a frame that came, on the driver's thread: no
 * message goes to another thread and back. The price is the caller's stack, see ARCHITECTURE.md. */
#define LWIP_TCPIP_CORE_LOCKING       1
#define LWIP_TCPIP_CORE_LOCKING_INPUT 1
/* One thread may interrupt a socket that another one waits on; which needs a semaphore for each thread. */
#define LWIP_NETCONN_FULLDUPLEX     1
#define LWIP_NETCONN_SEM_PER_THREAD 1
#define SYS_LIGHTWEIGHT_PROT        1

#ifndef TCPIP_THREAD_STACKSIZE /* the thread of lwIP's timers: retransmission, DHCP, mDNS */
#define TCPIP_THREAD_STACKSIZE 65536
#endif
#ifndef TCPIP_THREAD_PRIO
#define TCPIP_THREAD_PRIO 0
#endif
#define TCPIP_THREAD_NAME "tcpip"
#define TCPIP_MBOX_SIZE   32 /* 4 bytes each */

/* Threads that call lwIP, beside the clients': main, timers, driver, and the application's own. 150 bytes each. */
#ifndef SYS_ARCH_OTHER_THREADS
#define SYS_ARCH_OTHER_THREADS 6
#endif
#define SYS_ARCH_THREADS (BOBBIN_LWIP_CLIENTS + SYS_ARCH_OTHER_THREADS)

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

#define TCP_LISTEN_BACKLOG 1 /* counts from the first SYN on */
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

/* Messages that wait to be fetched. Of accept: each client of the backlog, with an error between any two, in that half
 * of it where an error is said once (sys_arch.c). */
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
#define LWIP_TCP_MAX_SACK_NUM    4
#define LWIP_TCP_PCB_NUM_EXT_ARGS 1 /* tells when a connection's memory is another's (sockets.c) */
#define SO_REUSE                 1  /* a port is free again while connections linger */
#define LWIP_SO_RCVTIMEO         1  /* deadlines of port_recv; those of port_send are kept by poll */
#define LWIP_SO_SNDRCVTIMEO_NONSTANDARD 1 /* in ms, as an int */
#ifndef MEMP_NUM_TCP_SEG /* 20 bytes each */
#define MEMP_NUM_TCP_SEG (BOBBIN_LWIP_CLIENTS * TCP_SND_QUEUELEN + MEMP_NUM_TCP_PCB)
#endif

struct tcp_pcb;
struct ip_addr;
/* The first sequence number of a connection is not to be guessed (RFC 6528 §3). */
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) \
    ((void)(local_ip), (void)(local_port), (void)(remote_ip), (void)(remote_port), os_random())
/* A segment comes to a connection or a listener, and what stands in a newcomer's way goes (newcomers.c). */
struct tcp_hdr;
signed char port_lwip_segment(struct tcp_pcb *pcb, const struct tcp_hdr *header);
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, length, length1, options2, segment) port_lwip_segment(pcb, header)

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

#define LWIP_CHECKSUM_ON_COPY   1
#ifndef LWIP_CHKSUM_ALGORITHM
#define LWIP_CHKSUM_ALGORITHM 3 /* in words */
#endif

/* -- what is counted: the peaks of the pools -- */

#define LWIP_STATS         1
#define LWIP_STATS_LARGE   1 /* frames are more than 65535 soon */
#define MEMP_STATS         1
#define MEM_STATS          1
#define LINK_STATS         1
#define ETHARP_STATS       0
#define IP_STATS           0
#define IPFRAG_STATS       0
#define ICMP_STATS         0
#define IGMP_STATS         0
#define UDP_STATS          0
#define TCP_STATS          0
#define SYS_STATS          0
#define IP6_STATS          0
#define ICMP6_STATS        0
#define IP6_FRAG_STATS     0
#define MLD6_STATS         0
#define ND6_STATS          0
#define MIB2_STATS         0

#endif
