/* The lines that tell at start where the server is and what memory it has. Main thread, stdout. */
#include "announce.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "values.h"

static void print_place(const struct run_words *words, const char *host, unsigned port)
{
    bool brackets = strchr(host, ':') != NULL;

    if (words->path != NULL)
        printf("  http://%s%s%s:%u%s\n", brackets ? "[" : "", host, brackets ? "]" : "", port, words->path);
    else
        printf("  bobbin connect %s %u\n", host, port);
}

/* Whether others can type the address: no loopback; no link-local one, which needs the interface beside it. */
static bool is_typable(const struct ifaddrs *interface, int family)
{
    if (interface->ifa_addr == NULL || interface->ifa_addr->sa_family != family || !(interface->ifa_flags & IFF_UP) ||
        (interface->ifa_flags & IFF_LOOPBACK))
        return false;
    if (family == AF_INET) {
        const struct sockaddr_in *ip = (const void *)interface->ifa_addr;
        uint32_t host = ntohl(ip->sin_addr.s_addr);

        return host >> 16 != 0xa9fe && host >> 24 != 127;
    }
    const struct sockaddr_in6 *ip = (const void *)interface->ifa_addr;

    return !IN6_IS_ADDR_LINKLOCAL(&ip->sin6_addr) && !IN6_IS_ADDR_LOOPBACK(&ip->sin6_addr);
}

/* One line for each address of the family; returns how many. */
static size_t print_interfaces(const struct run_words *words, unsigned port, int family)
{
    struct ifaddrs *all;
    size_t count = 0;

    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
        char host[INET6_ADDRSTRLEN];
        const void *ip;

        if (!is_typable(at, family))
            continue;
        ip = family == AF_INET ? (const void *)&((const struct sockaddr_in *)(const void *)at->ifa_addr)->sin_addr
                               : (const void *)&((const struct sockaddr_in6 *)(const void *)at->ifa_addr)->sin6_addr;
        if (inet_ntop(family, ip, host, sizeof host) == NULL)
            continue;
        print_place(words, host, port);
        count++;
    }
    freeifaddrs(all);
    return count;
}

static void print_everywhere(const struct run_words *words, unsigned port, bool ip4, bool ip6)
{
    size_t count = 0;

    if (ip4)
        count += print_interfaces(words, port, AF_INET);
    if (ip6)
        count += print_interfaces(words, port, AF_INET6);
    if (count == 0)
        print_place(words, "localhost", port);
}

static void print_memory(const struct bobbin_config *config, const struct bobbin_plan *plan)
{
    char stack[VALUE_TEXT], buffer[VALUE_TEXT], bookkeeping[VALUE_TEXT], server[VALUE_TEXT], total[VALUE_TEXT];

    value_print_bytes(plan->stack_bytes, stack, sizeof stack);
    value_print_bytes(plan->buffer_bytes, buffer, sizeof buffer);
    value_print_bytes(plan->bookkeeping_bytes, bookkeeping, sizeof bookkeeping);
    value_print_bytes(plan->server_bytes, server, sizeof server);
    value_print_bytes(plan->total_bytes, total, sizeof total);
    printf("Memory: %u client%s x (%s stack + %s buffer + %s bookkeeping) + 1 at the door + %s server = %s\n",
           config->max_clients, config->max_clients == 1 ? "" : "s", stack, buffer, bookkeeping, server, total);
}

void announce(const struct bobbin *server, const struct bobbin_config *config, const struct bobbin_plan *plan,
              const struct run_words *words)
{
    struct bobbin_peer address;

    printf("bobbin %s %s on port %u. %s\n", BOBBIN_VERSION, words->does, bobbin_port(server), words->invite);
    size_t count = config->socket_count != 0 ? config->socket_count : config->address_count;

    if (count == 0)
        print_everywhere(words, bobbin_port(server), true, true);
    for (size_t i = 0; i < count && bobbin_address(server, i, &address) == BOBBIN_OK; i++) {
        const char *colon = strrchr(address.text, ':');
        unsigned port = 0;

        for (const char *at = colon; at != NULL && at[1] != '\0'; at++)
            port = port * 10 + (unsigned)(at[1] - '0');
        address.text[address.address_start + address.address_length] = '\0';
        const char *host = address.text + address.address_start;

        if (strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0)
            print_everywhere(words, port, *host == '0' || config->socket_count != 0, *host == ':');
        else
            print_place(words, host, port);
    }
    print_memory(config, plan);
    fflush(stdout);
}
