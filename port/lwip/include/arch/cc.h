/* What lwIP asks of the compiler and the machine. */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <limits.h>
#include <stdint.h>
#include <sys/time.h>  /* struct timeval, which lwIP would define too */
#include <sys/types.h> /* ssize_t; lwIP makes an int of it where SSIZE_MAX is missing, as in plain C11 */

#ifndef SSIZE_MAX
#define SSIZE_MAX LONG_MAX
#endif
#define LWIP_NO_UNISTD_H 1

#define LWIP_TIMEVAL_PRIVATE   0
#define LWIP_ERRNO_STDINCLUDE  1

#ifndef BYTE_ORDER
#define BYTE_ORDER __BYTE_ORDER__ /* 1234 or 4321, as lwIP's own numbers */
#endif

/* An error of lwIP's own stays with the thread that made the call: not every C library's errno does. */
void sys_arch_set_error(int number);
#define set_errno(number) sys_arch_set_error(number)

void sys_arch_assert_failed(const char *what); /* returns only where lwIP is wrong to ask */
#define LWIP_PLATFORM_ASSERT(what) sys_arch_assert_failed(what)
#define LWIP_PLATFORM_DIAG(words)

uint32_t os_random(void);
#define LWIP_RAND() os_random()

#endif
