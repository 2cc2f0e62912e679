/* lwIP's options for bobbin. What says #ifndef, here and in lwip_sizes.h, may be set by a board or with -D; a pool is
 * sized from the clients, so that a full house is a 503 and never a stack that has gone deaf. Costs are RAM, on a
 * 32-bit machine, where nothing else is said. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include "lwip_sizes.h"

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
#define LWIP_IPV6 BOBBIN_IPV6
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

/* -- TCP -- */

#define TCP_LISTEN_BACKLOG              1 /* counts from the first SYN on */
#define LWIP_TCP_MAX_SACK_NUM           4
#define LWIP_TCP_PCB_NUM_EXT_ARGS       1 /* tells when a connection's memory is another's (sockets.c) */
#define SO_REUSE                        1 /* a port is free again while connections linger */
#define LWIP_SO_RCVTIMEO                1 /* deadlines of port_recv; those of port_send are kept by poll */
#define LWIP_SO_SNDRCVTIMEO_NONSTANDARD 1 /* in ms, as an int */
#define LWIP_CHECKSUM_ON_COPY   1
#ifndef LWIP_CHKSUM_ALGORITHM
#define LWIP_CHKSUM_ALGORITHM 3 /* in words */
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
