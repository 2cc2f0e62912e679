/* As far as Zephyr 3.4 has it and the port uses it. */
#ifndef STUB_NETINET_IN_H
#define STUB_NETINET_IN_H

#include <sys/socket.h>

#define INADDR_ANY       0
#define INET6_ADDRSTRLEN 46
#define IPV6_V6ONLY      26

struct in_addr {
    uint32_t s_addr;
};

struct in6_addr {
    uint8_t s6_addr[16];
};

struct sockaddr_in {
    sa_family_t sin_family;
    uint16_t sin_port;
    struct in_addr sin_addr;
};

struct sockaddr_in6 {
    sa_family_t sin6_family;
    uint16_t sin6_port;
    struct in6_addr sin6_addr;
    uint8_t sin6_scope_id;
};

extern const struct in6_addr in6addr_any;

#define htons(n) __builtin_bswap16((uint16_t)(n))
#define ntohs(n) __builtin_bswap16(n)
#define htonl(n) __builtin_bswap32(n)

#endif
