/* As far as Zephyr 3.4 has it and the port uses it. */
#ifndef STUB_ARPA_INET_H
#define STUB_ARPA_INET_H

#include <netinet/in.h>

int inet_pton(sa_family_t family, const char *text, void *address);

#endif
