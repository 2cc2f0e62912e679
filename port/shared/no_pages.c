/* No pages here that could be guarded: a processor without an MMU. Any thread. */
#include "bobbin/error.h"
#include "port.h"

size_t port_page_bytes(void)
{
    return 0;
}

int port_guard(void *pages, size_t size)
{
    (void)pages;
    (void)size;
    return BOBBIN_UNSUPPORTED;
}

void port_unguard(void *pages, size_t size)
{
    (void)pages;
    (void)size;
}
