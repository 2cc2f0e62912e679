/* lwIP: addresses as text, as sockets have them, and as the contract does. Any thread, unless said otherwise. */
#include <string.h>

#include "bobbin/error.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "port_lwip.h"

void port_lwip_address(const struct sockaddr_storage *from, struct port_address *to)
{
    memset(to, 0, sizeof *to);
#if LWIP_IPV6
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)from;
        to->version = 6;
        to->port = lwip_ntohs(v6->sin6_port);
        to->scope = v6->sin6_scope_id;
        memcpy(to->ip, &v6->sin6_addr, 16);
        return;
    }
#endif
    const struct sockaddr_in *v4 = (const void *)from;
    to->version = 4;
    to->port = lwip_ntohs(v4->sin_port);
    memcpy(to->ip, &v4->sin_addr, 4);
}

/* As inet_pton: lwIP also takes "1", "010.0.0.1", "1:2" and "127.0.0.1 " for addresses. */
bool port_lwip_parse(const char *text, ip_addr_t *address)
{
    if (!ipaddr_aton(text, address))
        return false;
#if LWIP_IPV6
    if (IP_IS_V6(address)) {
        size_t length = strspn(text, "0123456789abcdefABCDEF:."), colons = 0;
        for (size_t i = 0; i < length; i++)
            colons += text[i] == ':';
        return (text[length] == '\0' || text[length] == '%') && (colons == 7 || strstr(text, "::") != NULL);
    }
#endif
    char canonical[IP4ADDR_STRLEN_MAX];
    return ip4addr_ntoa_r(ip_2_ip4(address), canonical, sizeof canonical) != NULL && strcmp(text, canonical) == 0;
}

socklen_t port_lwip_sockaddr(struct sockaddr_storage *to, const ip_addr_t *address, uint16_t port)
{
    memset(to, 0, sizeof *to);
#if LWIP_IPV6
    if (IP_IS_V6(address)) {
        struct sockaddr_in6 *v6 = (void *)to;
        v6->sin6_len = sizeof *v6;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = lwip_htons(port);
        inet6_addr_from_ip6addr(&v6->sin6_addr, ip_2_ip6(address));
        v6->sin6_scope_id = ip6_addr_zone(ip_2_ip6(address));
        return sizeof *v6;
    }
#endif
    struct sockaddr_in *v4 = (void *)to;
    v4->sin_len = sizeof *v4;
    v4->sin_family = AF_INET;
    v4->sin_port = lwip_htons(port);
    inet_addr_from_ip4addr(&v4->sin_addr, ip_2_ip4(address));
    return sizeof *v4;
}

/* Whether an interface has it, or it is any address. Under the core lock. */
static bool is_here(const ip_addr_t *address)
{
    struct netif *netif;
    if (ip_addr_isany(address))
        return true;
    NETIF_FOREACH(netif)
    {
        if (IP_IS_V4(address) && ip4_addr_cmp(ip_2_ip4(address), netif_ip4_addr(netif)))
            return true;
#if LWIP_IPV6
        if (IP_IS_V6(address) && netif_get_ip6_addr_match(netif, ip_2_ip6(address)) >= 0)
            return true;
#endif
    }
    return false;
}

/* Whether a client could mean both. */
static bool overlap(const ip_addr_t *one, bool one_is_both, const ip_addr_t *other)
{
    if (one_is_both || IP_IS_ANY_TYPE_VAL(*other))
        return true;
    return IP_IS_V6(one) == IP_IS_V6(other) &&
           (ip_addr_isany(one) || ip_addr_isany(other) || ip_addr_cmp(one, other));
}

int port_lwip_check_listen(const ip_addr_t *address, bool both, uint16_t port)
{
    if (!is_here(address))
        return BOBBIN_NO_ADDRESS;
    for (struct tcp_pcb_listen *pcb = tcp_listen_pcbs.listen_pcbs; pcb != NULL && port != 0; pcb = pcb->next) {
        if (pcb->local_port == port && overlap(address, both, &pcb->local_ip))
            return BOBBIN_IN_USE;
    }
    return 0;
}
