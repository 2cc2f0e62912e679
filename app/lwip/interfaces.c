/* The addresses of this program's own IP stack, and its name. Main thread. */
#include "interfaces.h"

#include <string.h>

#include "address.h"
#include "line.h"
#include "lwip_stack.h"
#include "network_lwip.h"

/* Others cannot type a link-local address without the interface beside it. */
static bool is_typable(const struct port_address *address)
{
    return address->version == 4 || address->ip[0] != 0xfe || (address->ip[1] & 0xc0) != 0x80;
}

/* As an address of version 4, the first that browsers ask for. */
static size_t tell_name(uint16_t port, interface_teller *tell, const void *context)
{
    const char *label = network_label();
    struct bobbin_peer place;
    struct line line = {.data = place.text, .size = sizeof place.text - 1};

    if (label == NULL)
        return 0;
    line_text(&line, label);
    line_text(&line, ".local");
    place.address_start = 0;
    place.address_length = (uint8_t)line.length;
    line_text(&line, ":");
    line_number(&line, port);
    place.text[line.length] = '\0';
    tell(&place, context);
    return 1;
}

size_t interfaces_list(uint8_t version, uint16_t port, interface_teller *tell, const void *context)
{
    struct port_address address;
    size_t count = 0;

    for (size_t i = 0; lwip_stack_address(i, &address) == 0; i++) {
        struct bobbin_peer place;

        if (address.version != version || !is_typable(&address))
            continue;
        address.port = port;
        address_text(&address, &place);
        tell(&place, context);
        count++;
    }
    return version == 4 ? count + tell_name(port, tell, context) : count;
}
