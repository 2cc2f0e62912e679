/* What the two files of this port share. */
#ifndef PORT_POSIX_H
#define PORT_POSIX_H

#include <stdint.h>

/* The enum bobbin_error of an errno value. */
int port_posix_error(int number);

/* Milliseconds from now to a deadline: 0 when it has passed. At most what an int holds. */
int port_posix_left_ms(uint64_t deadline);

#endif
