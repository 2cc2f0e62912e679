/* The addresses of a host's name, as the system finds them. Main thread. */
#include "names.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "why.h"

size_t names_find(const char *name, struct name_address *found, size_t size, const char **why)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *all;
    int result = getaddrinfo(name, NULL, &hints, &all);
    size_t count = 0;

    if (result != 0) {
        *why = result == EAI_SYSTEM ? why_text(errno) : gai_strerror(result);
        return 0;
    }
    for (const struct addrinfo *at = all; at != NULL && count < size; at = at->ai_next, count++) {
        const struct sockaddr_in *v4 = (const void *)at->ai_addr;
        const struct sockaddr_in6 *v6 = (const void *)at->ai_addr;

        found[count].family = at->ai_family;
        if (at->ai_family == AF_INET)
            memcpy(found[count].ip, &v4->sin_addr, sizeof v4->sin_addr);
        else
            memcpy(found[count].ip, &v6->sin6_addr, sizeof v6->sin6_addr);
    }
    freeaddrinfo(all);
    return count;
}
