/* POSIX: numeric addresses, without getaddrinfo, which allocates. Any thread. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "port_posix.h"
#include "system.h"

socklen_t port_posix_address(struct sockaddr_storage *address, int family, const void *ip, uint16_t port)
{
    struct sockaddr_in *v4 = (void *)address;
    struct sockaddr_in6 *v6 = (void *)address;
    if (family != AF_INET && !port_posix_has_ipv6())
        return 0;
    memset(address, 0, sizeof *address);
    address->ss_family = (sa_family_t)family;
    v4->sin_port = htons(port); /* sin6_port stands at the same place */
    if (family == AF_INET) {
        memcpy(&v4->sin_addr, ip, sizeof v4->sin_addr);
        return sizeof *v4;
    }
    memcpy(&v6->sin6_addr, ip, sizeof v6->sin6_addr);
    return sizeof *v6;
}

/* An interface's name, or its number. 0: neither. */
static uint32_t scope_of(const char *text)
{
    uint32_t number = port_posix_interface(text);
    if (number != 0)
        return number;
    for (; *text >= '0' && *text <= '9' && number < UINT32_MAX / 10; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return *text == '\0' ? number : 0;
}

socklen_t port_posix_parse(struct sockaddr_storage *address, const char *text, uint16_t port)
{
    char bare[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "%");
    struct in6_addr ip;
    if (inet_pton(AF_INET, text, &ip) == 1)
        return port_posix_address(address, AF_INET, &ip, port);
    if (!port_posix_has_ipv6() || length >= sizeof bare)
        return 0;
    memcpy(bare, text, length);
    bare[length] = '\0';
    if (inet_pton(AF_INET6, bare, &ip) != 1)
        return 0;
    socklen_t size = port_posix_address(address, AF_INET6, &ip, port);
    if (text[length] == '%') {
        uint32_t scope = scope_of(text + length + 1);
        if (scope == 0)
            return 0;
        ((struct sockaddr_in6 *)(void *)address)->sin6_scope_id = (system_scope)scope;
    }
    return size;
}
