/* What lwIP wants of the system below it beside port.h's threads and locks. One OS half fulfils both: port/posix on
 * hosts, port/lwip/freertos on microcontrollers. Any thread. */
#ifndef PORT_LWIP_OS_H
#define PORT_LWIP_OS_H

#include <stdint.h>

/* One pointer for each thread, NULL at first: the semaphore by which lwIP wakes it. When a thread that has one ends,
 * on that thread, sys_arch_thread_ends(note) is called. */
void *os_thread_note(void);
void os_thread_set_note(void *note);
void sys_arch_thread_ends(void *note); /* sys_arch.c */

/* A section that nothing else of the program interrupts, for a few instructions; may be nested. */
void os_protect(void);
void os_unprotect(void);

/* As hard to guess as the system has it: sequence numbers and ports begin with it. */
uint32_t os_random(void);

/* Ends the program, or the device: lwIP has found itself broken. */
_Noreturn void os_halt(void);

#endif
