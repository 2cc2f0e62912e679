/* NAME.local and the server's service, by lwIP's mDNS responder. Main thread. */
#include <stdbool.h>
#include <string.h>

#include "bobbin/error.h"
#include "lwip/apps/mdns.h"
#include "lwip/init.h"
#include "lwip/tcpip.h"
#include "lwip_stack.h"

#define LABEL_BYTES 63
#define PATH_BYTES  64
#define TTL_S       120 /* RFC 6762 §10; later versions have it themselves */

#if LWIP_VERSION_MAJOR == 2 && LWIP_VERSION_MINOR < 2
#define ADD_NETIF(netif, name) mdns_resp_add_netif(netif, name, TTL_S)
#define ADD_SERVICE(netif, name, port, add_text)                                                                     \
    mdns_resp_add_service(netif, name, "_http", DNSSD_PROTO_TCP, port, TTL_S, add_text, NULL)
#else
#define ADD_NETIF(netif, name) mdns_resp_add_netif(netif, name)
#define ADD_SERVICE(netif, name, port, add_text)                                                                     \
    mdns_resp_add_service(netif, name, "_http", DNSSD_PROTO_TCP, port, add_text, NULL)
#endif

#if LWIP_MDNS_RESPONDER
static char path_item[sizeof "path=" + PATH_BYTES];

static bool is_label(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool inside = i > 0 && i + 1 < length;
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c == '-' && inside)))
            return false;
    }
    return length >= 1 && length <= LABEL_BYTES;
}

/* On lwIP's thread, for each answer. */
static void add_path(struct mdns_service *service, void *unused)
{
    (void)unused;
    mdns_resp_add_service_txtitem(service, path_item, (u8_t)strlen(path_item));
}

int lwip_stack_announce(const char *name, uint16_t port, const char *path)
{
    if (!is_label(name) || strlen(path) > PATH_BYTES)
        return BOBBIN_INVALID;
    memcpy(path_item, "path=", 5);
    memcpy(path_item + 5, path, strlen(path) + 1);
    LOCK_TCPIP_CORE();
    mdns_resp_init();
    bool works = ADD_NETIF(netif_default, name) == ERR_OK && ADD_SERVICE(netif_default, name, port, add_path) >= 0;
    UNLOCK_TCPIP_CORE();
    return works ? 0 : BOBBIN_NO_MEMORY;
}
#else
int lwip_stack_announce(const char *name, uint16_t port, const char *path)
{
    (void)name;
    (void)port;
    (void)path;
    return BOBBIN_UNSUPPORTED;
}
#endif
