/* As far as Zephyr 3.4 has it, with its minimal C library. */
#ifndef STUB_SYS_TYPES_H
#define STUB_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef int ssize_t;
typedef long long time_t;
typedef long suseconds_t;
typedef uint32_t clockid_t;

#endif
