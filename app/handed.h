/* Listening sockets that whoever started the program has opened for it, by sd_listen_fds(3)'s protocol: LISTEN_FDS
 * descriptors from 3 on, for the process LISTEN_PID. Main thread. */
#ifndef HANDED_H
#define HANDED_H

#include <stddef.h>
#include <stdint.h>

#include "bobbin/config.h"

struct handed {
    intptr_t sockets[BOBBIN_LISTENERS];
    size_t count; /* 0: none were handed over */
};

/* 0; or -1, and it is told on stderr why they cannot be taken. */
int handed_find(struct handed *handed);

/* Says on stderr which of them is of no use. */
void handed_complain(size_t index);

#endif
