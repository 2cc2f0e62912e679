/* What the FreeRTOS half knows of its threads beside port.h: names, priorities, stacks. */
#ifndef PORT_LWIP_FREERTOS_THREADS_H
#define PORT_LWIP_FREERTOS_THREADS_H

#include <stddef.h>

#include "FreeRTOS.h"
#include "task.h"

/* A task's notification and its pointer that are the port's: the last ones. Handlers and drivers have the others. */
#define PORT_NOTIFICATION (configTASK_NOTIFICATION_ARRAY_ENTRIES - 1)
#define PORT_POINTER      (configNUM_THREAD_LOCAL_STORAGE_POINTERS - 1)

/* Of threads that port_thread_start starts, named "client" in reports, until they say otherwise. */
#define PORT_PRIORITY (tskIDLE_PRIORITY + 1)

/* The calling thread, which port_thread_start started: its name, which stays the caller's, and its priority. */
void thread_is(const char *name, UBaseType_t priority);

struct thread_report {
    const char *name;
    size_t peak, size; /* of its stack, in bytes; FreeRTOS's own struct for the task lies in it too */
};

/* The threads, the youngest first; NOT_FOUND behind the last. Any thread. */
int thread_report(size_t index, struct thread_report *report);

/* FreeRTOS's idle task. */
void thread_report_idle(struct thread_report *report);

#endif
