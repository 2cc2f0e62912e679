/* The addresses of this machine, asked of Linux by rtnetlink(7): getifaddrs takes memory from the heap. */
#include "interfaces.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "address.h"
#include "arena.h"

#define ROOM_BYTES 8192 /* the longest piece of an answer (NLMSG_GOODSIZE) */

struct visit {
    int socket;
    struct port_address address; /* its version and port are those that are asked for */
    interface_teller *tell;
    const void *context;
    size_t count;
};

/* The system call itself: musl's function knows the structs of all devices of old kernels, 0.8 KB of them. */
static bool get(const struct visit *visit, int what, struct ifreq *request)
{
    return syscall(SYS_ioctl, visit->socket, what, request) == 0;
}

/* Whether the interface is on, and leads to other machines. */
static bool is_up(const struct visit *visit, uint32_t index)
{
    struct ifreq request = {.ifr_ifindex = (int)index};

    return get(visit, SIOCGIFNAME, &request) && get(visit, SIOCGIFFLAGS, &request) &&
           (request.ifr_flags & (IFF_UP | IFF_LOOPBACK)) == IFF_UP;
}

/* Whether others can type the address: no loopback; no link-local one, which needs the interface beside it. */
static bool is_typable(const struct port_address *address)
{
    const uint8_t *ip = address->ip;
    bool link_local = address->version == 4 ? ip[0] == 169 && ip[1] == 254 : ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;

    return !link_local && !address_is_loopback(address);
}

static void visit_address(struct visit *visit, const struct nlmsghdr *message)
{
    const struct ifaddrmsg *about = NLMSG_DATA(message);
    size_t left = NLMSG_PAYLOAD(message, sizeof *about), size = visit->address.version == 4 ? 4 : 16;
    struct bobbin_peer text;
    bool local = false;

    for (const struct rtattr *at = IFA_RTA(about); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
        /* Of a link from point to point, IFA_ADDRESS is the other end. */
        if (RTA_PAYLOAD(at) != size || (at->rta_type != IFA_LOCAL && (at->rta_type != IFA_ADDRESS || local)))
            continue;
        local = at->rta_type == IFA_LOCAL;
        memcpy(visit->address.ip, RTA_DATA(at), size);
    }
    if (!is_typable(&visit->address) || !is_up(visit, about->ifa_index))
        return;
    address_text(&visit->address, &text);
    visit->tell(&text, visit->context);
    visit->count++;
}

/* Reads the kernel's answer, piece by piece, until it says that it is done. */
static void read_answer(struct visit *visit, void *room)
{
    for (;;) {
        ssize_t got = recv(visit->socket, room, ROOM_BYTES, 0);
        size_t left = got > 0 ? (size_t)got : 0;
        const struct nlmsghdr *at = room;

        if (left == 0)
            return;
        for (; NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
            if (at->nlmsg_type == NLMSG_DONE || at->nlmsg_type == NLMSG_ERROR)
                return;
            if (at->nlmsg_type == RTM_NEWADDR)
                visit_address(visit, at);
        }
    }
}

size_t interfaces_list(uint8_t version, uint16_t port, interface_teller *tell, const void *context)
{
    const struct {
        struct nlmsghdr head;
        struct ifaddrmsg about;
    } question = {
        .head = {.nlmsg_len = sizeof question, .nlmsg_type = RTM_GETADDR, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .about = {.ifa_family = version == 4 ? AF_INET : AF_INET6}};
    struct visit visit = {.address = {.version = version, .port = port}, .tell = tell, .context = context};
    void *room = arena_map(ROOM_BYTES);

    visit.socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (room != NULL && visit.socket >= 0 &&
        send(visit.socket, &question, sizeof question, 0) == (ssize_t)sizeof question)
        read_answer(&visit, room);
    if (visit.socket >= 0)
        close(visit.socket);
    if (room != NULL)
        arena_unmap(room, ROOM_BYTES);
    return visit.count;
}
