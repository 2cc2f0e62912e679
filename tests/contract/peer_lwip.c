/* The other side of the lwIP port: sockets of the same lwIP, over its loopback. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lwip/api.h"
#include "lwip/memp.h"
#include "lwip/priv/sockets_priv.h"
#include "lwip/sockets.h"
#include "lwip/stats.h"
#include "lwip/tcp.h"
#include "lwip/tcpip.h"

#include "contract.h"
#include "lwip_stack.h"
#include "posix.h"

#define PATIENCE_S 60

static void give_up(const char *what)
{
    fprintf(stderr, "%s: error %d\n", what, sys_arch_error());
    abort();
}

static unsigned sockets_before;

static unsigned open_sockets(void)
{
    LOCK_TCPIP_CORE();
    unsigned used = lwip_stats.memp[MEMP_NETCONN]->used;
    UNLOCK_TCPIP_CORE();
    return used;
}

static void begin(void)
{
    sockets_before = open_sockets();
    alarm(PATIENCE_S);
}

static void end(void)
{
    alarm(0);
    assert_int_equal(open_sockets(), sockets_before);
}

static intptr_t connect_to(const struct port_address *to, struct port_address *from)
{
    struct sockaddr_in v4 = {.sin_len = sizeof v4, .sin_family = AF_INET, .sin_port = lwip_htons(to->port)};
    struct sockaddr_in6 v6 = {.sin6_len = sizeof v6, .sin6_family = AF_INET6, .sin6_port = lwip_htons(to->port)};

    memcpy(&v4.sin_addr, to->ip, 4);
    memcpy(&v6.sin6_addr, to->ip, 16);
    struct sockaddr *address = to->version == 4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t length = to->version == 4 ? sizeof v4 : sizeof v6;
    int number = lwip_socket(address->sa_family, SOCK_STREAM, 0);
    if (number < 0)
        give_up("socket");
    if (lwip_connect(number, address, length) != 0 || lwip_getsockname(number, address, &length) != 0)
        give_up("connect");
    *from = *to;
    from->port = lwip_ntohs(to->version == 4 ? v4.sin_port : v6.sin6_port);
    return number;
}

static void send_all(intptr_t client, const void *data, size_t length)
{
    if (lwip_send((int)client, data, length, 0) != (ssize_t)length)
        give_up("send");
}

static size_t read_all(intptr_t client, void *buffer, size_t size)
{
    size_t got = 0;

    while (got < size) {
        ssize_t more = lwip_recv((int)client, (char *)buffer + got, size - got, 0);
        if (more < 0 && sys_arch_error() != ENOTCONN) /* which it says of an end that it told before */
            give_up("recv");
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    return got;
}

static void finish(intptr_t client)
{
    lwip_shutdown((int)client, SHUT_WR);
}

static void leave(intptr_t client)
{
    lwip_close((int)client);
}

static void reset(intptr_t client)
{
    LOCK_TCPIP_CORE();
    struct netconn *conn = lwip_socket_dbg_get_socket((int)client)->conn;
    if (conn->pcb.tcp != NULL)
        tcp_abort(conn->pcb.tcp);
    UNLOCK_TCPIP_CORE();
    lwip_close((int)client);
}

static void pass(uint64_t ms)
{
    (void)ms; /* it passes by itself */
}

/* There is nobody here who may not do something. */
static int listen_without_rights(uint16_t port)
{
    (void)port;
    return 1;
}

static bool sends_at_once(const struct port_socket *socket)
{
    int on = 0;
    socklen_t length = sizeof on;
    lwip_getsockopt((int)socket->handle, IPPROTO_TCP, TCP_NODELAY, &on, &length);
    return on != 0;
}

/* contract-lwip [FILTER] */
int main(int argc, char **argv)
{
    const struct contract_peer peer = {
        .begin = begin,
        .end = end,
        .has_v6 = LWIP_IPV6,
        .connect = connect_to,
        .send = send_all,
        .read = read_all,
        .finish = finish,
        .leave = leave,
        .reset = reset,
        .settle = posix_settle,
        .pass = pass,
        .listen_without_rights = listen_without_rights,
        .sends_at_once = sends_at_once,
    };
    if (lwip_stack_start(NULL) < 0) {
        fputs("lwIP does not start\n", stderr);
        return 1;
    }
    return contract_run(&peer, argc > 1 ? argv[1] : NULL);
}
